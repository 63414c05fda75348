"""Valid tables: columns, types, keys, references; the one join; issues; periods.

`attach`, `conform`, `conform_all`, `empty` and `laid_out` are offered here, loaded when first used:
naming an error of `tables.issues` loads no pandas.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sopkit.tables.joins import attach
    from sopkit.tables.validation import conform, conform_all, empty, laid_out

__all__ = ["attach", "conform", "conform_all", "empty", "laid_out"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(
        import_module(f"sopkit.tables.{'joins' if name == 'attach' else 'validation'}"), name
    )
