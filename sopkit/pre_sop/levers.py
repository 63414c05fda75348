"""The small steps that could close a gap, each as changes to input tables that exist.

A lever gives a list: one option, or none where the table it would change is absent or holds nothing to change.
"""

import math

import pandas as pd

from sopkit.master_data.bom import usage_per_unit
from sopkit.pre_sop.option import Option, code
from sopkit.pre_sop.wording import share, span

MORE_OVERTIME = 1.25
FIRST_OVERTIME = 10.0  # hours a worker and month, where none is worked yet
MORE_WORKERS = 0.10
MORE_MACHINE = 1.10
MORE_OUTSIDE = 1.50
MORE_SUPPLY = 1.25
SOONER, PREMIUM = 0.5, 0.10  # of the days from order to delivery; of the component's price
INSTEAD = 0.10  # of a launch's volume: buyers of the product it replaces who take it instead
DEARER, CHEAPER = 1.02, 0.98
LESS_COVER = 0.80
MONTHS_AHEAD = 6  # a limit is lifted at most so long before the gap begins


def overtime(resource, from_period, to_period, resource_calendar):
    """Let a resource's workers work more overtime in some months."""
    if resource_calendar is None:
        return []
    rows = resource_calendar[resource_calendar["resource"] == resource]
    rows = rows[rows["period"].between(from_period, to_period)]
    if rows.empty:
        return []
    worked = rows["overtime_hours_per_worker"].max() > 0
    operation, amount = ("multiply", MORE_OVERTIME) if worked else ("add", FIRST_OVERTIME)
    much = (
        f"by {share(MORE_OVERTIME - 1)}"
        if worked
        else f"to {FIRST_OVERTIME:.0f} hours a worker and month"
    )
    change = {
        "table": "resource_calendar",
        "column": "overtime_hours_per_worker",
        "operation": operation,
        "amount": amount,
        "resource": resource,
        "from_period": from_period,
        "to_period": to_period,
    }
    statement = f"Raise the overtime limit of {resource} {much}, {span(from_period, to_period)}"
    return [Option(code("overtime", resource, from_period, to_period), statement, (change,))]


def machine(resource, from_period, to_period, resource_calendar):
    """Let a resource's machine run longer in some months."""
    if resource_calendar is None:
        return []
    rows = resource_calendar[resource_calendar["resource"] == resource]
    rows = rows[rows["period"].between(from_period, to_period)]
    if rows["machine_hours"].isna().all():
        return []
    change = {
        "table": "resource_calendar",
        "column": "machine_hours",
        "operation": "multiply",
        "amount": MORE_MACHINE,
        "resource": resource,
        "from_period": from_period,
        "to_period": to_period,
    }
    statement = f"Run {resource} {share(MORE_MACHINE - 1)} longer, {span(from_period, to_period)}"
    return [Option(code("machine", resource, from_period, to_period), statement, (change,))]


def workers(resource, resources):
    """Let a resource hold more workers, rounded up to a whole worker, or as many again in a second shift."""
    if resources is None:
        return []
    most = resources.loc[resources["resource"] == resource, "max_workers"].dropna()
    if most.empty:
        return []
    more = max(1, math.ceil(MORE_WORKERS * most.iloc[0]))
    change = {
        "table": "resources",
        "column": "max_workers",
        "operation": "add",
        "amount": float(more),
        "resource": resource,
    }
    shift = {**change, "operation": "multiply", "amount": 2.0}
    said = (
        f"Run a second shift on {resource}: up to {most.iloc[0]:g} more workers, hired as they pay"
    )
    return [
        Option(code("workers", resource), f"Let {resource} hold {more} more workers", (change,)),
        Option(code("shift", resource), said, (shift,)),
    ]


def outside(family, from_period, to_period, products, economics):
    """Buy more of a family outside in some months."""
    if economics is None:
        return []
    of_family = products.loc[products["family"] == family, "product"]
    known = economics.loc[economics["product"].isin(of_family), "subcontract_limit"]
    if not (known > 0).any():
        return []
    change = {
        "table": "economics",
        "column": "subcontract_limit",
        "operation": "multiply",
        "amount": MORE_OUTSIDE,
        "family": family,
        "from_period": from_period,
        "to_period": to_period,
    }
    months = span(from_period, to_period)
    statement = (
        f"Raise what may be bought outside of {family} by {share(MORE_OUTSIDE - 1)}, {months}"
    )
    return [Option(code("outside", family, from_period, to_period), statement, (change,))]


def supplier(component, products, components, bill_of_materials):
    """Let suppliers deliver more of the parts of a product that the component goes into.

    Changes are filtered by product, so the limits of that product's other parts move too; the statement says so.
    """
    if components is None or bill_of_materials is None:
        return []
    limit = components.loc[components["component"] == component, "supply_limit"].dropna()
    above = _goes_into(component, bill_of_materials)
    whole = sorted(set(products["product"]) & above)
    if limit.empty or not whole:
        return []
    change = {
        "table": "components",
        "column": "supply_limit",
        "operation": "multiply",
        "amount": MORE_SUPPLY,
        "product": whole[0],
    }
    more = share(MORE_SUPPLY - 1)
    statement = f"Have suppliers deliver {more} more of {component}, and of the other limited parts of {whole[0]}"
    return [Option(code("supplier", component), statement, (change,))]


def expedite(component, products, components, bill_of_materials, economics):
    """Have a component's suppliers deliver more and sooner, at a premium on its price.

    As with `supplier`, the other parts of one product move too. The premium stands in the material cost of every product
    that the component goes into.
    """
    if components is None or bill_of_materials is None or economics is None:
        return []
    row = components[components["component"] == component]
    usage = usage_per_unit(bill_of_materials)
    usage = usage[(usage["component"] == component) & usage["product"].isin(economics["product"])]
    usage = usage[usage["product"].isin(products["product"])].sort_values("product")
    if row.empty or usage.empty:
        return []
    part = {"table": "components", "operation": "multiply", "product": usage["product"].iloc[0]}
    changes = [{**part, "column": "lead_time_days", "amount": SOONER}]
    if row["supply_limit"].notna().all():
        changes.append({**part, "column": "supply_limit", "amount": MORE_SUPPLY})
    cost = {"table": "economics", "column": "material_cost", "operation": "add"}
    premium = PREMIUM * row["unit_cost"].iloc[0]
    changes += [
        {**cost, "product": use.product, "amount": premium * use.quantity_per_unit}
        for use in usage.itertuples()
    ]
    said = (
        f"Expedite {component} and the other parts of {part['product']}: {share(MORE_SUPPLY - 1)} more, in"
        f" {share(SOONER)} of the days, {component} {share(PREMIUM)} dearer throughout"
    )
    return [Option(code("expedite", component), said, tuple(changes))]


def substitute(gap, made, launches, without=frozenset()):
    """Let buyers of products that are short take the launched product that replaces them, if it needs none of `without`.

    A tenth of the launch's volume more is sold, and that much less of what it replaces.
    """
    if launches is None:
        return []
    rows = launches[
        launches["replaces_product"].isin(made) & (launches["launch_period"] <= gap.to_period)
    ]
    rows = rows[~(rows[["gate_demand", "gate_supply", "gate_finance"]] == "failed").any(axis=1)]
    rows = rows[~rows["product"].isin(without)]
    options = []
    for (new, old), own in rows.groupby(["product", "replaces_product"]):
        changes = []
        for row in own.itertuples():
            where = {"table": "launches", "product": new, "market": row.market}
            taken = (row.cannibalisation_ratio + INSTEAD) / (1 + INSTEAD)
            more = {"column": "volume_ratio", "operation": "multiply", "amount": 1 + INSTEAD}
            changes += [
                {**where, **more},
                {**where, "column": "cannibalisation_ratio", "operation": "set", "amount": taken},
            ]
        said = f"Offer {new} in place of {old}: {share(INSTEAD)} more of it, so much less of {old}"
        options.append(Option(code("substitute", old), said, tuple(changes)))
    return options


def money(lever, family, from_period, to_period, products, economics):
    """Move the price or the material cost of a family (or of all, where none is named) by a small step."""
    if economics is None:
        return []
    of_family = products if pd.isna(family) else products[products["family"] == family]
    if not economics["product"].isin(of_family["product"]).any():
        return []
    who = "all" if pd.isna(family) else family
    column, amount = ("price", DEARER) if lever == "price" else ("material_cost", CHEAPER)
    change = {
        "table": "economics",
        "column": column,
        "operation": "multiply",
        "amount": amount,
        "family": None if pd.isna(family) else family,
        "from_period": from_period,
        "to_period": to_period,
    }
    what, condition = ("Raise prices", "volume holds")
    if lever == "material":
        what, condition = ("Lower material costs", "suppliers agree")
    months = span(from_period, to_period)
    statement = f"{what} of {who} by {share(abs(amount - 1))}, {months}, if {condition}"
    return [Option(code(lever, who, from_period, to_period), statement, (change,))]


def cover(family, products, inventory_policy):
    """Ask for less cover of a family (or of all, where none is named)."""
    if inventory_policy is None:
        return []
    of_family = products if pd.isna(family) else products[products["family"] == family]
    wanted = inventory_policy.loc[
        inventory_policy["product"].isin(of_family["product"]), "target_cover_months"
    ]
    if not (wanted > 0).any():
        return []
    who = "all" if pd.isna(family) else family
    change = {
        "table": "inventory_policy",
        "column": "target_cover_months",
        "operation": "multiply",
        "amount": LESS_COVER,
        "family": None if pd.isna(family) else family,
    }
    return [
        Option(
            code("cover", who), f"Ask for {share(1 - LESS_COVER)} less cover of {who}", (change,)
        )
    ]


def scarce_limits(gap, products, constraint_values, routings=None, bill_of_materials=None):
    """List the limits that cost the plan most, up to the gap's last month, among those that bear on the gap.

    Returns
    -------
    constraint, item : worth [money, of as much again], first [month]; the dearest first
    """
    rows = constraint_values
    early = gap.from_period - MONTHS_AHEAD
    rows = rows[(rows["marginal_value"] > 0) & rows["period"].between(early, gap.to_period)]
    items = _bearing_on(gap, products, routings, bill_of_materials)
    if items is not None:
        rows = rows[rows["item"].isin(items)]
    rows = rows.assign(worth=rows["marginal_value"] * rows["limit"])
    limits = rows.groupby(["constraint", "item"], as_index=False).agg(
        worth=("worth", "sum"), first=("period", "min")
    )
    return limits.sort_values(
        ["worth", "constraint", "item"], ascending=[False, True, True], ignore_index=True
    )


def products_of(gap, products, routings=None, bill_of_materials=None):
    """The products that a gap is about: those its component goes into, its resource makes, or of its family; else all."""
    if gap.disagreement.startswith("component-"):
        return _goes_into(component_of(gap), bill_of_materials) & set(products["product"])
    bearing = _bearing_on(gap, products, routings, None)
    known = set(products["product"])
    return known if bearing is None else bearing & known


def component_of(gap):
    """The component that a gap of that kind is about."""
    return gap.disagreement.removeprefix("component-").removesuffix(f"-{gap.from_period}")


def _bearing_on(gap, products, routings, bill_of_materials):
    """The products, resources and components that a gap's family or resource has to do with; None for all."""
    if pd.notna(gap.resource):
        made = (
            set()
            if routings is None
            else set(routings.loc[routings["resource"] == gap.resource, "product"])
        )
        return made | {gap.resource}
    if pd.isna(gap.family):
        return None
    made = set(products.loc[products["family"] == gap.family, "product"])
    used = (
        set() if routings is None else set(routings.loc[routings["product"].isin(made), "resource"])
    )
    return made | used | _parts_of(made, bill_of_materials)


def _parts_of(made, bill_of_materials):
    parts, found = set(), set(made)
    while found and bill_of_materials is not None:
        found = (
            set(bill_of_materials.loc[bill_of_materials["product"].isin(found), "component"])
            - parts
        )
        parts |= found
    return parts


def _goes_into(component, bill_of_materials):
    wholes, found = set(), {component}
    while found:
        found = (
            set(bill_of_materials.loc[bill_of_materials["component"].isin(found), "product"])
            - wholes
        )
        wholes |= found
    return wholes
