"""What is decided about a file: told, seen in the data, or still open.

Every decision has a key, the same on the command line (`--answer KEY=VALUE`) and in the mapping
file. What the data does not decide is a question; where something safe can be done without the
answer, it is done and said.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from sopkit.tables.issues import shown
from sopkit.tables.parsing import TOO_LARGE

FACTORS = ("unit.", "rate.", "scale.")  # keys of numbers that others are multiplied with
MOST = 3  # questions that are asked; the others take their default, which the proof states
SMALL = 0.01  # of the units: a doubt that moves less is not worth a question
BASE_UNITS = 1.0  # what a question about everything moves


@dataclass(frozen=True)
class Question:
    """A question, the answers that it may get, and the one that is taken without an answer.

    `moves` is the share of the units that the answer can change.
    """

    key: str
    text: str
    choices: tuple[str, ...]
    default: str
    moves: float = BASE_UNITS

    def __str__(self) -> str:
        choices = f" ({' / '.join(self.choices)})" if self.choices else ""
        return f"{self.text}{choices}"


@dataclass(frozen=True)
class Guess:
    """A decision that the data suggested, and how to say it otherwise."""

    key: str
    value: str
    reason: str


@dataclass
class Decisions:
    """The answers given, the guesses made and the questions met while a file is read."""

    given: Mapping[str, str]
    guesses: list[Guess] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    used: dict[str, str] = field(default_factory=dict)

    def told(self, key: str, choices: Iterable[str] = ()) -> str | None:
        """Give the answer to a key, or None where nobody told it.

        Raises
        ------
        ValueError : the answer is none of the choices.
        """
        value, choices = self.given.get(key), tuple(choices)
        if value is None:
            return None
        if choices and value not in choices:
            near = get_close_matches(value, choices, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise ValueError(
                f"{key}={shown(value)!r} is no answer; write one of: {', '.join(choices)}.{hint}"
            )
        self.used[key] = value
        return value

    def told_number(self, key: str) -> float | None:
        """Give the answer to a key as a number, or None where nobody told it.

        Raises
        ------
        ValueError : the answer is not a number.
        """
        value = self.told(key)
        return None if value is None else number(key, value)

    def guess(self, key: str, value: str, reason: str, choices: Iterable[str] = ()) -> str:
        """Take what was told, else what the data suggests; the proof says which."""
        told = self.told(key, choices)
        if told is not None:
            return told
        if not any(guess.key == key for guess in self.guesses):
            self.guesses.append(Guess(key, value, reason))
        return value

    def ask(self, question: Question) -> str:
        """Take what was told, else the default for now; the question stays open."""
        told = self.told(question.key, question.choices)
        if told is not None:
            return told
        if question.moves < SMALL:
            return self.guess(question.key, question.default, f"{question.text} Small")
        if not any(known.key == question.key for known in self.questions):
            self.questions.append(question)
        return question.default

    def open(self) -> tuple[list[Question], list[Question]]:
        """Split the questions into those to ask, which move most, and those that take their
        default."""
        ordered = sorted(self.questions, key=lambda question: -question.moves)
        return ordered[:MOST], ordered[MOST:]


def number(key: str, answer: str) -> float:
    """Read an answer as a number.

    Raises
    ------
    ValueError : it is not one, is infinite or too large, or is a factor of 0 or less.
    """
    try:
        value = float(answer)
    except ValueError:
        value = math.nan
    if not abs(value) < TOO_LARGE:
        raise ValueError(f"{key}={shown(answer)!r} is not a number; write it as 0.92")
    if key.startswith(FACTORS) and value <= 0:
        raise ValueError(f"{key}={shown(answer)!r} must be above 0; write it as 0.92")
    return value
