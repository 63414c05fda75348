"""Charts drawn beside a run: a notebook leaves each chart for later, a process of its own draws it.

While a stage computes, the charts of the stages before it are drawn; when all stages have ended,
each picture is put where its chart was left. A notebook that is opened by hand draws its charts
itself.
"""

import json
import os
import pickle
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sopkit.reporting.notebook_output import MARK, sentence
from sopkit.runner import kernels
from sopkit.tables.issues import StageError

if TYPE_CHECKING:  # a run itself draws nothing: matplotlib is loaded where a chart is drawn
    from sopkit.reporting.chart_types import Chart

VARIABLE = "SOPKIT_CHARTS"  # names the folder in which a run's notebooks leave their charts
LEFT = "chart"  # the mark of an output whose chart is drawn later


def drawer() -> "Callable[[Chart, str], tuple[dict[str, str], dict[str, str]]]":
    """How a chart under its headline is shown here: drawn at once, or left for the run to draw.

    Returns
    -------
    a function that gives (the output by kind, its marks)
    """
    folder = os.environ.get(VARIABLE)
    if not folder:
        return _at_once
    return lambda chart, headline: _left(Path(folder), chart, headline)


def _at_once(chart, headline):
    from sopkit.reporting import picture

    return picture.shown(chart, headline), {}


def _left(folder, chart, headline):
    if chart.empty:
        return _at_once(chart, headline)
    number = uuid4().hex
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{number}.part"
    part.write_bytes(pickle.dumps((chart, headline)))
    part.rename(folder / f"{number}.pickle")
    html, text = sentence(" ".join(headline.split()))
    return {"text/html": html, "text/plain": text}, {LEFT: number}


def begin(folder: Path, notebook: Path) -> Any:
    """Start to draw the charts that an executed notebook has left; see `fill`."""
    numbers = [number for _, number in _lefts(json.loads(notebook.read_text(encoding="utf-8")))]
    numbers = [number for number in numbers if not _drawn(folder, number).exists()]
    return kernels.beside(__name__, [str(folder), *numbers]) if numbers else None


def fill(folder: Path, notebooks: Sequence[Path], processes: Sequence[Popen | None]) -> None:
    """Put each picture in the place of its chart, when all are drawn.

    Raises
    ------
    StageError : a chart could not be drawn; the stage and the reason are named.
    """
    for process in processes:
        if process is not None:
            process.wait()
    for notebook in notebooks:
        content = json.loads(notebook.read_text(encoding="utf-8"))
        outputs = list(_lefts(content))
        for output, number in outputs:
            output["data"] = _picture(folder, number, notebook.stem)
            del output["metadata"][MARK][LEFT]
        if outputs:
            notebook.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _lefts(content: dict) -> Iterator[tuple[dict, str]]:
    """The outputs of a notebook whose charts are drawn later, and the number of each."""
    for cell in content["cells"]:
        for output in cell.get("outputs", ()):
            number = output.get("metadata", {}).get(MARK, {}).get(LEFT)
            if number:
                yield output, number


def _picture(folder, number, stage):
    drawn = _drawn(folder, number)
    if not drawn.exists():
        main(str(folder), number)  # the process that should have drawn it has died
    found = json.loads(drawn.read_text(encoding="utf-8"))
    if "error" in found:
        raise StageError(f"{stage}: a chart could not be drawn: {found['error']}")
    return found


def _drawn(folder, number):
    return folder / f"{number}.json"


def main(folder: str, *numbers: str) -> None:
    """Draw charts that notebooks have left in a folder, each into a file beside it."""
    for number in numbers:
        chart, headline = pickle.loads((Path(folder) / f"{number}.pickle").read_bytes())  # noqa: S301 - of this run's own notebooks
        try:
            found, _ = _at_once(chart, headline)
        except Exception as error:
            traceback.print_exc()
            found = {"error": f"{type(error).__name__}: {error}"}
        part = Path(folder) / f"{number}.drawn"
        part.write_text(json.dumps(found), encoding="utf-8")
        part.rename(_drawn(Path(folder), number))


if __name__ == "__main__":
    main(*sys.argv[1:])
