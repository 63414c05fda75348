"""The operations plan: the approved months as weeks and days, and the orders."""
