"""Charts drawn beside a run: a notebook leaves each chart to a process forked for it.

The notebook goes on at once; the process draws and writes the picture into the run's draft. When
all stages have ended, each picture is put where its chart was left. A notebook opened by hand draws
its charts itself, and so does a kernel that was not forked: it has not imported what draws.
"""

import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from sopkit.io.writers import write_text
from sopkit.reporting.notebook_output import MARK, sentence
from sopkit.tables.issues import StageError

if TYPE_CHECKING:  # a run itself draws nothing: matplotlib is loaded where a chart is drawn
    from sopkit.reporting.chart_types import Chart

VARIABLE = "SOPKIT_CHARTS"  # names the folder in which a run's pictures are drawn
LEFT = "chart"  # the mark of an output whose picture is still to come
AT_ONCE = 2  # charts drawn at the same time by one notebook
LONGEST = 120  # seconds that a picture may take


class Drawer:
    """How charts are shown by one notebook: drawn at once, or left to processes beside it."""

    def __init__(self) -> None:
        from sopkit.runner.forks import may_fork

        folder = os.environ.get(VARIABLE) if may_fork() else None
        self._folder = Path(folder) if folder else None
        self._at_work: list[int] = []

    def __call__(self, chart: "Chart", headline: str) -> tuple[dict[str, str], dict[str, str]]:
        """Show a chart under its headline.

        Returns
        -------
        (the output by kind, its marks)
        """
        if self._folder is None or chart.empty:
            return _shown(chart, headline), {}
        number = uuid4().hex
        self._folder.mkdir(parents=True, exist_ok=True)
        while len(self._at_work) >= AT_ONCE:
            os.waitpid(self._at_work.pop(0), 0)
        process = os.fork()
        if process == 0:
            _draw_and_end(chart, headline, self._folder / f"{number}.json")
        self._at_work.append(process)
        html, text = sentence(" ".join(headline.split()))
        return {"text/html": html, "text/plain": text}, {LEFT: number}


def _shown(chart, headline):
    from sopkit.reporting import picture

    return picture.shown(chart, headline)


def _draw_and_end(chart, headline, path):
    """Draw in a forked process, which ends here whatever happens; what failed is written down."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a key pressed is for the run
        try:
            found = _shown(chart, headline)
        except Exception as error:
            found = {"error": f"{type(error).__name__}: {error}"}
        part = path.with_suffix(".part")
        part.write_text(json.dumps(found), encoding="utf-8")
        part.rename(path)
    finally:
        os._exit(0)


def fill(folder: Path, notebooks: Sequence[Path]) -> None:
    """Put each picture in the place of its chart, when it is drawn.

    Raises
    ------
    StageError : a chart could not be drawn; the stage and the reason are named.
    """
    for notebook in notebooks:
        content = json.loads(notebook.read_text(encoding="utf-8"))
        outputs = list(_lefts(content))
        for output, number in outputs:
            output["data"] = _picture(folder / f"{number}.json", notebook.stem)
            del output["metadata"][MARK][LEFT]
        if outputs:
            write_text(notebook, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _lefts(content: dict) -> Iterator[tuple[dict, str]]:
    """The outputs of a notebook whose pictures are still to come, and the number of each."""
    for cell in content["cells"]:
        for output in cell.get("outputs", ()):
            number = output.get("metadata", {}).get(MARK, {}).get(LEFT)
            if number:
                yield output, number


def _picture(path: Path, stage: str) -> dict[str, str]:
    deadline = time.monotonic() + LONGEST
    while not path.exists():
        if time.monotonic() > deadline:
            raise StageError(f"{stage}: a chart was not drawn within {LONGEST} s; run it again")
        time.sleep(0.02)
    found = json.loads(path.read_text(encoding="utf-8"))
    if "error" in found:
        raise StageError(f"{stage}: a chart could not be drawn: {found['error']}")
    return found
