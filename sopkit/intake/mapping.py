"""The mapping file, intake.toml: how a company's exports are read, kept for next month.

[answers] are what was told or decided, [questions] wait for an answer, [corrections.product]
writes one code for another, [units] says how many base units are in a unit, [shape] what the file
was like. [exports] says where each table's export lies (`{month}` is the month that is closed), and
[tables.NAME] how that of another table than sales is read.
"""

import datetime as dt
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sopkit.intake.decisions import Decisions, Guess, Question
from sopkit.io.writers import write_text
from sopkit.tables.issues import shown
from sopkit.tables.parsing import TOO_LARGE

NAME = "intake.toml"
SECTIONS = ("answers", "questions", "corrections", "units", "shape", "exports", "tables")
NESTED = ("corrections", "tables")  # whose keys are sections
MOST_BYTES = 1_000_000  # of a mapping file; some hundred are usual
HEAD = (
    "# How the exports of this company are read. The next file of this shape is read without a",
    "# question: sopkit init FOLDER --from-sales FILE --update. Change an answer here.",
)
# what a file decides for itself, each time
PASSING = (
    "first_month",
    "last_month",
    "encoding",
    "separator",
    "spacing",
    "date across",
    "quantity across",
    "year_across",
)


@dataclass
class CompanyMapping:
    """The content of a mapping file."""

    answers: dict[str, str] = field(default_factory=dict)
    corrections: dict[str, dict[str, str]] = field(default_factory=dict)
    units: dict[str, float] = field(default_factory=dict)
    shape: dict[str, object] = field(default_factory=dict)
    exports: dict[str, str] = field(default_factory=dict)
    tables: dict[str, dict[str, str]] = field(default_factory=dict)


def read(path: Path) -> CompanyMapping:
    """Read a mapping file; an absent one is empty. An answered question is an answer.

    Raises
    ------
    ValueError : it is no TOML, or holds something that is not known; the message says what.
    """
    if not path.exists():
        return CompanyMapping()
    held = _sections(path)
    answers = {key: _text(path, key, value) for key, value in held.get("answers", {}).items()}
    asked = {key: _text(path, key, value) for key, value in held.get("questions", {}).items()}
    answers |= {key: value for key, value in asked.items() if value.strip()}
    corrections = {
        role: {old: _text(path, old, new) for old, new in rows.items()}
        for role, rows in held.get("corrections", {}).items()
    }
    units = {unit: _number(path, unit, value) for unit, value in held.get("units", {}).items()}
    exports = {name: _text(path, name, place) for name, place in held.get("exports", {}).items()}
    tables = {
        name: {key: _text(path, key, value) for key, value in rows.items()}
        for name, rows in held.get("tables", {}).items()
    }
    shape = dict(held.get("shape", {}))
    return CompanyMapping(answers, corrections, units, shape, exports, tables)


def _sections(path: Path) -> dict[str, dict]:
    """Read the file's sections, each with keys and values; those of `NESTED` hold sections."""
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path.name} has more than {MOST_BYTES:,} bytes; shorten it")
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise ValueError(f"{path.name} cannot be read: its lists lie too deep") from None
    except ValueError as error:  # no TOML, no UTF-8, or a number of thousands of digits
        raise ValueError(f"{path.name} cannot be read: {error}") from None
    if unknown := sorted(set(held) - set(SECTIONS)):
        raise ValueError(
            f"{path.name} has a section [{shown(unknown[0])}] that is not known; known are "
            f"{', '.join(SECTIONS)}"
        )
    named = {key: rows for name in NESTED for key, rows in _named(name, held).items()}
    for name, rows in {**held, **named}.items():
        if not isinstance(rows, dict):
            raise ValueError(
                f"{path.name}: {shown(name)} must be a section: [{shown(name)}], with KEY = VALUE"
            )
    return held


def _named(name, held):
    """The sections of a section, such as [corrections.product]."""
    rows = held.get(name, {})
    return {f"{name}.{key}": value for key, value in rows.items()} if isinstance(rows, dict) else {}


def _text(path, key, value):
    if isinstance(value, list) and all(isinstance(one, int | float) for one in value):
        return ", ".join(map(str, value))
    if isinstance(value, dict | list):
        raise ValueError(f"{path.name}: {shown(key)} must be one value, in quotation marks")
    return value if isinstance(value, str) else str(value)


def _number(path, unit, value):
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < value < TOO_LARGE:
        raise ValueError(f"{path.name}: [units] {shown(unit)} must be a number above 0")
    return float(value)


def kept(guesses: Iterable[Guess]) -> dict[str, str]:
    """The guesses that hold for the next file, too."""
    return {guess.key: guess.value for guess in guesses if guess.key not in PASSING}


def write(path: Path, mapping: CompanyMapping, questions: Iterable[Question] = ()) -> None:
    """Write a mapping file, whole or not at all; a database's URL is never in it."""
    lines = list(HEAD)
    lines += _section("answers", mapping.answers)
    if waiting := list(questions):
        lines += [
            "",
            "[questions]",
            "# Write an answer between the quotation marks, and run the command again.",
        ]
        for question in waiting:
            lines += [f"# {question}", f'{_key(question.key)} = ""']
    for role, rows in mapping.corrections.items():
        lines += _section(f"corrections.{role}", rows)
    lines += _section("units", mapping.units)
    lines += _section("shape", mapping.shape)
    lines += _section("exports", mapping.exports)
    for name, rows in mapping.tables.items():
        lines += _section(f"tables.{name}", rows)
    write_text(path, "\n".join(lines) + "\n")


def remember_table(folder: Path, name: str, decisions: Decisions) -> None:
    """Keep how a table beside sales was read, for the next export of its shape."""
    known = read(folder / NAME)
    answers = {**kept(decisions.guesses), **decisions.used}
    known.tables[name] = {key: one for key, one in answers.items() if key not in PASSING}
    write(folder / NAME, known)


def _section(name, rows: Mapping[str, object]):
    return ["", f"[{name}]", *(f"{_key(k)} = {_value(v)}" for k, v in rows.items())] if rows else []


def _key(text):
    return text if text.replace("_", "").isalnum() and text.isascii() else json.dumps(text)


def _value(value):
    if isinstance(value, dt.date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def refuse_other_shape(
    mapping: CompanyMapping, header: list[str], source: str, roles: Mapping[str, str], size: str
) -> list[str]:
    """Compare a file with the shape that its mapping was made for.

    Returns
    -------
    what is new and not used

    Raises
    ------
    ValueError : the lines are another spacing apart than before.
    """
    before = mapping.shape.get("columns")
    if not isinstance(before, list):
        return []
    if (known := mapping.shape.get("spacing")) and known != size:
        raise ValueError(
            f"{source}: the lines are by {size}, those of the file before were by {known}. Export "
            "it as before, or remove intake.toml and say again what the columns are."
        )
    new = [name for name in header if name not in before and name not in roles.values()]
    return [f"new columns, not used: {', '.join(new)}"] if new else []


def refuse_missing(mapping: CompanyMapping, header: list[str], source: str) -> None:
    """Refuse a file that lacks a column that its mapping uses, and say what it has instead."""
    before = mapping.shape.get("columns")
    if not isinstance(before, list):
        return
    gone = {
        role: name
        for role, name in mapping.answers.items()
        if name in before and name not in header
    }
    if not gone:
        return
    role, name = next(iter(gone.items()))
    new = [one for one in header if one not in before]
    hint = f" New in it: {', '.join(new)}." if new else ""
    raise ValueError(
        f"{source} lacks the column {name}, which held the {role} before.{hint} Name the column: "
        f"--answer {role}=COLUMN, or give it its old name."
    )
