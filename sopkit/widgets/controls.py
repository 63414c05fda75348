"""Controls of the what-if panel, and the rows of scenario_changes that they stand for."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import pandas as pd
from pandas import DataFrame

from sopkit import scenarios
from sopkit.pre_sop.levers import change_of, known_levers
from sopkit.schema.glossary import label
from sopkit.schema.hierarchies import GROUPED, table_of
from sopkit.schema.tables import CHANGE, TABLES
from sopkit.tables import conform

SHOWN = 8  # families, promotions or strategies; others are changed by rows of scenario_changes
LEVELS = (0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99)
CHANGES_NOTHING = {"multiply": 1.0, "add": 0.0}
NAME = "what-if"  # of the changes before they are kept under a name of their own
PERCENT = "{} of a {}, % more or less"  # the heading of sliders
PROMOTIONS = "Promotions to come: ticked takes place"
STRATEGIES = "Production strategy"
SERVICE = "Target service level"
WAYS = {
    "level": "level: even output",
    "chase": "chase: output as demand",
    "optimal": "optimal: least cost",
}


class Control(NamedTuple):
    """One driver of the what-if panel: its range and the change it makes."""

    group: str
    heading: str  # of the group, with its unit
    label: str
    kind: str  # percent: a share more or less; choice: one of `options`; switch: on, or off
    options: tuple  # lowest, highest and step of a percent; (words, value) of a choice
    neutral: object  # the value that changes nothing
    changes: Callable  # of a value, to a list of changes as dicts


def offered(
    tables: Mapping[str, DataFrame], cycle: str, groups: Collection[str] = ()
) -> list[Control]:
    """The controls that the given tables allow, of the named groups or all.

    Returns
    -------
    list of Control
    """
    known = [*_demand(tables), *_promotions(tables, cycle), *_levers(tables, cycle)]
    known += [*_strategies(tables), *_service(tables)]
    return [control for control in known if not groups or control.group in groups]


def rows(controls: Sequence[Control], values: Sequence[object]) -> DataFrame:
    """The changes of the adjusted controls, numbered in order.

    Returns
    -------
    the columns of scenario_changes that say what is changed
    """
    turned = zip(controls, values, strict=True)
    made = [
        change
        for control, value in turned
        if value != control.neutral
        for change in control.changes(value)
    ]
    return numbered(pd.DataFrame(made, columns=CHANGE), NAME)


def said(controls: Sequence[Control], values: Sequence[object]) -> list[str]:
    """Word the adjusted controls: `demand of tents +10 %, strategy of packs chase`."""
    turned = zip(controls, values, strict=True)
    return [_turn(control, value) for control, value in turned if value != control.neutral]


def _turn(control, value):
    if control.kind == "switch":
        return f"{control.label} called off"
    named = f"{100 * value:+.0f} %" if control.kind == "percent" else _named(control, value)
    return f"{control.group} of {control.label} {named}"


def _named(control, value):
    return next(words for words, known in control.options if known == value).partition(":")[0]


def numbered(changes: DataFrame, scenario: str) -> DataFrame:
    """Changes as those of one scenario."""
    named = changes.assign(scenario=scenario, change=range(1, len(changes) + 1))
    return conform("scenario_changes", named)[CHANGE]


def scaled(changes: DataFrame, strength: float) -> DataFrame:
    """Scale changes: 0 changes nothing, 1 is as proposed; factors scale from 1, set values stay.

    Returns
    -------
    the columns of changes
    """
    start = changes["operation"].map(CHANGES_NOTHING).astype("float64")
    amount = start + strength * (changes["amount"] - start)
    return changes.assign(amount=amount.where(changes["operation"] != "set", changes["amount"]))


def offered_changes(
    option_changes: DataFrame | None = None, scenario_changes: DataFrame | None = None
) -> DataFrame | None:
    """Put the proposed changes before the company's own; a scenario in both is the proposed one.

    Returns
    -------
    scenario, change : statement, and the columns that say what is changed
    """
    columns = [*CHANGE, "statement"]
    if option_changes is None:
        option_changes = pd.DataFrame(columns=columns)
    if scenario_changes is None:
        return option_changes[columns]
    own = scenarios.untaken(scenario_changes)
    own = own[~own["scenario"].isin(option_changes["scenario"])]
    notes = (
        own.dropna(subset="note")
        .groupby("scenario")["note"]
        .agg(lambda said: "; ".join(said.unique()))
    )
    own = own.assign(statement=own["scenario"].map(notes).astype("str").fillna(own["scenario"]))
    parts = [part[columns] for part in (option_changes, own) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else own[columns]


# --------------------------------------------------------------------------------------------------
# one group after the other


def _families(tables):
    """The families that sold most in the last year, by name."""
    sold = tables["sales_history"].merge(tables["products"][["product", "family"]], on="product")
    sold = sold[sold["period"] > sold["period"].max() - 12]
    return sorted(sold.groupby("family")["quantity"].sum().nlargest(SHOWN).index)


def _demand(tables):
    """Scale the demand of a family in history and in the functions' inputs."""
    views = tables.get("demand_inputs")
    family_of = tables["products"].set_index("product")["family"]
    units = [] if views is None else views.loc[views["quantity"].notna(), "product"]
    seen = set(pd.Series(units, dtype="str").map(family_of))

    def changed(family):
        names = ["sales_history", *(["demand_inputs"] if family in seen else [])]
        more = {"column": "quantity", "operation": "multiply", "family": family}
        return lambda share: [{"table": name, **more, "amount": _factor(share)} for name in names]

    heading, limits = PERCENT.format("Demand", "family"), (-0.3, 0.3, 0.05)
    return [
        Control("demand", heading, family, "percent", limits, 0.0, changed(family))
        for family in _families(tables)
    ]


def _promotions(tables, cycle):
    """The activities that are still to come, on or off."""
    marketing_activities = tables.get("marketing_activities")
    if marketing_activities is None:
        return []
    coming = marketing_activities[
        (marketing_activities["start_period"] >= pd.Period(cycle, "M"))
        & ~marketing_activities["cancelled"].fillna(False).astype(bool)
    ]

    def called_off(row):
        where = {"market": row.market, "from_period": row.start_period, "to_period": row.end_period}
        about = {"product": row.product} if pd.notna(row.product) else {"family": row.family}
        change = {
            "table": "marketing_activities",
            "column": "cancelled",
            "operation": "set",
            "setting": "true",
        }
        return lambda _: [change | where | about]

    return [
        Control(
            "promotions",
            PROMOTIONS,
            f"{row.activity}: {row.kind}",
            "switch",
            (),
            True,
            called_off(row),
        )
        for row in coming.head(SHOWN).itertuples()
    ]


def _levers(tables, cycle):
    """The sliders of the levers, the company's own among them, for each thing that they change."""
    month, levers, made = pd.Period(cycle, "M"), known_levers(tables.get("levers")), []
    for lever in levers.values():
        for item in _items(lever, tables) if lever.slider else ():
            first = levers.get(lever.instead_of)
            change = change_of(lever, item, month, None, tables)
            if change and not (first and change_of(first, item, month, None, tables)):
                made.append(_slider(lever, item, change))
    return made


def _items(lever, tables):
    """The items of a lever in the panel, one slider each; None for the whole company."""
    if lever.scope == "company":
        return [None]
    if lever.scope == "family":
        return _families(tables)
    home = table_of(lever.scope) if lever.scope in GROUPED else lever.table
    frame = tables.get(home)
    return [] if frame is None else list(frame[lever.scope].dropna().unique())[:SHOWN]


def _slider(lever, item, change):
    name, low, high, step = lever.slider
    scope = label(lever.scope, of="scope")
    heading = PERCENT.format(name.capitalize(), scope)

    def changed(share):
        return [{**change, "operation": "multiply", "amount": _factor(share)}]

    return Control(name, heading, item or "all", "percent", (low, high, step), 0.0, changed)


def _factor(share):
    return round(1 + share, 6)


def _strategies(tables):
    policy = tables.get("supply_policy")
    if policy is None:
        return []
    ways = TABLES["supply_policy"].choices["strategy"]

    def changed(family):
        change = {
            "table": "supply_policy",
            "column": "strategy",
            "operation": "set",
            "family": family,
        }
        return lambda way: [change | {"setting": way}]

    return [
        Control(
            "strategy",
            STRATEGIES,
            row.family,
            "choice",
            tuple((WAYS[w], w) for w in ways),
            row.strategy,
            changed(row.family),
        )
        for row in policy.head(SHOWN).itertuples()
    ]


def _service(tables):
    policy = tables.get("inventory_policy")
    if policy is None or policy["target_service_level"].isna().all():
        return []

    def changed(level):
        return [
            {
                "table": "inventory_policy",
                "column": "target_service_level",
                "operation": "set",
                "amount": level,
            }
        ]

    options = (("as it is", ""), *((f"{100 * level:g} %", level) for level in LEVELS))
    return [Control("service level", SERVICE, "all products", "choice", options, "", changed)]
