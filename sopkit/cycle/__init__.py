"""The cycle: its stages, declared once, and the same cycle computed in memory."""
