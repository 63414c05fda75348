"""The scorecard: each KPI with target, trend, owner and the decision it supports."""

import pandas as pd
from pandas import DataFrame
from scipy.stats import kendalltau

from sopkit.schema.formatting import percent
from sopkit.schema.measures import MEASURES
from sopkit.tables import conform, empty
from sopkit.tables.measures import EVERYTHING, refuse_targets, written

FEWEST = 6  # months from which a trend is looked for
CHANCE = 0.05
# these go with the months of the year: only beside a target is there a trend
OF_THE_SEASON = ("actual_quantity", "actual_revenue")


def scorecard(performance: DataFrame, kpi_targets: DataFrame | None = None) -> DataFrame:
    """Compare the latest value of each KPI with its target, and calculate the twelve-month trend.

    A trend is reported where Kendall's rank correlation with time is significant (5 %). What goes
    with
    the season is measured over its target; for other measures twelve months hold a season as well,
    which a reader must bear in mind.

    Returns
    -------
    measure, item : period, value, target, direction, on_target, trend, owner, decision_supported,
        statement

    Raises
    ------
    ValueError : a target is set for a dimension that its measure has not.
    """
    if performance.empty and kpi_targets is None:
        return empty("scorecard")
    rows = performance.sort_values("period", kind="stable")
    last = rows.groupby(["measure", "item"], sort=False, as_index=False).tail(1)
    trends = (
        rows.groupby(["measure", "item"])[["measure", "value", "target"]]
        .apply(_trend)
        .rename("trend")
    )
    last = last.merge(trends.reset_index(), on=["measure", "item"], validate="one_to_one")
    last = _with_targets(last, performance, kpi_targets)
    last["direction"] = last["measure"].map({m.name: m.direction for m in MEASURES.values()})
    uses = last["measure"].map({m.name: m.use for m in MEASURES.values()})
    last["decision_supported"] = uses.fillna("–")
    last["on_target"] = _met(last)
    order = {name: place for place, name in enumerate(MEASURES)}
    last = last.assign(
        place=last["measure"].map(order).fillna(len(order)), first=_all_first(last["item"])
    )
    last = last.sort_values(["place", "first"], kind="stable")
    return conform("scorecard", last.drop(columns=["place", "first"]))


def _with_targets(last, performance, kpi_targets):
    """Targets and owners as set, before those of the month (budget); unknown measures too.

    A target that names no item is for the company, or for plans one month ahead.
    """
    if kpi_targets is None:
        return last.assign(owner=None)
    known = [m.name for m in MEASURES.values() if m.of_closed_months]
    strange = ~kpi_targets["measure"].isin(known)
    refuse_targets("kpi_targets", kpi_targets[~strange])
    whole = kpi_targets[kpi_targets["dimension"].isna()].set_index("measure")
    is_main = ~last.sort_values("item", key=_all_first).duplicated("measure").reindex(last.index)
    set_for = last["measure"].map(whole["target"]).astype(float).where(is_main)
    last = last.assign(owner=last["measure"].map(whole["owner"]).astype(object))
    for row in kpi_targets[kpi_targets["dimension"].notna()].itertuples():
        named = (last["measure"] == row.measure) & (last["item"] == row.item)
        last.loc[named, "owner"] = row.owner
        set_for[named] = row.target
    last["target"] = set_for.fillna(last["target"])
    return pd.concat([last, _strange(kpi_targets[strange], known, performance)], ignore_index=True)


def _strange(targets, known, performance):
    """Rows for targets of unknown measures, with the known ones."""
    said = [
        f"{name} is not measured; kpi_targets may name {', '.join(known)}."
        for name in targets["measure"]
    ]
    period = performance["period"].max() if len(performance) else pd.NaT
    rows = targets.drop(columns=["dimension", "item"])
    return rows.assign(item=EVERYTHING, period=period, trend="not measured", statement=said)


def _all_first(items):
    """Sort items so that the whole company comes first; of lags it is the first."""
    return items.where(items != EVERYTHING, "")


def _met(rows):
    """Whether the value is on the good side; of bias its size counts."""
    value = rows["value"].abs().where(rows["measure"] == "bias", rows["value"])
    known = value.notna() & rows["target"].notna() & rows["direction"].notna()
    good = (value >= rows["target"]).where(rows["direction"] == "at_least", value <= rows["target"])
    return good.astype("boolean").where(known)


def _trend(rows):
    """Say in words which way a measure went, the mean of its first half beside that of its
    second."""
    measure = rows["measure"].iloc[0]
    known = rows[rows["value"].notna()]
    values = known["value"].abs() if measure == "bias" else known["value"]
    if measure in OF_THE_SEASON:
        values = (values / known["target"].where(known["target"] > 0)).dropna()
    if len(values) < FEWEST:
        return "too few months to tell" if len(known) else "not measured"
    if (values == values.iloc[0]).all():
        return "steady"
    told = kendalltau(range(len(values)), values)
    if told.pvalue > CHANCE:
        return "no clear trend"
    better = (told.statistic > 0) == (MEASURES[measure].direction == "at_least")
    half = len(values) // 2
    means = [part.mean() for part in (values.head(half), values.tail(half))]
    if measure in OF_THE_SEASON:
        first, second = (percent(mean, 1) for mean in means)
    else:
        first, second = (written(measure, mean) for mean in means)
    what = " of target" if measure in OF_THE_SEASON else ""
    return (
        f"{'better' if better else 'worse'}: {first}{what} in the first {half} months, "
        f"{second} in the last"
    )
