"""The approved months as weeks and days of work, and the orders that follow from them."""
