"""How products are called in sentences and tables that people read."""

from pandas import DataFrame

from sopkit.rules.remember import remembered


@remembered
def named(products: DataFrame) -> dict[str, str]:
    """Products by name and code: `Daypack 20 l (PACK-1)`; by code where they have no name."""
    if "description" not in products:
        return {}
    known = products[products["description"].notna()]
    return {one.product: f"{one.description} ({one.product})" for one in known.itertuples()}


def called(product: str, products: DataFrame) -> str:
    """A product by name and code; whatever else goes by its code."""
    return named(products).get(product, product)
