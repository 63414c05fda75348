"""Verify the order of steps."""

from collections.abc import Callable, Collection, Iterable

from sopkit.rules.call import inputs_of, name_of


def verify_order(
    steps: Iterable[Callable],
    outputs: Callable[[Callable], Iterable[str]],
    given: Collection[str],
) -> None:
    """Refuse steps of which one reads a table before it is written, or two write one table.

    Parameters
    ----------
    steps : the steps in their order
    outputs : the tables that a step writes
    given : the tables that are there before the first step

    Raises
    ------
    ValueError : which step, and which table.
    """
    written: dict[str, str] = dict.fromkeys(given, "the inputs")
    for step in steps:
        early = [name for name in inputs_of(step) if name not in written]
        if early:
            raise ValueError(f"{name_of(step)} reads {', '.join(early)} before it is written")
        for name in outputs(step):
            if name in written:
                raise ValueError(f"{name_of(step)} writes {name}, which {written[name]} wrote")
            written[name] = name_of(step)
