"""Every gap rule by name, with its standard thresholds, from `gap_rules.toml`."""

import tomllib
from functools import cache
from pathlib import Path

from sopkit.schema.reading import FOLDER, SchemaError

FILE = FOLDER / "gap_rules.toml"


@cache
def read_gap_rules(path: Path = FILE) -> dict[str, dict[str, float]]:
    """Read the gap rules.

    Returns
    -------
    {gap rule : {threshold : default value [a share, units or months, as the rule says]}}

    Raises
    ------
    SchemaError : a threshold is no number.
    """
    rules = tomllib.loads(path.read_text(encoding="utf-8"))
    for rule, thresholds in rules.items():
        for name, value in thresholds.items():
            if not isinstance(value, float):
                raise SchemaError(f"{path.name} {rule}: {name} must be a number such as 0.02")
    return rules
