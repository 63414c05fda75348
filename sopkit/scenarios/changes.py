"""Apply named changes to input tables.

A change is a row: what is done (set, add, multiply) to which number column of which input table,
for which rows. Adding to a month moves it by so many months; columns of choices and of true or
false are set, to the change's `setting`.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

import pandas as pd
from pandas import DataFrame

from sopkit.master_data.currencies import RATES, in_reporting_currency
from sopkit.master_data.dated import DATE, position_in_force
from sopkit.scenarios import price_changes
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES, changeable
from sopkit.tables import conform
from sopkit.tables.hierarchies import is_within
from sopkit.tables.issues import DataError
from sopkit.tables.parsing import parse
from sopkit.tables.periods import add_months

# the first and last month that a row of a table is about; without either, a change cannot be
# limited to months
SPANS = (
    ("period", "period"),
    ("effective_from", "effective_from"),
    ("launch_period", "launch_period"),
    ("start_period", "end_period"),
    ("from_period", "to_period"),
    ("valid_from", "valid_to"),
)
# filters that mean the column of their name
OF_COLUMNS = ("market", "resource", "item", "demand_driver")
_SETTINGS = ("choice", "flag")


def apply(
    tables: Mapping[str, DataFrame], changes: DataFrame, idle_allowed: bool = False
) -> dict[str, DataFrame]:
    """Apply a scenario to the input tables; the tables handed in do not change.

    Changes are made in the order of scenario and change number. An empty filter means every row; a
    family, or a product group in its place, means its products; a market group means its markets; a
    product means, in `sources` and `purchase_orders`, itself and its
    components. Dated rows are in force from a month on, so a change limited to months starts a new
    row in its first month and gives the old values back after its last. Adding to an empty cell or
    multiplying it leaves it empty: no limit stays no limit. A change that alters nothing is
    refused, unless `idle_allowed`: of two scenarios applied together, one may already have done it.
    Where a rate of exchange changes, what is in that currency is converted by the change. How far
    prices move from the price list is kept in `price_changes`.

    Returns
    -------
    dict of table name : table, conformed

    Raises
    ------
    ValueError : a change that cannot be made, with its scenario, the value and how to fix it.
    """
    order = [column for column in ("scenario", "change") if column in changes.columns]
    ordered = changes.sort_values(order, kind="stable") if order else changes
    changed = dict(tables)
    for change in ordered.to_dict("records"):
        name = change["table"]
        _refuse_unchangeable(change, changed)
        frame = changed[name]
        if DATE in TABLES[name].key:
            frame = _start_rows(frame, change, changed)
        rows = _chosen(frame, change, changed)
        after = _calculated(frame, rows, change)
        new = after[change["column"]]
        if not idle_allowed and new.equals(frame[change["column"]].astype(new.dtype)):
            raise _refusal(change, _alters_nothing(change, rows))
        try:
            changed[name] = conform(name, after)
        except DataError as error:
            raise _refusal(change, f"the result breaks a rule.\n{error}") from error
    if changed.get(price_changes.PRICES) is not tables.get(price_changes.PRICES):
        changed |= _price_changes(tables, changed)
    if changed.get(RATES) is not tables.get(RATES):
        changed = dict(in_reporting_currency(changed))
    return changed


def _price_changes(before, after):
    """The table of price changes, where prices move or have moved."""
    known = before.get(price_changes.NAME)
    costs = (tables[price_changes.PRICES] for tables in (before, after))
    moved = price_changes.moved_prices(*costs, known)
    return {} if known is None and moved.empty else {price_changes.NAME: moved}


def _refuse_unchangeable(change, tables):
    """Refuse what no scenario may change: a table that is not at hand, or a column of codes or
    text."""
    name, column = change["table"], change["column"]
    inputs = [table for table in TABLES if TABLES[table].is_input]
    if name not in inputs:
        raise _refusal(change, f"table={name} is not an input table.{_nearest(name, inputs)}")
    if tables.get(name) is None:
        raise _refusal(
            change, f"table={name} is not in this workspace. Add {name} before changing it."
        )
    table = TABLES[name]
    known = changeable(name)
    if column not in table.columns:
        raise _refusal(change, f"column={column} is not in {name}.{_nearest(column, known)}")
    if column not in known:
        why = "is part of the key" if column in table.key else "holds codes or text"
        raise _refusal(
            change,
            f"column={column} of {name} {why}. Only {', '.join(known) or 'no column'} can be "
            "changed.",
        )
    if change["operation"] not in COLUMNS["operation"].choices:
        raise _refusal(
            change, f"operation={change['operation']} is unknown. Write set, add or multiply."
        )
    _refuse_misfit(change, COLUMNS[column])


def _refuse_misfit(change, word):
    """Numbers take an amount, months are moved by a whole one; what holds neither is set to a
    setting."""
    where = f"column={change['column']} of {change['table']}"
    if word.kind in _SETTINGS:
        if (
            change["operation"] != "set"
            or _empty(change, "setting")
            or not _empty(change, "amount")
        ):
            known = ", ".join(word.choices or ("true", "false"))
            raise _refusal(
                change,
                f"{where} holds one of {known}. Enter it in setting, and leave amount empty.",
            )
        return
    if _empty(change, "amount") or not _empty(change, "setting"):
        raise _refusal(
            change,
            f"{where} holds {'months' if word.kind == 'period' else 'numbers'}. Write amount, and "
            "leave setting empty.",
        )
    operation, amount = change["operation"], change["amount"]
    if word.kind == "period" and (operation != "add" or amount % 1):
        raise _refusal(
            change,
            f"{where} holds months, and {operation} {amount:g} does not move one. "
            "Add a whole number of months: 2 is two months later, -1 a month earlier.",
        )


def _alters_nothing(change, rows):
    does = (
        f"{change['operation']} "
        f"{change['setting'] if _empty(change, 'amount') else format(change['amount'], 'g')}"
    )
    return (
        f"{does} alters nothing: {change['column']} of {change['table']} is the same as before in "
        f"{'the one row' if rows.sum() == 1 else f'all {rows.sum()} rows'} chosen. Correct the "
        "amount or remove the change."
    )


def _refusal(change, fault):
    who = " ".join(
        f"{word} {change[word]}" for word in ("scenario", "change") if not _empty(change, word)
    )
    return ValueError(f"{who or 'change'}: {fault}")


def _nearest(word, known):
    close = get_close_matches(str(word), known, 1)
    return f" Did you mean {close[0]}?" if close else f" Known are {', '.join(known)}."


def _empty(change, filter_):
    return pd.isna(change.get(filter_))


# --------------------------------------------------------------------------------------------------
# which rows


def _chosen(frame, change, tables):
    """Mark the rows that every filter of the change lets through; a filter that leaves none is
    refused by name."""
    rows = _things(frame, change, tables)
    for bound in ("from_period", "to_period"):
        if not _empty(change, bound):
            rows &= _within(frame, change, bound)
            _refuse_none(rows, change, bound)
    _refuse_none(rows, change, "table")
    return rows


def _things(frame, change, tables):
    """Mark the rows of the family, product, market, resource, item and driver that the change is
    about."""
    rows = pd.Series(True, index=frame.index)
    for filter_ in ("family", "product", *OF_COLUMNS):
        if not _empty(change, filter_):
            rows &= _matches(frame, change, filter_, tables)
            _refuse_none(rows, change, filter_)
    return rows


def _matches(frame, change, filter_, tables):
    value = change[filter_]
    if filter_ in OF_COLUMNS:
        if filter_ not in frame.columns:
            raise _refusal(
                change,
                f"{filter_}={value}, but {change['table']} has no {filter_}. "
                f"Leave {filter_} empty.",
            )
        markets = tables.get("market_groups") if filter_ == "market" else None
        return is_within(frame[filter_], value, markets)
    products, groups = tables["products"], tables.get("product_groups")
    wanted = products.loc[is_within(products[filter_], value, groups), "product"]
    if filter_ == "family" and "family" in frame.columns:
        of_its_products = frame["product"].isin(wanted) if "product" in frame.columns else False
        return is_within(frame["family"], value, groups) | of_its_products
    if "product" in frame.columns:
        return frame["product"].isin(wanted if filter_ == "family" else [value])
    if "item" in frame.columns:
        parts = _parts(wanted, tables.get("bill_of_materials"))
        return frame["item"].isin(parts | set(wanted))
    raise _refusal(
        change, f"{filter_}={value}, but {change['table']} has no product. Leave {filter_} empty."
    )


def _parts(products, bill_of_materials):
    """All components of the products, at any level."""
    parts, found = set(), set(products)
    while found and bill_of_materials is not None:
        into = bill_of_materials["product"].isin(found)
        found = set(bill_of_materials.loc[into, "component"]) - parts
        parts |= found
    return parts


def _within(frame, change, bound):
    span = next((span for span in SPANS if span[0] in frame.columns), None)
    if span is None:
        raise _refusal(
            change,
            f"{bound}={change[bound]}, but {change['table']} has no months. Leave {bound} empty.",
        )
    if bound == "from_period":
        return frame[span[1]] >= change[bound]
    always = frame[span[0]].isna() if span[0] == DATE else False
    return (frame[span[0]] <= change[bound]) | always


def _refuse_none(rows, change, filter_):
    if not rows.any():
        what = (
            "it has no rows"
            if filter_ == "table"
            else f"{filter_}={change[filter_]} leaves no row of it"
        )
        raise _refusal(
            change,
            f"nothing in table={change['table']} is changed: {what}. Correct or remove the filter.",
        )


def _start_rows(frame, change, tables):
    """Add dated rows from the change's first month, and the previous ones after its last."""
    for bound, months in (("to_period", 1), ("from_period", 0)):
        if not _empty(change, bound):
            rows = _things(frame, change, tables)
            frame = _started(change["table"], frame, rows, change[bound] + months)
    return frame


def _started(name, frame, rows, month):
    """Add a copy of what holds in a month, starting then, for each chosen thing that has no row
    starting then."""
    key = [column for column in TABLES[name].key if column != DATE]
    wanted = frame.loc[rows, key].drop_duplicates().assign(period=month)
    row, _ = position_in_force(frame, key, wanted)
    new = frame.iloc[row]
    new = new[(new[DATE] != month) | new[DATE].isna()].assign(**{DATE: month})
    return pd.concat([frame, new.astype(frame.dtypes)], ignore_index=True)


# --------------------------------------------------------------------------------------------------
# what is done


def _calculated(frame, rows, change):
    word = COLUMNS[change["column"]]
    if word.kind == "period":
        before = frame[change["column"]]
        moved = add_months(before[rows & before.notna()], int(change["amount"]))
        return frame.assign(**{change["column"]: moved.reindex(frame.index).fillna(before)})
    if word.kind in _SETTINGS:
        new = parse(word.kind, pd.Series([change["setting"]], dtype="str")).iloc[0]
        return frame.assign(**{change["column"]: frame[change["column"]].mask(rows, new)})
    before = frame[change["column"]].astype("float64")
    amount = float(change["amount"])
    after = {"set": before * 0 + amount, "add": before + amount, "multiply": before * amount}[
        change["operation"]
    ]
    if change["operation"] == "set":
        after = pd.Series(amount, index=frame.index)
    elif before[rows].isna().all():
        raise _refusal(
            change,
            f"column={change['column']} is empty in every row chosen, so nothing changes. Use set.",
        )
    return frame.assign(**{change["column"]: before.mask(rows, after)})


def take(changes: DataFrame, names: Iterable[str]) -> DataFrame:
    """Mark the changes of scenarios as part of the plan."""
    return changes.assign(
        applied=changes["applied"].mask(changes["scenario"].isin(list(names)), True)
    )


def untaken(changes: DataFrame) -> DataFrame:
    """The changes of scenarios that are not part of the plan yet."""
    return changes[~changes["applied"].fillna(False).astype(bool)]


def without_taken(inputs: dict[str, DataFrame], taken: Iterable[str]) -> dict[str, DataFrame]:
    """The inputs without the scenarios that are part of the plan; those of risks stay, marked."""
    taken, defined = list(taken), inputs.get("scenario_changes")
    if defined is None or not defined["scenario"].isin(taken).any():
        return inputs
    risky = inputs["risks"]["scenario"] if "risks" in inputs else []
    gone = defined["scenario"].isin(taken) & ~defined["scenario"].isin(risky)
    return {**inputs, "scenario_changes": take(defined[~gone].reset_index(drop=True), taken)}
