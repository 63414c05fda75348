"""What is wrong with a table, in words: the rule, the rows that break it, and how to mend them."""

from dataclasses import dataclass

SHOWN_ROWS = 5


@dataclass(frozen=True)
class Fault:
    """One broken rule of one table, with the first rows that break it."""

    table: str
    text: str

    def __str__(self):
        return f"{self.table}: {self.text}"


class TableError(ValueError):
    """Tables break rules of the vocabulary; `faults` lists all of them."""

    def __init__(self, faults):
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def fault(table, frame, broken, rule, column, source, remedy=""):
    """Word a fault: the rule, how many rows break it, the first of them with line, key and value, and the remedy."""
    count = int(broken.sum())
    lines = [f"{rule}; {count:,} of {len(frame):,} rows {'is' if count == 1 else 'are'} not:"]
    shown = frame[broken.to_numpy()].head(SHOWN_ROWS)
    positions = broken.to_numpy().nonzero()[0][:SHOWN_ROWS]
    for (label, row), position in zip(shown.iterrows(), positions, strict=True):
        number = label if isinstance(label, int) else position
        place = f"row {number + 1}" + (f" ({source} line {number + 2})" if source else "")
        value = f"  {column}={row[column]}" if column and column not in table.key else ""
        lines.append(f"  {place}  {row_key(row, table.key)}{value}")
    if count > SHOWN_ROWS:
        lines.append(f"  ... and {count - SHOWN_ROWS:,} more")
    if remedy:
        lines.append(f"  {remedy}")
    return Fault(table.name, "\n".join(lines))


def row_key(row, key):
    return "  ".join(f"{c}={row[c]}" for c in key if c in row.index)


def did_you_mean(close):
    return f"; did you mean {close[0]}?" if close else "."
