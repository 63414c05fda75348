"""sopkit: a planning workbook for sales & operations planning."""
