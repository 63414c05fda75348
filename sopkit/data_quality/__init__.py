"""Checks of the inputs, and the data issues they find."""
