"""How the company did, how well its plans hold, and what proves its planning process."""
