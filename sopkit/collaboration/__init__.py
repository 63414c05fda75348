"""Rows that people add to the input tables, with author and reason."""
