"""The log of a run beside its report: opened first, closed last.

Whatever ends a run in between leaves the record open, the page marked and the draft where it is:
`sopkit status` tells what happened, the next run clears it away, and `--resume` goes on from the
last good stage. A lock that dies with its process keeps two runs of one plan apart.
"""

import getpass
import json
import os
import re
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sopkit.io import disk
from sopkit.io.writers import write_text

RUNNING, FAILED, ENDED = "running", "failed", "ended"
PROBE_SECONDS = 0.5  # `sopkit status` holds a lock for a moment, to see whether it is free
_MARK = re.compile(r'<p class="state".*?</p>\n', re.DOTALL)
_STYLE = (
    "position:sticky;top:0;z-index:9;margin:0;padding:.6rem 1rem;max-width:none;"
    "background:#8a1c1c;color:#fff"
)


def now() -> str:
    """This minute, as a record and a page write it."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


@contextmanager
def begun(report: Path, opening: Mapping[str, Any], resumed: bool = False) -> Iterator[Path]:
    """Reserve the place of a run while it runs, and close its record with the outcome.

    Parameters
    ----------
    report : the folder that the run will make
    opening : what the record says of the run from the start
    resumed : whether to leave what an earlier run did

    Yields
    ------
    the folder to work in, empty unless resumed

    Raises
    ------
    ValueError : somebody runs the same plan at this moment.
    """
    place = _place(report)
    place.mkdir(parents=True, exist_ok=True)
    with _held(report):
        _clear(report, resumed)
        who = {"who": getpass.getuser(), "host": socket.gethostname(), "process": os.getpid()}
        _write(place, {**opening, **who, "began": now(), "state": RUNNING})
        try:
            yield _work(report)
        except BaseException as error:
            why = f"{error}".partition("\n")[0] or "it was interrupted"
            with disk.added_to(error):  # an open record says too that the run has not ended well
                note(report, state=FAILED, why=why, ended=now())
            raise
        note(report, state=ENDED, ended=now())
        _clear(report, resumed=False)


def refuse_running(report: Path) -> None:
    """Raise ValueError where the same plan is being run."""
    if _place(report).exists() and _is_held(_place(report)):
        raise ValueError(_refusal(report))


def note(report: Path, **changes: Any) -> None:
    """Record the progress of the run."""
    place = _place(report)
    _write(place, json.loads((place / "record.json").read_text(encoding="utf-8")) | changes)


def last(report: Path) -> dict[str, Any] | None:
    """The record of the last run of a report, or None; one without a process was cut off."""
    place = _place(report)
    if not (place / "record.json").exists():
        return None
    record = json.loads((place / "record.json").read_text(encoding="utf-8"))
    if record["state"] == RUNNING:
        record["cut_off"] = not _is_held(place)
    return record


def all_of(reports: Path) -> list[tuple[Path, dict[str, Any]]]:
    """The last record of every report, as (folder, record), oldest cycle first."""
    folders = sorted(file.parent for file in reports.glob("*/*/.*.run/record.json"))
    found = [folder.with_name(folder.name[1 : -len(".run")]) for folder in folders]
    return [(folder, last(folder)) for folder in found]


def is_alive(record: Mapping[str, Any]) -> bool:
    """Whether the run is still going on."""
    return record["state"] == RUNNING and not record["cut_off"]


def told(record: Mapping[str, Any]) -> str:
    """Word the outcome of a run."""
    run = (
        f"{record['plan']}: the run of {record['who']} ({record['began']}, {record['host']}, "
        f"process {record['process']})"
    )
    if record.get("revision"):
        run += f", which saved revision {record['revision']},"
    if is_alive(record):
        return f"{run} is at {record['stage']}"
    if record["state"] == RUNNING:
        return f"{run} was terminated at {record['stage']}"
    if record["state"] == FAILED:
        return f"{run} failed at {record['stage']}: {record['why']}"
    return f"{run} ended well"


def mark(page: Path, text: str) -> None:
    """Write a status line at the head of a page; nothing where there is no page."""
    if not page.exists():
        return
    html = _MARK.sub("", page.read_text(encoding="utf-8"))
    state = f'<p class="state" role="status" style="{_STYLE}">{escape(text)}</p>\n'
    write_text(page, html.replace("<main>\n", f"<main>\n{state}", 1))


def _place(report):
    return report.with_name(f".{report.name}.run")


def _work(report):
    return _place(report) / "report"


def _clear(report, resumed):
    """Clear away what a run left; a report that was on its way out goes back."""
    old = _place(report) / "old"
    if old.exists() and not report.exists():
        old.rename(report)
    shutil.rmtree(old, ignore_errors=True)
    if not resumed:
        shutil.rmtree(_work(report), ignore_errors=True)
    _work(report).mkdir(exist_ok=True)


def _write(place, record):
    write_text(place / "record.json", json.dumps(record, indent=1, ensure_ascii=False))


def _lock(place):
    """The lock of a run, which the system lets go of when the process is gone."""
    return FileLock(place / "lock")


def _held(report):
    """Take the lock of a run, or refuse by naming who has it."""
    try:
        return _lock(_place(report)).acquire(timeout=PROBE_SECONDS)
    except Timeout:
        raise ValueError(_refusal(report)) from None


def _is_held(place):
    try:
        with _lock(place).acquire(blocking=False):
            return False
    except Timeout:
        return True


def _refusal(report):
    record = last(report)
    if record is None or not is_alive(
        record
    ):  # it has the lock, but has not written its record yet
        return f"{report}: another run of the same plan has just started; wait until it has ended"
    return (
        f"{told(record)}, and two runs of one plan cannot both write {report}: wait until it has "
        "ended, "
        f"or end process {record['process']} on {record['host']}"
    )
