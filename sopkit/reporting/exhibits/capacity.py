"""Exhibits of rough-cut capacity: load against capacity, and overload by resource."""

from pandas import DataFrame

from sopkit.reporting import theme
from sopkit.reporting.chart_types import (
    Heatmap,
    StackedBars,
)
from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.reporting.exhibits.rows import grid, largest_first, with_others
from sopkit.reporting.theme import look
from sopkit.schema.formatting import verb
from sopkit.schema.tolerances import MATERIAL

STAGE = "40_supply_review"
SHOWN_PRODUCTS = 2  # of a resource, beside the others: the legend names two lines too


@exhibit(STAGE, title="Rough-cut capacity (RCCP)", table="rough_cut_capacity")
def capacity(rough_cut_capacity: DataFrame) -> Exhibit:
    """Load of each resource by month, in % of its available hours."""
    rows = rough_cut_capacity
    overtime = rows["required_hours"] > rows["regular_capacity_hours"]
    words = rows["utilization"].map(lambda share: f"{100 * share:.0f}", na_action="ignore")
    words = words.astype("str").fillna("") + overtime.map({True: "+", False: ""})
    load = grid(rows, "resource", "utilization")
    chart = Heatmap(
        largest_first(load, load.max(axis=1)),
        words=grid(rows.assign(word=words), "resource", "word"),
        bold=load > 1,
        limits=(0.5, 1.5),
        subtitle="Load as % of the current workforce's capacity; +: overtime; bold: above 100 %",
    )
    return Exhibit(_capacity_headline(rows), chart)


def _capacity_headline(rows):
    if rows.empty:
        return Headline("No resource is described: capacity is taken as unlimited.")
    missing = rows["required_hours"] - rows["capacity_hours"]
    worst, over = rows.loc[missing.idxmax()], rows[missing > MATERIAL]
    if over.empty:
        full = rows.loc[rows["utilization"].idxmax()]
        return Headline(
            "No resource is above capacity; the highest load is {resource}, "
            "{utilisation:percent} used in {month:month}.",
            resource=full["resource"],
            utilisation=full["utilization"],
            month=full["period"],
        )
    said = Headline(
        "{resource} is short of {hours:number} hours in {month:month}, "
        "the worst of {months:count month} over capacity",
        resource=worst["resource"],
        hours=missing.max(),
        month=worst["period"],
        months=int((over["resource"] == worst["resource"]).sum()),
    )
    others = over["resource"].nunique() - 1
    if others:
        said = said + Headline("; {others:count other resource} too", others=others)
    return said + "."


@exhibit(
    STAGE,
    title="Products that load resources in months over capacity",
    table="resource_load",
    rows=8,
)
def load(resource_load: DataFrame, rough_cut_capacity: DataFrame) -> Exhibit:
    """Which products make the load of the resource that lacks most hours, and of all overloaded."""
    hours = rough_cut_capacity
    return Exhibit(
        _load_headline(resource_load, hours),
        _load_by_product(resource_load, hours),
        _overload(resource_load, hours),
    )


def _load_headline(resource_load, rough_cut_capacity):
    if rough_cut_capacity.empty:
        return Headline("No resource is described: no product can overload one.")
    hours = rough_cut_capacity.set_index(["resource", "period"])
    missing = hours["required_hours"] - hours["capacity_hours"]
    resource = missing.idxmax()[0]
    over = missing[missing > MATERIAL]
    if over.empty:
        return Headline(
            "No resource is overloaded; {resource} is the nearest to it.", resource=resource
        )
    over = over[over.index.get_level_values("resource") == resource]
    rows = resource_load.set_index(["resource", "period"])
    rows = rows[rows.index.isin(over.index)]
    share = rows.groupby("product")["required_hours"].sum() / rows["required_hours"].sum()
    share = share.nlargest(2)
    return Headline(
        "{products} {make} {share:percent} of the load of {resource} "
        "in the {months:count month} in which it lacks {hours:number} hours.",
        products=" and ".join(share.index),
        make=verb(len(share), "makes", "make"),
        share=share.sum(),
        resource=resource,
        months=len(over),
        hours=over.sum(),
    )


def _load_by_product(resource_load, rough_cut_capacity):
    if rough_cut_capacity.empty:
        return StackedBars(DataFrame())
    missing = rough_cut_capacity["required_hours"] - rough_cut_capacity["capacity_hours"]
    resource = rough_cut_capacity.loc[missing.idxmax(), "resource"]
    hours = rough_cut_capacity[rough_cut_capacity["resource"] == resource].set_index("period")
    parts = grid(
        resource_load[resource_load["resource"] == resource], "period", "required_hours", "product"
    )
    parts = parts.reindex(hours.index).fillna(0.0)
    needed = with_others(parts, SHOWN_PRODUCTS)
    others = theme.OTHERS.label
    named = [name for name in needed if name != others]
    looks = {
        name: one._replace(label=name) for name, one in zip(named, theme.PRODUCTS, strict=False)
    }
    looks[others] = theme.OTHERS
    return StackedBars(
        needed,
        lines=hours[["capacity_hours", "regular_capacity_hours"]],
        looks=looks
        | {
            "capacity_hours": look("capacity_hours", label="capacity with overtime"),
            "regular_capacity_hours": look("capacity_hours", label="in regular time", line=":"),
        },
        unit="hours a month",
        height=3.0,
        subtitle=f"Required hours of {resource} by month, by product, against the hours there are",
    )


def _overload(resource_load, rough_cut_capacity):
    """The products that make the load in months over capacity, the largest first, by resource."""
    lacks = rough_cut_capacity["required_hours"] > rough_cut_capacity["capacity_hours"] + MATERIAL
    over = rough_cut_capacity.loc[lacks, ["resource", "period"]]
    rows = resource_load.merge(over, on=["resource", "period"], validate="many_to_one")
    rows = rows.groupby(["resource", "family", "product"], as_index=False).agg(
        months=("period", "nunique"), required_hours=("required_hours", "sum")
    )
    order = ["resource", "required_hours"]
    return rows.sort_values(order, ascending=[True, False], kind="stable")
