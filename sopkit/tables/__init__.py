"""What a table must be: columns, types, keys, references; the one join; issues; periods."""

from sopkit.tables.joins import attach
from sopkit.tables.validation import conform, conform_all, empty

__all__ = ["attach", "conform", "conform_all", "empty"]
