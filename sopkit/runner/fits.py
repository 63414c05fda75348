"""Cache of model fits that take seconds: a series is fitted once, not in every run.

What an analysis that is marked `kept` has found lies in the project's `.fits` folder, under the
hash of the tables that it reads, of its module and of the versions of the libraries that fit. A run
whose history changed fits again. The folder may be deleted at any time.
"""

import hashlib
import inspect
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from sopkit.io import hashing
from sopkit.io.writers import replacing
from sopkit.rules.call import call, inputs_of
from sopkit.rules.marks import mark_of
from sopkit.runner import project

FOLDER = ".fits"
LIBRARIES = ("statsmodels", "scipy", "numpy", "pandas")


def kept(analysis: Callable, tables: Any) -> Any:
    """What an analysis finds of its tables: found before, where it is marked `kept`, or found
    now."""
    marked = mark_of(analysis)
    if marked is None or not marked.about.get("kept"):
        return call(analysis, tables)
    folder = project.root() / FOLDER / _known_by(analysis, tables)
    result = inspect.signature(analysis).return_annotation
    files = [folder / f"{name}.parquet" for name in result._fields]
    if all(file.exists() for file in files):
        return result(*map(pd.read_parquet, files))
    found = call(analysis, tables)
    folder.mkdir(parents=True, exist_ok=True)
    for file, table in zip(files, found, strict=True):
        with replacing(file) as part:
            table.to_parquet(part, index=False)
    return found


def _known_by(analysis: Callable, tables: Any) -> str:
    """The hash of all that the answer depends on."""
    module = Path(inspect.getfile(sys.modules[analysis.__module__]))
    said = {name: hashing.table_hash(tables.get(name)) for name in inputs_of(analysis)}
    said |= {name: version(name) for name in LIBRARIES}
    said |= {analysis.__name__: hashlib.sha256(module.read_bytes()).hexdigest()}
    return hashing.combined_hash(said)
