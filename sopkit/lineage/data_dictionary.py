"""Documentation printed from the code: data dictionary and lineage of tables."""

from pathlib import Path
from textwrap import fill

from sopkit.cycle.stages import STAGES, writes
from sopkit.io.writers import write_text
from sopkit.rules.call import inputs_of
from sopkit.schema.columns import COLUMNS
from sopkit.schema.glossary import label
from sopkit.schema.measures import MEASURES
from sopkit.schema.tables import INPUT_TABLES, TABLES, choices


def write(folder: Path) -> list[Path]:
    """Write `data_dictionary.md` and `lineage.svg`.

    Returns
    -------
    list of the files written
    """
    folder.mkdir(parents=True, exist_ok=True)
    dictionary, picture = folder / "data_dictionary.md", folder / "lineage.svg"
    write_text(dictionary, data_dictionary())
    _draw_lineage(picture)
    return [dictionary, picture]


def data_dictionary() -> str:
    """Every table with its columns, units, meanings, and where it is made and read, as Markdown."""
    parts = [
        "# Data dictionary",
        "",
        "Printed from `sopkit/schema/` and `sopkit/cycle/stages.py` by `make docs`; edit those.",
        "",
    ]
    parts += ["A column marked * is part of the key; one in brackets may be empty or left out.", ""]
    parts += ["## Input tables", ""]
    for table in INPUT_TABLES:
        parts += _table_page(table)
    for stage in STAGES:
        parts += [f"## Plan tables of {stage.name}", ""]
        for step in stage.steps:
            for name in writes(step):
                parts += _table_page(TABLES[name], step)
    parts += ["## The planned months", "", *_table_page(TABLES["planning_periods"])]
    parts += _measures_page()
    return "\n".join(parts)


def _table_page(table, step=None):
    lines = [f"### {table.name}", "", f"{table.description}.", ""]
    if table.absent:
        lines += [f"*When absent:* {table.absent}", ""]
    if step:
        lines += [
            f"*Made by* `{step.__module__}.{step.__name__}` *from* {', '.join(inputs_of(step))}.",
            "",
        ]
    readers = [s.__name__ for stage in STAGES for s in stage.steps if table.name in inputs_of(s)]
    if readers:
        lines += [f"*Read by* {', '.join(readers)}.", ""]
    lines += ["| column | unit | meaning | limits |", "|---|---|---|---|"]
    return [*lines, *(_column_row(table, column) for column in table.columns), ""]


def _measures_page():
    """Every measure: what it is, of which rows, and which goals and targets may be set for it."""
    lines = [
        "## Measures", "", "Printed from `sopkit/schema/measures.toml`. A goal names a measure of "
                           "the plan (its rows are those",
        "of a plan table), a target one of closed months; both for the company, or for an item of "
        "a dimension that it has.",
        "", "| measure | unit | meaning | calculated | by | wanted | for |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    return [*lines, *map(_measure_row, MEASURES.values()), ""]


def _measure_row(measure):
    how = f"function `{measure.function}`, in {measure.table}"
    if measure.formula:
        months = "" if measure.per else f", months: {measure.over_time}"
        ratio = f"sum of {measure.formula}" + (f" / sum of {measure.per}" if measure.per else "")
        how = f"{ratio}, of {measure.table}{months}"
    wanted = label(measure.direction, of="direction") if measure.direction else "–"
    by = ", ".join(measure.dimensions) or "–"
    cells = (measure.name, measure.unit, measure.definition, how, by, wanted, measure.use or "–")
    return f"| {' | '.join(cells)} |"


def _column_row(table, column):
    word = COLUMNS[column]
    shown = column + ("*" if column in table.key else "")
    shown = shown if column in table.must_have else f"[{shown}]"
    bounds = [f"{word.low:g} or more"] if word.low is not None else []
    bounds += [f"{word.high:g} or less"] if word.high is not None else []
    bounds += [", ".join(choices(table, column))] if word.choices else []
    return f"| {shown} | {word.unit or word.kind} | {word.description} | {'; '.join(bounds)} |"


# --------------------------------------------------------------------------------------------------
# the picture


def _draw_lineage(path):
    """Draw a grid: a row for each table that is read, a column for each step, a dot where the step
    reads the table."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    steps = [(stage, step) for stage in STAGES for step in stage.steps]
    tables = _rows(steps)
    with rc_context({"svg.hashsalt": "sopkit", "svg.fonttype": "none"}):
        figure = Figure(figsize=(0.32 * len(steps) + 3, 0.22 * len(tables) + 3))
        axes = figure.add_axes((0.2, 0.02, 0.79, 0.8))
        _draw_bands(axes, steps, tables)
        for x, (_, step) in enumerate(steps):
            for name, required in inputs_of(step).items():
                style = {"facecolor": "#1f4e79" if required else "white", "edgecolor": "#1f4e79"}
                axes.scatter(x, tables.index(name), s=26, lw=1, zorder=3, **style)
        axes.set_xticks(
            range(len(steps)),
            [", ".join(writes(s)[:1]) + (" …" if len(writes(s)) > 1 else "") for _, s in steps],
        )
        axes.tick_params(
            axis="x", rotation=90, labeltop=True, labelbottom=False, length=0, labelsize=8
        )
        axes.set_yticks(range(len(tables)), tables)
        axes.tick_params(axis="y", length=0, labelsize=8)
        axes.set(xlim=(-0.6, len(steps) - 0.4), ylim=(len(tables) - 0.4, -0.6))
        axes.spines[:].set_visible(False)
        title = (
            "What each table is made from: rows are read, columns are written; "
            "a hollow dot is an optional table"
        )
        figure.suptitle(title, x=0.01, ha="left", weight="bold", fontsize=11)
        figure.savefig(path, format="svg", metadata={"Date": None, "Title": title})


def _rows(steps):
    """The tables that are read: inputs first, then plan tables in the order they are written."""
    read = {name for _, step in steps for name in inputs_of(step)}
    return [name for name in TABLES if name in read]


def _draw_bands(axes, steps, tables):
    """Shade every other stage, name it, and part the inputs from what the plan makes."""
    first_plan = next(i for i, name in enumerate(tables) if not TABLES[name].is_input)
    axes.axhline(first_plan - 0.5, color="#888888", lw=0.8)
    for y in range(len(tables)):
        axes.axhline(y, color="#e6e6e6", lw=0.6, zorder=0)
    for number, stage in enumerate(STAGES):
        places = [x for x, (owner, _) in enumerate(steps) if owner is stage]
        if number % 2 == 0:
            axes.axvspan(places[0] - 0.5, places[-1] + 0.5, color="#eef3f7", zorder=-1)
        axes.text(
            places[0] - 0.4,
            len(tables) - 0.5,
            fill(stage.title, 10),
            fontsize=7,
            va="top",
            color="#444444",
        )
