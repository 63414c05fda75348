"""Checks of the input tables, and the data issues they find."""
