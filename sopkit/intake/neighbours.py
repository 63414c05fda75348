"""Two tables beside each other on one sheet, with empty columns between them: one is read."""

from pandas import DataFrame

from sopkit.intake.grid import Grid
from sopkit.intake.header import Header
from sopkit.intake.rows import filled_count, is_filled

AS_LONG = 0.9  # of the rows of the largest: columns behind an empty one that end above are its own


def without_neighbours(grid: Grid, header: Header, notes: list[str]) -> tuple[Grid, Header]:
    """Leave out tables right of the largest, behind an empty column, that end above it. Names of
    its rows stand at its left, once a block or in each row; periods across belong to it.

    Raises
    ------
    ValueError : they have the same column names: lines of the same kind would be left out.
    """
    if not header.rows or len(header.columns) == len(grid.cells.columns):
        return grid, header
    body = grid.cells.loc[grid.cells.index > max(header.rows)]
    blocks = _blocks(body, header)
    if len(blocks) < 2:
        return grid, header
    filled = [filled_count(body[block]) for block in blocks]
    lengths = [int((cells > 0).nonzero()[0].max(initial=-1)) + 1 for cells in filled]
    largest = max(range(len(blocks)), key=lambda place: filled[place].sum())
    for block in blocks[:largest] + blocks[largest + 1 :]:
        _refuse_alike(grid.source, header, blocks[largest], block)
    away = [
        column
        for block, length in list(zip(blocks, lengths, strict=True))[largest + 1 :]
        if length < lengths[largest] * AS_LONG and not _has_periods(block, header)
        for column in block
    ]
    if not away:
        return grid, header
    names = ", ".join(header.columns[c].name for c in away if c in header.columns)
    notes.append(f"{names}: columns of another table, behind an empty column; not read")
    kept = {c: column for c, column in header.columns.items() if c not in away}
    return grid._replace(cells=grid.cells.drop(columns=away)), header._replace(columns=kept)


def _blocks(body: DataFrame, header: Header) -> list[list[int]]:
    """Runs of columns that have a name or cells, apart by columns that have neither."""
    blocks: list[list[int]] = [[]]
    for column in body.columns:
        if column in header.columns or is_filled(body[column]).any():
            blocks[-1].append(column)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if any(column in header.columns for column in block)]


def _has_periods(block, header):
    return any(column in header.columns and header.columns[column].period for column in block)


def _refuse_alike(source, header, largest, other):
    left, right = (
        [_own_name(header.columns[c].name) for c in block if c in header.columns]
        for block in (largest, other)
    )
    if len(left) > 1 and left == right:
        raise ValueError(
            f"{source} has two tables of the same columns beside each other ({', '.join(left)}). "
            "Put the lines of the right one below those of the left one."
        )


def _own_name(name):
    """A column's name as the sheet has it, without the position that tells it apart."""
    return name.partition(" (column ")[0]
