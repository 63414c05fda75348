"""Fail the n-th file or SQL operation of an act, for every n: it is done whole or not at all, and works when tried again.

    python benchmarks/nth_fault.py

Operations are what Python's audit events tell of files in the trial's folder (open, rename, remove, make a folder) and every
statement and commit in a database. A failed one raises what a full disk raises.
"""

import errno
import random
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import faults
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from shop import shop

from sopkit.collaboration import append_inputs
from sopkit.io import readers, writers
from sopkit.store import approval, audit_log, revisions, verify
from sopkit.tables import conform
from sopkit.tables.issues import DataError

ON_FILES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.link"}
NOVAK = audit_log.Author("A. Novak", "trial")


class Fault:
    """Counts operations in a folder, and fails the n-th while it is on."""

    def __init__(self):
        self.folder, self.count, self.fails_at, self.is_on = "", 0, 0, False
        sys.addaudithook(self._heard)
        sa.event.listen(sa.Engine, "before_cursor_execute", self._statement)
        sa.event.listen(sa.Engine, "commit", self._commit)

    @contextmanager
    def at(self, folder: Path, number: int) -> Iterator[None]:
        """Fail this operation of what is done within; 0: none, they are only counted."""
        self.folder, self.count, self.fails_at, self.is_on = str(folder), 0, number, True
        try:
            yield
        finally:
            self.is_on = False

    def _is_due(self):
        self.count += 1
        return self.count == self.fails_at

    def _heard(self, event, arguments):
        if not self.is_on or event not in ON_FILES or self.folder not in str(arguments[0]):
            return
        if self._is_due():
            raise OSError(errno.ENOSPC, "No space left on device", str(arguments[0]))

    def _statement(self, _connection, _cursor, statement, parameters, _context, _many):
        if self.is_on and self._is_due():
            full = sqlite3.OperationalError("database or disk is full")
            raise sa.exc.OperationalError(statement, parameters, full)

    def _commit(self, connection):
        self._statement(connection, None, "COMMIT", None, None, None)


class Act(NamedTuple):
    """What is begun with, what is done, and what can be seen of it."""

    begin: Callable[[Path], None]
    do: Callable[[Path], None]
    seen: Callable[[Path], object]


def _url(folder):
    return f"sqlite:///{folder / 'plans.sqlite'}"


def _begin_store(folder):
    tables = faults.plan(1)
    tables["decisions"] = tables["decisions"].assign(decision="approve-plan")
    faults.saving.save_revision(
        _url(folder), *faults.PLACE, tables, faults.content_hash({}), NOVAK.who, NOVAK.why
    )


def _see_store(folder):
    url = _url(folder)
    wrong = [*verify.verify(url), *["half a revision"] * faults.half_visible(url)]
    return [*verify.audit(url)["what"], *wrong]


def _approve(folder):
    url = _url(folder)
    if "submitted" not in verify.audit(url)["what"].tolist():
        approval.submit(url, faults.PLACE, NOVAK)
    newest = revisions.latest_revision(url, *faults.PLACE)
    approval.approve(url, faults.PLACE, audit_log.Author("C. Winter", "trial"), newest.hash)


def _begin_tables(folder):
    for name, rows in shop().items():
        writers.write(name, rows.dropna(axis=1, how="all"), folder / "shop" / f"{name}.csv")
    (folder / "shop" / "demand_inputs.csv").write_text(
        "function,product,market,period,quantity,author,reason,submitted_on\n"
        "sales,TEA,town,2026-11,90,K. Holm,Rain,2026-10-01\n"
    )


def _add(folder):
    month = readers.read(folder / "shop")["sales_history"]["period"].max() + 1
    entry = {
        "function": ["sales"], "product": "TEA", "market": "town",
        "period": month, "quantity": 130.0, "author": "K. Holm", "reason": "New shop", "submitted_on": "2026-10-01",
    }  # fmt: skip
    override = {
        "kind": ["production"], "item": "TEA", "site": "main", "period": month, "fixed": 50.0,
        "author": "P. Silva", "reason": "Room",
    }  # fmt: skip
    frames = {"demand_inputs": entry, "plan_overrides": override}
    append_inputs.add_rows(
        folder / "shop",
        {name: conform(name, faults.pd.DataFrame(row)) for name, row in frames.items()},
    )


def _see_tables(folder):
    tables = readers.read(folder / "shop")
    return {name: len(rows) for name, rows in tables.items() if len(rows)}


def _pack(folder):
    writers.write("products", shop()["products"], folder / "products.xlsx")


def _see_pack(folder):
    return [one.name for one in folder.iterdir()]


ACTS = {
    "save a revision": Act(_begin_store, lambda folder: faults.save(_url(folder), 2), _see_store),
    "add rows to two tables": Act(_begin_tables, _add, _see_tables),
    "write a workbook": Act(lambda _: None, _pack, _see_pack),
    "submit and approve": Act(_begin_store, _approve, _see_store),
}
FAULT = Fault()


def tried(act: Act, folder: Path, wanted: int | None = None, seed: int = 0) -> tuple[int, list]:
    """Fail every operation of an act, or so many drawn of them.

    Returns
    -------
    (operations, what went wrong: n and how)
    """
    whole, wrong = _fresh(act, folder), []
    before = act.seen(whole)
    with FAULT.at(whole, 0):
        act.do(whole)
    count, after = FAULT.count, act.seen(whole)
    numbers = list(range(1, count + 1))
    if wanted is not None and wanted < count:
        numbers = sorted(random.Random(seed).sample(numbers, wanted))  # noqa: S311  no secrets
    for number in numbers:
        place = _fresh(act, folder)
        try:
            with FAULT.at(place, number):
                act.do(place)
        except (OSError, ValueError, DataError):
            pass
        except Exception as error:  # any other is what is looked for
            wrong.append((number, f"{type(error).__name__}: {error}"))
        wrong += [(number, text) for text in _judged(act, place, before, after)]
    return count, wrong


def _fresh(act, folder):
    place = folder / "trial"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    act.begin(place)
    return place


def _judged(act, place, before, after):
    """What is wrong after a fault, and after trying again."""
    try:
        seen = act.seen(place)
        partly = act is ACTS["submit and approve"] and seen[: len(before)] == before
        if seen not in (before, after) and not partly:
            yield f"neither as before nor as after: {seen}"
        if seen != after:
            act.do(place)
            if act.seen(place) != after:
                yield f"tried again it is {act.seen(place)}"
    except Exception as error:  # any is what is looked for
        yield f"afterwards {type(error).__name__}: {error}"


def main():
    for name, act in ACTS.items():
        with tempfile.TemporaryDirectory() as folder:
            count, wrong = tried(act, Path(folder))
        print(f"{name:<26} {count:>4} operations, {len(wrong)} wrong")
        for number, text in wrong:
            print(f"  {number}: {text}")


if __name__ == "__main__":
    main()
