"""Progress of a long computation: in a terminal, in a log, and in a notebook opened by hand."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape

from sopkit.runner import artifacts

QUIET = 2.0  # seconds before progress is shown
_CELL = "sopkit_progress"  # where the shell keeps the running cell's line
LINES = 5.0  # seconds between two lines of a log


@contextmanager
def shown() -> Iterator[Callable[[str], None]]:
    """Give a function that reports the current step; a run's notebook reports nothing."""
    if artifacts.folder():
        yield lambda _: None
        return
    say, clear = _in_notebook() if "ipykernel" in sys.modules else _on_stderr(sys.stderr)
    begun = time.monotonic()

    def tell(text):
        elapsed = time.monotonic() - begun
        if elapsed >= QUIET:
            say(f"{text} ({elapsed:.0f} s)")

    try:
        yield tell
    finally:
        clear()


def of_cell(text: str) -> None:
    """Report the progress of a notebook's running cell; the line is removed when the cell ends."""
    if "ipykernel" not in sys.modules or artifacts.folder():
        return
    from IPython import get_ipython

    shell = get_ipython()
    if not hasattr(shell, _CELL):
        context = shown()
        setattr(shell, _CELL, context.__enter__())

        def end(_):
            shell.events.unregister("post_run_cell", end)
            delattr(shell, _CELL)
            context.__exit__(None, None, None)

        shell.events.register("post_run_cell", end)
    getattr(shell, _CELL)(text)


def _on_stderr(stream):
    """One line written over and over in a terminal; elsewhere a line now and then."""
    state = {"said": 0.0, "width": 0}

    def say(text):
        now = time.monotonic()
        if stream.isatty():
            stream.write(f"\r{text:<{state['width']}}")
            state["width"] = len(text)
        elif now - state["said"] >= LINES:
            stream.write(f"{text}\n")
            state["said"] = now
        stream.flush()

    def clear():
        if state["width"]:
            stream.write(f"\r{'':<{state['width']}}\r")
            stream.flush()

    return say, clear


def _in_notebook():
    """One line that is rewritten, and removed at the end."""
    from IPython.display import display

    state = {}

    def bundle(text):
        return {
            "text/html": f'<p class="line">{escape(text)}</p>' if text else "",
            "text/plain": text,
        }

    def say(text):
        if "line" in state:
            state["line"].update(bundle(text), raw=True)
        else:
            state["line"] = display(bundle(text), raw=True, display_id=True)

    def clear():
        if "line" in state:
            state["line"].update(bundle(""), raw=True)

    return say, clear
