"""Parameters that papermill hands to a notebook: a name that no notebook takes is refused.

papermill only warns of one, and goes on with the default of the parameter that was meant.
"""

import ast
import sys
from collections.abc import Collection, Iterator
from difflib import get_close_matches

from sopkit.tables.issues import did_you_mean

_INJECTED = "# Parameters\n"  # the first line of the cell that papermill puts in


def refuse_unknown(known: Collection[str]) -> None:
    """Refuse a parameter handed to this notebook that is none of the known ones.

    Raises
    ------
    ValueError : the parameter, and the one that was probably meant.
    """
    for name in _handed_over():
        if name not in known:
            near = did_you_mean(get_close_matches(name, known, 1))
            raise ValueError(
                f"parameter {name!r} is unknown{near} The notebooks take {', '.join(known)}"
            )


def _handed_over() -> Iterator[str]:
    if "ipykernel" not in sys.modules:
        return
    from IPython import get_ipython

    for source in get_ipython().user_ns.get("In", ()):
        if source.startswith(_INJECTED):
            for node in ast.parse(source).body:
                if isinstance(node, ast.Assign):
                    yield from (each.id for each in node.targets if isinstance(each, ast.Name))
