"""How far launches were from their curves, and so how far the next one may be."""

import numpy as np
from pandas import DataFrame

# The deviation of a launch's volume (of its logarithm) before a company's own launches tell, which
# counts as that of so many of them: forecasts of new products miss by 40 to 60 % on average.
USUAL_ERROR = 0.5
USUAL_LAUNCHES = 4
FEWEST_SOLD = 3  # months after which a launch tells how far it was from its curve


def launch_error(launch_actuals: DataFrame) -> float:
    """The deviation of launches' volumes from their curves, as a share of the volume.

    Launches that have sold for a few months tell it, each by the logarithm of what it sold over
    what its curve said; the usual error counts as that of a few launches more.

    Returns
    -------
    ratio

    Source
    ------
    Kahn, An exploratory investigation of new product forecasting practices, J. Product Innovation
    Management 19 (2002): the size of errors before any launch of the company's own is known.
    """
    past = launch_actuals.groupby("launch").agg(
        months=("period", "size"), sold=("quantity", "sum"), expected=("expected", "sum")
    )
    past = past[(past["months"] >= FEWEST_SOLD) & (past["sold"] > 0) & (past["expected"] > 0)]
    squares = np.log(past["sold"] / past["expected"]) ** 2
    known = USUAL_LAUNCHES * USUAL_ERROR**2 + squares.sum()
    return float(np.sqrt(known / (USUAL_LAUNCHES + len(past))))
