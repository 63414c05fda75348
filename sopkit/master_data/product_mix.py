"""The product mix that somebody states: by what an entry for several products or markets is split
under the rule `given_mix`."""

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

GIVEN_MIX = "given_mix"  # the rule, and the column of shares
OPEN = "mix_in_all_markets"  # whether the share is the product's, in all its markets


def with_mix(cells: DataFrame, product_mix: DataFrame | None) -> DataFrame:
    """Add the share of each product and market; its own row comes before the product's.

    Returns
    -------
    cells, with given_mix [ratio; 0 where no row states it], mix_in_all_markets
    """
    if product_mix is None or product_mix.empty:
        return cells.assign(**{GIVEN_MIX: 0.0, OPEN: False})
    named = product_mix["market"].notna()
    of_market = product_mix[named].set_index(["product", "market"])["mix_ratio"]
    of_product = product_mix[~named].set_index("product")["mix_ratio"]
    own = of_market.reindex(pd.MultiIndex.from_frame(cells[["product", "market"]])).to_numpy()
    whole = cells["product"].map(of_product).astype("float64")
    return cells.assign(
        **{GIVEN_MIX: Series(own, cells.index).fillna(whole).fillna(0.0), OPEN: np.isnan(own)}
    )


def mix_weights(cells: DataFrame) -> np.ndarray:
    """The weights of the cells that an entry is split among: their shares.

    What is stated for a product in all markets is divided among those of the cells by their
    baseline, or equally where it has none there.
    """
    at = cells["product"].where(cells[OPEN], cells["product"] + "\0" + cells["market"])
    baseline = cells.groupby(at)["baseline"].transform("sum")
    count = cells.groupby(at)["baseline"].transform("size")
    part = (cells["baseline"] / baseline.where(baseline > 0)).fillna(1.0 / count)
    return (cells[GIVEN_MIX] * part).to_numpy()
