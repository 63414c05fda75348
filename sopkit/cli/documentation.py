"""The documentation that is printed from the code: data dictionary, lineage, rules by kind, map of
the packages."""

import ast
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType

import sopkit
from sopkit.cycle.stages import STAGES, writes
from sopkit.data_quality import judge
from sopkit.io.writers import write_text
from sopkit.lineage import data_dictionary
from sopkit.pre_sop.gaps import gap_rules
from sopkit.pre_sop.options import lever_functions
from sopkit.reporting import exhibits
from sopkit.rules.call import inputs_of, name_of
from sopkit.rules.collect import collect
from sopkit.runner.session import OFFERED
from sopkit.schema.tables import INPUT_TABLES, TABLES

LIBRARY = Path(sopkit.__file__).parent
EDIT = "Printed from the code by `make docs`; edit the docstrings there."


def write(folder: Path) -> list[Path]:
    """Write every page that is printed from the code.

    Returns
    -------
    list of the files written
    """
    pages = {"rules.md": rules(), "packages.md": packages()}
    written = data_dictionary.write(folder)
    for name, text in pages.items():
        write_text(folder / name, text)
        written.append(folder / name)
    return written


def rules() -> str:
    """Every rule by its kind, with the tables that it reads, as Markdown."""
    lines = [
        "# Rules",
        "",
        EDIT,
        "",
        "A rule is a function; its parameters are the tables it reads.",
    ]
    for stage in STAGES:
        lines += _section(f"Steps of {stage.name}", stage.steps)
        if stage.analyses:
            lines += _section(f"Analyses of {stage.name}: shown, not stored", stage.analyses)
    for title, found in _marked().items():
        lines += _section(title, found.values())
    return "\n".join(lines) + "\n"


def _marked() -> dict[str, Mapping[str, Callable]]:
    """The marked rules of each kind."""
    analyses = {name for stage in STAGES for each in stage.analyses for name in writes(each)}
    areas = [value for value in vars(exhibits).values() if isinstance(value, ModuleType)]
    offered = {*TABLES, *analyses, *OFFERED}
    return {
        "Checks": {check.__name__: check for check in judge.CHECKS},
        "Gap rules": gap_rules(),
        "Levers that are no rows of `levers.toml`": lever_functions(),
        "Exhibits": collect("exhibit", *areas, tables=offered),
    }


def _section(title: str, functions: Iterable[Callable]) -> list[str]:
    lines = ["", f"## {title}", "", "| rule | reads | what |", "|---|---|---|"]
    for function in functions:
        said = _summary(function.__doc__)
        lines.append(f"| `{name_of(function)}` | {_read(function)} | {said} |")
    return lines


def _read(function: Callable) -> str:
    """The tables that a rule reads; in two words, where it asks the same of every input table."""
    read, every = set(inputs_of(function)), {t.name for t in INPUT_TABLES}
    names = [name for name in inputs_of(function) if not every <= read or name not in every]
    return ", ".join([*names, "every input"] if every <= read else names)


def packages() -> str:
    """Every package and module with the summary of its docstring, as Markdown."""
    lines = ["# Packages", "", EDIT, ""]
    for folder in sorted(path for path in LIBRARY.iterdir() if (path / "__init__.py").exists()):
        lines += ["", f"## sopkit/{folder.name}", "", _said_of(folder / "__init__.py"), ""]
        lines += ["| module | what belongs there |", "|---|---|"]
        for path in sorted(folder.rglob("*.py")):
            if path.name != "__init__.py":
                name = path.relative_to(folder).with_suffix("").as_posix()
                lines.append(f"| `{name}` | {_said_of(path)} |")
    return "\n".join(lines) + "\n"


def _said_of(path: Path) -> str:
    return _summary(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))))


def _summary(docstring: str | None) -> str:
    """The first paragraph of a docstring, in one line."""
    return " ".join((docstring or "").strip().split("\n\n")[0].split())
