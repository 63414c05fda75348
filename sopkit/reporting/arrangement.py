"""What of a stage stands open on the report's page, and what is folded under its details.

Each stage answers with its conclusions, then four to six exhibits, then everything else one click
away. An exhibit that an earlier stage has shown is not shown again, and what only JupyterLab can
do is left out.
"""

from collections.abc import Iterator
from typing import Any

from sopkit.reporting.notebook_output import MARK

OPEN = {  # exhibits by stage, in the order in which its notebook shows them
    "10_data_review": ("prices", "cleaning", "history_doubts", "data_issues", "kpis"),
    "20_product_review": ("segments", "attention", "launches", "launch_actuals"),
    "30_demand_review": (
        "baseline", "accuracy", "value_added", "overrides", "consensus", "consensus_steps",
    ),
    "40_supply_review": ("capacity", "supply", "service", "workforce", "stock", "strategies"),
    "50_financial_review": (
        "money", "costs", "cash", "money_against_budget", "goals", "budget_bridge",
    ),
    "60_pre_sop": ("gaps_by_function", "gaps", "options", "frontier", "scenarios", "risks"),
    "70_executive_sop": (
        "decisions", "families", "kpi_trends", "decision_log", "decision_follow_up",
    ),
    "80_operations_plan": (
        "weeks", "schedule", "crews", "shortages", "planned_orders", "launch_readiness",
    ),
    "90_process_review": ("measures", "trends", "missed", "process_register", "survey"),
}  # fmt: skip
LIVE = ("What-if analysis", "Enter an override")  # sections of a notebook that need its kernel
OF_EACH_STAGE = ("assumptions", "explanation")  # shown of other tables in each


def arranged(stage: str, cells: list, seen: set[str]) -> list:
    """Arrange a notebook's cells: what stands open in its order, then a fold for each section.

    Parameters
    ----------
    seen : the exhibits that earlier stages have shown; those of this stage are added
    """
    known = frozenset(seen)
    opened, folds = [], []
    for heading, own in _sections(cells):
        if heading is not None and _title(heading) in LIVE:
            continue
        shown, folded = [], []
        for cell in own:
            kept, rest = _parted(stage, cell, known)
            folded += rest
            if cell.cell_type != "code" or kept or not (rest or cell.outputs):
                shown.append(_with(cell, kept))
        seen.update(_name(one) for cell in own for one in _outputs(cell) if _name(one))
        has_open = any(cell.cell_type == "code" and cell.outputs for cell in shown)
        is_prose = not any(_outputs(cell) for cell in own)
        if heading is None or has_open or is_prose:
            opened += [*([heading] if heading else []), *shown]
        if folded:
            folds.append(_fold(own, folded))
    return [*opened, *folds]


def _sections(cells) -> Iterator[tuple[Any, list]]:
    """The cells of a notebook by section: (its heading, its cells); before the first, none."""
    heading, own = None, []
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith("### "):
            yield heading, own
            heading, own = cell, []
        else:
            own.append(cell)
    yield heading, own


def _title(heading):
    return heading.source.split("\n", 1)[0].removeprefix("### ")


def _parted(stage, cell, known):
    """The outputs of a cell that stand open, each exhibit as one, and those that are folded."""
    kept, rest = [], []
    for output in _grouped(stage, cell):
        name = _name(output)
        if name in known and name not in OF_EACH_STAGE:
            continue
        (kept if not name or name in OPEN.get(stage, (name,)) else rest).append(output)
    return kept, rest


def _grouped(stage, cell):
    """The outputs of a cell, those that follow one another of one exhibit put together."""
    groups: list[list] = []
    for output in _outputs(cell):
        same = groups and _name(output) and _name(groups[-1][0]) == _name(output)
        groups[-1:] = [[*groups[-1], output]] if same else [*groups[-1:], [output]]
    return [_exhibit(stage, group) if _name(group[0]) else group[0] for group in groups]


def _exhibit(stage, outputs):
    """One output of all that an exhibit has shown, which says whose it is."""
    first, name = outputs[0], _name(outputs[0])
    html = "".join(one.data.get("text/html", "") for one in outputs)
    marked = f'<div class="shown" data-exhibit="{stage}.{name}">{html}</div>'
    return type(first)(first | {"data": {"text/html": marked}})


def _fold(cells, outputs):
    """A cell of folded outputs, named by their titles."""
    code = next(cell for cell in cells if cell.cell_type == "code")
    titles = dict.fromkeys(one.metadata[MARK]["title"] for one in outputs)
    fold = _with(code, outputs)
    fold.id, fold.source = f"{code.get('id', 'fold')}-more", ""
    fold.metadata["fold"] = "; ".join(titles)
    return fold


def _with(cell, outputs):
    copied = type(cell)(cell)
    copied.metadata = type(cell.metadata)(cell.metadata)
    if cell.cell_type == "code":
        copied.outputs = outputs
    return copied


def _outputs(cell):
    return cell.outputs if cell.cell_type == "code" else []


def _name(output):
    """The exhibit that an output shows; "" where it shows none."""
    return next(iter(output.get("metadata", {}).get(MARK, {}).get("shows", [])), "")
