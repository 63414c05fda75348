"""Which dimensions are groups of another one, at any depth above it."""

GROUPED = {"product_group": "family", "market_group": "market"}  # groups: what they are groups of


def table_of(dimension: str) -> str:
    """The table that knows a dimension's groups.

    >>> table_of("market_group")
    'market_groups'
    """
    return f"{dimension}s"
