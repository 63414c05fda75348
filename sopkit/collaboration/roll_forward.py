"""The next month: what exports add, what is over, what is carried, what must be refreshed."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd
from pandas import DataFrame, Period

from sopkit.collaboration.form_rows import own_entries
from sopkit.collaboration.input_status import deadline
from sopkit.io import hashing
from sopkit.master_data.versions import latest
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES
from sopkit.tables import conform
from sopkit.tables.periods import first_days, last_days, with_days

BY_MONTH = ("sales_history", "production_history", "hours_history", "stock_availability")
SNAPSHOTS = {  # replaced whole by their export: who sees to it
    "inventory": "supply",
    "sales_orders": "sales",
    "order_history": "sales",
    "purchase_orders": "supply",
}
OVER = ("demand_inputs", "plan_overrides")  # rows of closed months are archived


class Restated(NamedTuple):
    """A closed month that an export says otherwise."""

    table: str
    key: str
    column: str
    before: object
    after: object


class Refresh(NamedTuple):
    """What must be seen to before the plan, by whom, and why."""

    what: str
    who: str
    why: str


class Rolled(NamedTuple):
    """What rolling to a cycle does; nothing is written."""

    tables: dict[str, DataFrame]  # those that change, as they will be
    archived: dict[str, DataFrame]
    restated: list[Restated]
    done: list[str]  # in sentences
    carried: list[str]
    refresh: list[Refresh]


def roll_forward(
    tables: Mapping[str, DataFrame], exports: Mapping[str, DataFrame], cycle: Period
) -> Rolled:
    """Close the month before a cycle.

    Raises
    ------
    ValueError : the exports lack sales of the month that is closed, or months between.
    """
    closed = cycle - 1
    _refuse_gaps(exports["sales_history"], closed)
    after: dict[str, DataFrame] = {}
    done: list[str] = []
    restated: list[Restated] = []
    for name, new in exports.items():
        if name == "products":
            after |= _new_products(tables["products"], new, done)
        elif name in BY_MONTH:
            kept = new[new["period"] <= closed]
            restated += _restated(name, tables.get(name), kept)
            after[name] = _merged(name, tables.get(name), kept)
            done += _added(name, tables.get(name), after[name])
        elif name == "calendar":
            after[name] = conform(name, new)
            done += _continued(tables.get(name), after[name])
        else:
            after[name] = conform(name, new)
            done += _replaced(name, tables.get(name), after[name])
    whole = {**tables, **after}
    archived = _archived(whole, cycle)
    for name, rows in archived.items():
        after[name] = whole[name].drop(index=rows.index).reset_index(drop=True)
        done.append(f"{name}: {len(rows):,} rows of closed months go to archive/{closed}")
    after |= _marked(whole | after, closed, done) | _as_of(whole, closed, done)
    changed = {
        name: table for name, table in after.items() if not _same(name, tables.get(name), table)
    }
    whole = {**tables, **after}
    return Rolled(
        changed, archived, restated, done, _carried(whole, cycle), _refresh(whole, exports, cycle)
    )


def _continued(before, after):
    if _same("calendar", before, after):
        return []
    return [f"calendar: continued to {after['period'].max()}"]


def _refuse_gaps(new, closed):
    if new["period"].max() < closed:
        raise ValueError(
            f"the export of sales ends in {new['period'].max()}, before {closed}, the month to be "
            f"closed. Export {closed} as well, and roll again."
        )


def _new_products(known, new, done):
    added = new[~new["product"].isin(known["product"])]
    if added.empty:
        return {}
    done.append(f"products: {', '.join(added['product'])} are new; check their family")
    return {"products": conform("products", pd.concat([known, added], ignore_index=True))}


def _numbers(name):
    kinds = ("number", "whole")
    return [
        c for c in TABLES[name].columns if c not in TABLES[name].key and COLUMNS[c].kind in kinds
    ]


def _restated(name, before, new) -> list[Restated]:
    """Closed months that the company has and the export says otherwise."""
    if before is None:
        return []
    key = list(TABLES[name].key)
    both = before.merge(new, on=key, how="inner", suffixes=("", "_new"))
    found = []
    for column in _numbers(name):
        old, now = both[column], both[f"{column}_new"]
        for row in both[now.notna() & ((old - now).abs() > 1e-9)].to_dict("records"):
            told = " ".join(str(row[each]) for each in key)
            found.append(Restated(name, told, column, row[column], row[f"{column}_new"]))
    gone = _gone(before, new, key)
    found += [Restated(name, " ".join(map(str, row)), "row", "there", "gone") for row in gone]
    return found


def _gone(before, new, key):
    """Rows of the export's months that the company has and the export has not."""
    spanned = before[before["period"].isin(new["period"].unique())]
    known = pd.MultiIndex.from_frame(new[key])
    rows = spanned[~pd.MultiIndex.from_frame(spanned[key]).isin(known)]
    sold = rows[_numbers_of(rows)].fillna(0.0).abs().sum(axis=1) > 0
    return rows.loc[sold, key].to_numpy().tolist()


def _numbers_of(rows):
    return list(rows.select_dtypes("number").columns)


def _merged(name, before, new):
    """The months of the export in place of the same months; other columns of a row stay."""
    if before is None:
        return conform(name, new)
    key = list(TABLES[name].key)
    kept = before[~before["period"].isin(new["period"].unique())]
    old = before.set_index(key)
    filled = new.set_index(key)
    filled = filled.combine_first(old.reindex(filled.index)).reset_index()
    whole = pd.concat([kept, filled[list(before.columns)]], ignore_index=True)
    return conform(name, whole.sort_values(key, ignore_index=True))


def _added(name, before, after) -> list[str]:
    known = set() if before is None else set(before["period"])
    months = sorted(str(m) for m in set(after["period"]) - known)
    return [f"{name}: {', '.join(months)} added"] if months else []


def _replaced(name, before, after) -> list[str]:
    same = _same(name, before, after)
    return [] if same else [f"{name}: replaced by the export, {len(after):,} rows"]


def _same(name, before, after) -> bool:
    """Whether two tables say the same, whatever the order of their rows."""
    if before is None or len(before) != len(after):
        return False
    one, other = (table.sort_values(list(TABLES[name].key)) for table in (before, after))
    return hashing.table_hash(one) == hashing.table_hash(other)


def _archived(tables, cycle) -> dict[str, DataFrame]:
    """Rows that are about closed months alone."""
    found = {}
    for name in OVER:
        rows = tables.get(name)
        if rows is None:
            continue
        over = rows["period"] < cycle
        if name == "plan_overrides":
            first = _days_of(cycle, tables)[0]
            over &= rows["day"].isna() | (rows["day"] < first)
        if over.any():
            found[name] = rows[over]
    return found


def _days_of(period, tables):
    """The first and the last day of a period of the company."""
    row = with_days(DataFrame({"period": [period]}), tables.get("calendar"))
    return first_days(row)[0], last_days(row)[0]


def _marked(tables, closed, done):
    """Entries of no cycle get the one they were made for, so that they are seen to be carried."""
    rows = tables.get("demand_inputs")
    if rows is None or not rows["cycle"].isna().any():
        return {}
    if rows["submitted_on"].ge(_days_of(closed + 1, tables)[0]).any():
        return {}
    count = int(rows["cycle"].isna().sum())
    done.append(f"demand_inputs: {count:,} entries are marked as answers of {closed}")
    filled = rows["cycle"].array.fillna(closed)
    return {"demand_inputs": conform("demand_inputs", rows.assign(cycle=filled))}


def _as_of(tables, closed, done):
    settings = tables.get("company_settings")
    if settings is None or settings["as_of_day"].isna().all():
        return {}
    last = _days_of(closed, tables)[1]
    if (settings["as_of_day"] >= last).all():
        return {}
    done.append(f"company_settings: as_of_day becomes {last:%Y-%m-%d}")
    return {"company_settings": conform("company_settings", settings.assign(as_of_day=last))}


def _carried(tables, cycle) -> list[str]:
    """What goes on to count: entries, overrides and assumptions that are still valid."""
    said = []
    entries = tables.get("demand_inputs")
    if entries is not None and len(entries):
        live = latest("demand_inputs", entries)
        live = live[(live["cycle"] < cycle).fillna(False)]
        who = live["contributor"].fillna(live["function"])
        said += [
            f"{count:,} entries of {name}, not answered again"
            for name, count in who.value_counts().items()
        ]
    fixed = tables.get("plan_overrides")
    if fixed is not None and len(fixed):
        said.append(f"{len(fixed):,} rows of plan_overrides")
    held = tables.get("assumptions")
    if held is not None:
        valid = held[held["valid_to"] >= cycle]
        over = held[held["valid_to"] < cycle]
        said += [f"{len(valid):,} assumptions are still valid"] if len(valid) else []
        said += [f"assumption {name} is over" for name in over["assumption"]]
    return said


def _refresh(tables, exports, cycle) -> list[Refresh]:
    """What nobody has brought: exports left out, and contributors who answer again."""
    asked = [
        Refresh(name, who, f"no export of it was given; it is that of {cycle - 1} or earlier")
        for name, who in SNAPSHOTS.items()
        if name in tables and name not in exports
    ]
    asked += [
        Refresh(name, "supply", f"no export of {cycle - 1} was given")
        for name in BY_MONTH
        if name in tables and name not in exports
    ]
    people = tables.get("contributors")
    if people is not None:
        for name, rows in people.groupby("contributor"):
            due = deadline(str(cycle), rows["deadline_day"].iloc[0])
            entries = tables.get("demand_inputs")
            mine = (
                0 if entries is None else len(own_entries(entries, name, rows["function"].iloc[0]))
            )
            what = f"{mine:,} entries are carried" if mine else "nothing is carried"
            asked.append(Refresh(f"inputs of {name}", name, f"by {due}; {what}"))
    return asked
