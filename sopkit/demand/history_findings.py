"""What was found in the sales history, for the planner to accept, refuse or overrule.

Nothing waits for an answer: each finding has been treated as `handling` says. A row of
`history_corrections` with the treatment `as_sold` refuses it, another treatment replaces it.
"""

import numpy as np
import pandas as pd
from pandas import DataFrame

from sopkit.tables import conform, empty
from sopkit.tables.periods import YEAR

PAIR = ["product", "market"]
RUN = [*PAIR, "finding", "reason"]
STATED = ("stated", "disturbed")  # findings that planners made themselves
CERTAIN = ("stock_out", "promotion", "driver", *STATED)
OLD_WEIGHT = 0.5  # of months more than a year old, which tell of the season alone
OVERRULE = "to keep the months as sold, add a row with treatment as_sold to history_corrections"


def history_findings(demand_history: DataFrame) -> DataFrame:
    """List the findings in the history, those first that change most of a year's forecast.

    A finding is a run of months of one product and market with the same reason; a level change is
    the first month of the new level. effect_units is what a year of the plan would differ by if it
    were refused, at most: the units changed in the last twelve months and half of those before, of
    a newest month twelve times its own, of a level change what it moves in the last twelve months.

    Returns
    -------
    product, market, from_period, to_period, finding : quantity, cleansed [units], effect_units
        [units], confidence, message, handling
    """
    months = pd.concat([_cleansed_months(demand_history), _level_changes(demand_history)])
    if months.empty:
        return empty("history_findings")
    key = [*PAIR, "from_period", "to_period"]
    order = months.assign(size=-months["effect_units"].abs()).sort_values(["size", *key, "finding"])
    return conform("history_findings", order.drop(columns="size"))


def _cleansed_months(history):
    """Runs of months with one finding and one reason."""
    rows = history[history["finding"].notna()]
    if rows.empty:
        return empty("history_findings")
    month = pd.PeriodIndex(rows["period"]).asi8
    newest = pd.PeriodIndex(history["period"]).asi8.max()
    alike = (rows[RUN] == rows[RUN].shift()).all(axis=1).to_numpy() & (
        np.diff(month, prepend=0) == 1
    )
    adjustment = rows["cleansing_adjustment"].to_numpy()
    weight = np.where(month == newest, YEAR, np.where(month > newest - YEAR, 1.0, OLD_WEIGHT))
    doubtful = (month == newest) | (rows["finding"].isin(["low_month", "one_off_order"])).to_numpy()
    table = rows.assign(run=np.cumsum(~alike), effect=adjustment * weight, doubtful=doubtful)
    found = table.groupby("run").agg(
        product=("product", "first"),
        market=("market", "first"),
        from_period=("period", "min"),
        to_period=("period", "max"),
        finding=("finding", "first"),
        quantity=("quantity", "sum"),
        cleansed=("cleansed", "sum"),
        effect_units=("effect", "sum"),
        message=("reason", "first"),
        doubtful=("doubtful", "any"),
    )
    certain = found["finding"].isin(CERTAIN)
    confidence = np.select([certain, found["doubtful"]], ["high", "low"], "medium")
    left = found["quantity"] == found["cleansed"]
    handling = np.where(
        found["finding"].isin(STATED),
        "as stated",
        np.where(left, "left as sold", "changed before forecasting; " + OVERRULE),
    )
    return found.drop(columns="doubtful").assign(
        confidence=pd.array(confidence, dtype="str"), handling=pd.array(handling, dtype="str")
    )


def _level_changes(history):
    """The first month of each new level."""
    factor = history["level_factor"].to_numpy()
    series = history.groupby(PAIR, sort=False).ngroup().to_numpy()
    begins = np.append(False, (series[1:] == series[:-1]) & ~np.isclose(factor[1:], factor[:-1]))
    if not begins.any():
        return empty("history_findings")
    at = np.flatnonzero(begins)
    ratio = factor[at - 1] / factor[at]
    newest = pd.PeriodIndex(history["period"]).asi8.max()
    recent = pd.PeriodIndex(history["period"]).asi8 > newest - YEAR
    moved = history["cleansed"].to_numpy() * (factor - 1) * recent
    effect = np.bincount(series, weights=moved)[series[at]]
    rows = history.take(at)
    percent = pd.Series(100 * (ratio - 1)).map("{:+,.0f} %".format).to_numpy(object)
    return pd.DataFrame(
        {
            **{name: rows[name].array for name in PAIR},
            "from_period": rows["period"].array,
            "to_period": rows["period"].array,
            "finding": "level_change",
            "quantity": rows["quantity"].array,
            "cleansed": rows["cleansed"].array,
            "effect_units": effect,
            "confidence": "medium",
            "message": "a new level begins: " + percent,
            "handling": "earlier months are moved to the new level for the forecast; " + OVERRULE,
        }
    )
