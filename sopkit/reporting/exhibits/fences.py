"""Exhibits of the supply review: released orders, planner's rows, fences and notices."""

from pandas import DataFrame

from sopkit.reporting.exhibit import Exhibit, Headline, exhibit
from sopkit.schema.formatting import verb
from sopkit.schema.glossary import label
from sopkit.supply.override_costs import FREE, MOST

STAGE = "40_supply_review"
ROW = ["kind", "item", "site"]


@exhibit(STAGE, title="Fences, firm production and notice", table="planning_rules")
def fences(
    planning_rules: DataFrame,
    planning_fences: DataFrame | None = None,
    plan_overrides: DataFrame | None = None,
) -> Exhibit:
    """What is frozen, fixed or under notice, by row over its months; what is broken comes first."""
    rows = planning_rules.assign(breach=planning_rules["breach"].abs())
    table = rows.groupby(ROW, as_index=False, dropna=False, sort=False).agg(
        from_period=("period", "min"),
        to_period=("period", "max"),
        planned=("planned", "sum"),
        breach=("breach", "sum"),
    )
    table = table.sort_values("breach", ascending=False, kind="stable", ignore_index=True)
    table["reason"] = _reasons(table, planning_fences, plan_overrides)
    return Exhibit(_fences_headline(planning_rules), table=_named(table))


def _reasons(table, planning_fences, plan_overrides):
    """Why each row is there, by the row of the item, or else by that of all."""
    found = {}
    for given in (plan_overrides, planning_fences):
        for row in [] if given is None else given.itertuples():
            found.setdefault((row.kind, row.item if isinstance(row.item, str) else ""), row.reason)
    pairs = zip(table["kind"], table["item"], strict=True)
    return [found.get((kind, item), found.get((kind, ""), "")) for kind, item in pairs]


def _fences_headline(rules):
    if rules.empty:
        return Headline(
            "No production is frozen or released, and no notice is given: nothing binds the plan "
            "ahead of demand and capacity."
        )
    broken = rules[rules["breach"] != 0]
    if broken.empty:
        template = "All {kept:count rule} of released orders, planner's rows, fences and notices "
        return Headline(template + "are kept.", kept=len(rules))
    worst = broken.loc[broken["breach"].abs().idxmax()]
    return Headline(
        "{broken:number} of {all:count rule} {verb} not kept; furthest off is {kind} of {item} in "
        "{month:month}: {planned:number} planned against {asked:number}.",
        broken=len(broken),
        all=len(rules),
        verb=verb(len(broken), "is", "are"),
        kind=label(worst["kind"], of="rule"),
        item=worst["item"],
        month=worst["period"],
        planned=worst["planned"],
        asked=worst["planned"] - worst["breach"],
    )


@exhibit(STAGE, title="Planner's overrides and their cost", table="override_costs")
def override_cost(override_costs: DataFrame) -> Exhibit:
    """What each of the planner's overrides costs, the largest cost first; what is not measured is
    said."""
    table = override_costs.sort_values("cost", ascending=False, kind="stable", na_position="last")
    return Exhibit(_overrides_headline(override_costs), table=_named(table))


def _overrides_headline(rows):
    if rows.empty:
        return Headline("The planner overrides no number of the plan.")
    binding, costly = int((rows["basis"] != FREE).sum()), rows[rows["cost"] > 0]
    said = Headline(
        "{binding:number} of {rows:count override} {verb}",
        binding=binding,
        rows=len(rows),
        verb=verb(binding, "binds", "bind"),
    )
    if costly.empty:
        return said + "; none adds to the cost of the plan."
    most = costly.loc[costly["cost"].idxmax()]
    said += Headline(
        "; the most expensive, {kind} of {item} in {month:month}, adds {cost:money} to the cost "
        "of the plan",
        kind=label(most["kind"], of="rule"),
        item=most["item"],
        month=most["period"],
        cost=most["cost"],
    )
    if most["units_recovered"] > 0.5:
        template = " and {late:number} unit-months to what is late or lost"
        said += Headline(template, late=most["units_recovered"])
    left = int(rows["cost"].isna().sum())
    template = "; {left:number} beyond the {most:number} that bind most {verb} not measured."
    are = verb(left, "is", "are")
    return said + (Headline(template, left=left, most=MOST, verb=are) if left else ".")


def _named(table):
    """The rows with the kinds in words."""
    return table.assign(kind=[label(kind, of="rule") for kind in table["kind"]])
