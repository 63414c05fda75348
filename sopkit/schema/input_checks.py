"""From where on an input is probably wrong: the thresholds of `input_checks.toml`, by check."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from sopkit.schema.reading import FOLDER, SchemaError

FILE = FOLDER / "input_checks.toml"


@cache
def read_input_checks(path: Path = FILE) -> Mapping[str, Mapping[str, float]]:
    """Read the thresholds of the checks of magnitudes and extracts.

    Returns
    -------
    {check : {threshold : value}}

    Raises
    ------
    SchemaError : a threshold is no number above 0.
    """
    checks = tomllib.loads(path.read_text(encoding="utf-8"))
    for check, thresholds in checks.items():
        for name, value in thresholds.items():
            if not isinstance(value, float) or value <= 0:
                raise SchemaError(f"{path.name} {check}: {name} must be a number such as 0.5")
    return checks
