"""The documentation that is printed from the code: the data dictionary and the lineage of every table."""

from textwrap import fill

from sopkit.stages import STAGES, reads, writes
from sopkit.vocabulary import INPUT_TABLES, TABLES, WORDS, choices


def write(folder):
    """Write `data_dictionary.md` and `lineage.svg`.

    Returns
    -------
    list of the files written
    """
    folder.mkdir(parents=True, exist_ok=True)
    dictionary, picture = folder / "data_dictionary.md", folder / "lineage.svg"
    dictionary.write_text(data_dictionary(), encoding="utf-8")
    _draw_lineage(picture)
    return [dictionary, picture]


def data_dictionary():
    """Every table with its columns, units, meanings, and where it is made and read, as Markdown."""
    parts = ["# Data dictionary", "", "Printed from `sopkit/vocabulary.py` and `sopkit/stages.py` by `make docs`; edit those.", ""]
    parts += ["A column marked * is part of the key; one in brackets may be empty or left out.", ""]
    parts += ["## Input tables", ""]
    for table in INPUT_TABLES:
        parts += _table_page(table)
    for stage in STAGES:
        parts += [f"## Plan tables of {stage.name}", ""]
        for step in stage.steps:
            for name in writes(step):
                parts += _table_page(TABLES[name], step)
    parts += ["## The planned months", "", *_table_page(TABLES["horizon"])]
    return "\n".join(parts)


def _table_page(table, step=None):
    lines = [f"### {table.name}", "", f"{table.meaning}.", ""]
    if table.absent:
        lines += [f"*When absent:* {table.absent}", ""]
    if step:
        lines += [f"*Made by* `{step.__module__}.{step.__name__}` *from* {', '.join(reads(step))}.", ""]
    readers = [s.__name__ for stage in STAGES for s in stage.steps if table.name in reads(s)]
    if readers:
        lines += [f"*Read by* {', '.join(readers)}.", ""]
    lines += ["| column | unit | meaning | limits |", "|---|---|---|---|"]
    return [*lines, *(_column_row(table, column) for column in table.columns), ""]


def _column_row(table, column):
    word = WORDS[column]
    shown = column + ("*" if column in table.key else "")
    shown = shown if column in table.must_have else f"[{shown}]"
    bounds = [f"{word.low:g} or more"] if word.low is not None else []
    bounds += [f"{word.high:g} or less"] if word.high is not None else []
    bounds += [", ".join(choices(table, column))] if word.choices else []
    return f"| {shown} | {word.unit or word.kind} | {word.meaning} | {'; '.join(bounds)} |"


# ---------------------------------------------------------------------------------------------------------------
# the picture


def _draw_lineage(path):
    """Draw inputs at the left, then a column a stage; a line from each table to each that is made from it."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    columns = _columns()
    places = {name: (x, -y) for x, (_, names) in enumerate(columns) for y, name in enumerate(names)}
    height = max(len(names) for _, names in columns)
    with rc_context({"svg.hashsalt": "sopkit", "svg.fonttype": "none"}):
        figure = Figure(figsize=(2.3 * len(columns), 0.34 * height + 1.2))
        axes = figure.add_axes((0.01, 0.01, 0.98, 0.98))
        for source, target in sorted(_edges()):
            _draw_edge(axes, places[source], places[target])
        for x, (title, names) in enumerate(columns):
            axes.text(x, 1.2, fill(title, 16), weight="bold", fontsize=10, va="bottom")
            for name in names:
                _draw_table(axes, name, places[name])
        axes.set(xlim=(-0.1, len(columns) + 0.1), ylim=(-height, 3))
        axes.axis("off")
        figure.savefig(path, format="svg", metadata={"Date": None, "Title": "What each table is made from"})


def _columns():
    used = dict.fromkeys(name for stage in STAGES for step in stage.steps for name in reads(step) if TABLES[name].is_input)
    made = [(stage.title, [name for step in stage.steps for name in writes(step)]) for stage in STAGES]
    return [("Inputs", [t.name for t in INPUT_TABLES if t.name in used]), ("Horizon", ["horizon"]), *made]


def _edges():
    steps = [step for stage in STAGES for step in stage.steps]
    made = {(source, target) for step in steps for source in reads(step) for target in writes(step)}
    return made | {("terms", "horizon")}


def _draw_edge(axes, start, end):
    (x0, y0), (x1, y1) = start, end
    x0 += 0.72
    axes.annotate(
        "",
        (x1, y1),
        (x0, y0),
        arrowprops={"arrowstyle": "-", "color": "#5b7c99", "alpha": 0.25, "lw": 0.7, "connectionstyle": "arc3,rad=0.06"},
    )


def _draw_table(axes, name, place):
    box = {"boxstyle": "round,pad=0.25", "facecolor": "#eef3f7", "edgecolor": "#5b7c99", "lw": 0.6}
    axes.text(*place, name, fontsize=8, va="center", family="monospace", bbox=box)
