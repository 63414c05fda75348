"""The plan in money: what it earns, what it does to cash, and how far it is from budget and goals."""
