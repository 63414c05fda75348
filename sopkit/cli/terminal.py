"""Output on the terminal; control characters in data are escaped."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from sopkit.tables.issues import visible


def say(text: object, err: bool = False) -> None:
    """Print lines; what cannot be seen, or would steer the terminal, is written as its code."""
    click.echo(plain(text), err=err)


def plain(text: object) -> str:
    """Text with its line breaks, and every other character that cannot be seen written as its
    code."""
    return "\n".join(visible(line) for line in str(text).split("\n"))


@contextmanager
def told_when_long(seconds: float = 2) -> Iterator[None]:
    """While it lasts, say on standard error what the library is doing, once that takes longer than
    some seconds."""
    log, told = logging.getLogger("sopkit"), _Told()
    timer = threading.Timer(seconds, told.begin)
    timer.daemon = True
    level = log.level
    log.addHandler(told)
    log.setLevel(logging.INFO)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        log.removeHandler(told)
        log.setLevel(level)


class _Told(logging.Handler):
    """Keeps the last message until it begins to speak, and then says each."""

    def __init__(self):
        super().__init__()
        self._speaks, self._last = False, ""

    def begin(self):
        with self.lock:
            self._speaks = True
            if self._last:
                say(self._last, err=True)

    def emit(self, record):
        self._last = f"{record.getMessage()} ..."
        if self._speaks:
            say(self._last, err=True)
