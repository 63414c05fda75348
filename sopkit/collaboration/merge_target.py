"""What forms and packs that come back are merged into."""

from collections.abc import Mapping
from dataclasses import dataclass

from pandas import DataFrame


@dataclass(frozen=True)
class Target:
    """What forms are merged into: a company's own tables in a cycle, the number of its latest plan
    revision, and the moment."""

    company: str
    cycle: str
    tables: Mapping[str, DataFrame]
    revision: int
    now: str  # 2026-10-05T14:05:09Z
