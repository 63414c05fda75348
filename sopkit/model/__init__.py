"""One plan as arrays: parameters read from tables, the solution read back."""
