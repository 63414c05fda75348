"""The plan stores that runs of this project remember, by the records beside their reports."""

from collections.abc import Iterator, Mapping
from typing import Any

from sopkit.runner import project, run_log
from sopkit.store.identity import Known


def remembered() -> Iterator[Known]:
    """The store of every report's last run."""
    for _, record in run_log.all_of(project.root() / "reports"):
        yield known(record)


def known(record: Mapping[str, Any]) -> Known:
    """The store that a run began with, or saved its revision in."""
    return Known(**record["store"]) if "store" in record else Known("", "", "")
