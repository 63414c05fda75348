"""Checks of fences, released orders and planner's rows: known items, months, contradictions."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from sopkit.data_quality.marks import check
from sopkit.master_data.dated import once, rows_in_force
from sopkit.master_data.economics import worker_calendar
from sopkit.model.planning_rules import FENCES, OVERRIDES
from sopkit.schema.tables import TABLES
from sopkit.tables import attach
from sopkit.tables.issues import BLOCKING, Issue, fault, told
from sopkit.tables.periods import months_of, period_of

HOME = {
    "product": "products",
    "family": "products",
    "resource": "resources",
    "component": "bill_of_materials",
}
LIMITS = ["fixed", "least", "most"]
NEAR = 1e-6  # units or workers: less is rounding


# --------------------------------------------------------------------------------------------------
# what a row is about


@check(BLOCKING)
def unknown_fences(
    planning_fences: DataFrame,
    products: DataFrame,
    resources: DataFrame | None = None,
    bill_of_materials: DataFrame | None = None,
) -> Iterator[Issue | None]:
    """Find fences of an unknown kind or item."""
    known = _known_items(products, resources, bill_of_materials)
    yield from _strange("planning_fences", planning_fences, FENCES, known)


@check(BLOCKING)
def unknown_overrides(
    plan_overrides: DataFrame, products: DataFrame, resources: DataFrame | None = None
) -> Iterator[Issue | None]:
    """Find released orders and planner's rows of an unknown kind or item."""
    known = _known_items(products, resources, None)
    yield from _strange("plan_overrides", plan_overrides, OVERRIDES, known)


def _known_items(
    products: DataFrame, resources: DataFrame | None, bill_of_materials: DataFrame | None
) -> dict[str, set]:
    """The codes of each kind of item that a row may be about."""
    bill = bill_of_materials
    return {
        **{column: set(products[column]) for column in ("product", "family")},
        "resource": set() if resources is None else set(resources["resource"]),
        "component": set() if bill is None else set(bill["component"]),
    }


def _strange(
    name: str, rows: DataFrame, kinds: dict[str, tuple[str, ...]], known: dict[str, set]
) -> Iterator[Issue | None]:
    unknown = ~rows["kind"].isin(kinds)
    rule = f"kind must be one of {', '.join(kinds)}"
    yield fault(TABLES[name], rows, unknown, rule, "kind", remedy="Enter one of these kinds.")
    for kind, columns in kinds.items():
        items = {code for column in columns if column for code in known[column]}
        empty = rows["item"].isna() & ("" not in columns)
        broken = (rows["kind"] == kind) & (
            empty | (rows["item"].notna() & ~rows["item"].isin(items))
        )
        what = " or a ".join(column for column in columns if column)
        homes = " or ".join(dict.fromkeys(HOME[column] for column in columns if column))
        rule = f"the item of {kind} must be a {what} known in {homes}"
        remedy = "Correct the item" + (", or leave it empty for all." if "" in columns else ".")
        yield fault(TABLES[name], rows, broken, rule, "item", remedy=remedy)


@check(BLOCKING)
def fences_without_length(planning_fences: DataFrame) -> Iterator[Issue | None]:
    """Find fences without the number they need."""
    changes = planning_fences["kind"] == "rate_change"
    for column, broken, what in (
        ("limit", changes & planning_fences["limit"].isna(), "the largest change in a month"),
        ("months", ~changes & planning_fences["months"].isna(), "for how many months it holds"),
    ):
        rule = f"{column} must be filled: {what}"
        yield fault(TABLES["planning_fences"], planning_fences, broken, rule, column)


# --------------------------------------------------------------------------------------------------
# months


@check(BLOCKING)
def fences_beyond_the_horizon(
    planning_periods: DataFrame, planning_fences: DataFrame
) -> Issue | None:
    """Find fences that are longer than the horizon: nothing would be left to plan."""
    count = len(planning_periods)
    long = planning_fences["months"] > count
    rule = f"months must not be more than the {count} months of the horizon"
    remedy = "Shorten the fence, or raise horizon_months in company_settings."
    return fault(TABLES["planning_fences"], planning_fences, long, rule, "months", remedy=remedy)


@check("major")
def overrides_outside_the_horizon(
    planning_periods: DataFrame, plan_overrides: DataFrame
) -> Issue | None:
    """Find released orders and planner's rows of months that are not planned."""
    months = planning_periods["period"]
    outside = ~plan_overrides["period"].isin(months)
    planned = f"{months.min()} to {months.max()}"
    text = f"period is not in the planned months, {planned}; the row is not used"
    remedy = "Correct the month, or remove the row."
    return told(TABLES["plan_overrides"], plan_overrides, outside, text, "period", remedy=remedy)


@check(BLOCKING)
def orders_on_another_month(
    plan_overrides: DataFrame, calendar: DataFrame | None = None
) -> Issue | None:
    """Find released orders whose day is in another month than the one they are for."""
    days = plan_overrides["day"]
    broken = days.notna() & (period_of(days, calendar) != plan_overrides["period"])
    rule = "day must be in the month of period"
    remedy = "Correct the day or the month, or leave the day empty."
    return fault(TABLES["plan_overrides"], plan_overrides, broken, rule, "day", remedy=remedy)


# --------------------------------------------------------------------------------------------------
# contradictions


@check(BLOCKING)
def overrides_with_two_numbers(plan_overrides: DataFrame) -> Issue | None:
    """Find rows that fix a number and also bound it."""
    bounded = plan_overrides[["least", "most"]].notna().any(axis=1)
    broken = plan_overrides["fixed"].notna() & bounded
    rule = "a row must have fixed, or least and most, but not both"
    remedy = "Empty least and most to fix the number, or empty fixed."
    return fault(TABLES["plan_overrides"], plan_overrides, broken, rule, "fixed", remedy=remedy)


@check(BLOCKING)
def overrides_that_contradict(plan_overrides: DataFrame, products: DataFrame) -> Issue | None:
    """Find planner's rows whose least together is above what a wider row allows.

    A row of a site is within that of its product, and a product within its family.
    """
    rows = plan_overrides[plan_overrides["kind"] != "firm_production"].copy()
    rows["low"] = rows["fixed"].fillna(rows["least"]).fillna(0.0)
    rows["high"] = rows["fixed"].fillna(rows["most"]).fillna(np.inf)
    family = products.set_index("product")["family"]
    rows["family"] = rows["item"].map(family)
    broken = Series(False, index=plan_overrides.index)
    sites = rows[rows["site"].notna()].groupby(["kind", "item", "period"])["low"].sum()
    whole = rows[rows["site"].isna()]
    of_sites = _at(sites, whole, ["kind", "item", "period"])
    products_low = whole.assign(low=np.maximum(whole["low"], of_sites))
    inner = products_low.groupby(["kind", "family", "period"])["low"].sum()
    of_family = _at(inner, whole, ["kind", "item", "period"])
    too_much = np.maximum(of_sites, of_family) > whole["high"] + NEAR
    broken.loc[whole.index[too_much]] = True
    rule = "what a row allows must not be less than the rows within it ask together"
    remedy = "Raise its fixed or most, or lower the rows of its products and sites."
    return fault(TABLES["plan_overrides"], plan_overrides, broken, rule, "fixed", remedy=remedy)


def _at(values: Series, rows: DataFrame, key: list[str]) -> np.ndarray:
    found = values.reindex(pd.MultiIndex.from_frame(rows[key])).to_numpy(dtype=float)
    return np.nan_to_num(found)


@check(BLOCKING)
def parts_of_workers(
    resources: DataFrame, plan_overrides: DataFrame | None = None
) -> Iterator[Issue | None]:
    """Find workers that are no whole posts in crews whose workers come whole."""
    post = resources["part_time_ratio"].fillna(1.0).where(resources["whole_workers"].fillna(False))
    remedy = "Round it, set part_time_ratio in resources, or set whole_workers to false."
    for column in ("opening_workers", "ending_workers"):
        broken = _broken(resources[column], post)
        rule = f"{column} must be whole posts in a crew of whole workers"
        yield fault(TABLES["resources"], resources, broken, rule, column, remedy=remedy)
    if plan_overrides is not None:
        crews = once(resources.assign(post=post), "resource").set_index("resource")["post"]
        size = plan_overrides["item"].map(crews).where(plan_overrides["kind"] == "workers")
        for column in LIMITS:
            broken = _broken(plan_overrides[column], size)
            rule = f"{column} must be whole posts in a crew of whole workers"
            yield fault(
                TABLES["plan_overrides"], plan_overrides, broken, rule, column, remedy=remedy
            )


def _broken(workers: Series, post: Series) -> Series:
    """Whether workers are no whole number of posts; false where nothing is known."""
    posts = workers.astype("float64") / post.astype("float64")
    return (posts - posts.round()).abs().gt(NEAR).fillna(False)


@check("critical")
def released_above_capacity(
    planning_periods: DataFrame,
    plan_overrides: DataFrame,
    routings: DataFrame,
    resources: DataFrame,
    resource_calendar: DataFrame | None = None,
) -> Iterator[Issue]:
    """Find released orders that take more hours than a resource has with all its workers."""
    months = months_of(planning_periods)
    rows = plan_overrides.query("kind == 'firm_production'")
    rows = rows[rows["period"].isin(months)]
    ways = rows_in_force(routings, ("product", "resource"), months)
    ways = ways.assign(step=ways["routing_step"].fillna(0.0).astype(float))
    alone = ~ways.duplicated(["product", "step", "period"], keep=False)
    work = rows[["item", "period", "fixed", "least"]].rename(columns={"item": "product"})
    work = work.merge(ways[alone], on=["product", "period"])
    work["hours"] = work["fixed"].fillna(work["least"]) * work["hours_per_unit"].astype(float)
    needed = work.groupby(["resource", "period"], as_index=False)["hours"].sum()
    for row in attach(
        needed, _capacity(planning_periods, resources, resource_calendar)
    ).itertuples():
        if row.hours > row.capacity + NEAR:
            text = (
                f"released orders take {row.hours:,.0f} hours of {row.resource} in {row.period}, "
                f"which has {row.capacity:,.0f} with all its workers; the rest is not produced"
            )
            remedy = "Lower the orders, or raise max_workers."
            yield Issue("plan_overrides", text, remedy=remedy)


def _capacity(
    planning_periods: DataFrame, resources: DataFrame, resource_calendar: DataFrame | None
) -> DataFrame:
    """The hours of each resource and month with all the workers it may have."""
    hours = worker_calendar(planning_periods, resources, resource_calendar)
    crews = rows_in_force(resources, ("resource",), months_of(planning_periods))
    rows = attach(hours, crews[["resource", "period", "max_workers"]])
    each = rows["regular_hours_per_worker"] + rows["overtime_hours_per_worker"]
    most = rows["max_workers"].astype(float).fillna(np.inf)
    capacity = np.where(each > 0, each * most, 0.0)
    return rows[["resource", "period"]].assign(
        capacity=np.fmin(capacity, rows["machine_hours"].astype(float))
    )


@check("major")
def planners_rows_below_firm(plan_overrides: DataFrame) -> Issue | None:
    """Find planner's rows of production that released orders overrule."""
    key = ["item", "period"]
    firm = plan_overrides[plan_overrides["kind"] == "firm_production"].groupby(key)["fixed"].sum()
    mine = plan_overrides["kind"] == "production"
    released = Series(_at(firm, plan_overrides, key), index=plan_overrides.index)
    high = plan_overrides["fixed"].fillna(plan_overrides["most"]).fillna(np.inf)
    broken = mine & plan_overrides["site"].isna() & (released > high + NEAR)
    text = "released orders are above what the row allows and take precedence"
    remedy = "Cancel the orders in firm_production, or raise the row."
    return told(TABLES["plan_overrides"], plan_overrides, broken, text, "most", remedy=remedy)
