"""Which rows of an export are rows of the table, and how rows of one key become one."""

from collections.abc import Mapping

from pandas import DataFrame

from sopkit.intake.columns import FITS, plain
from sopkit.intake.dates import read_dates, share_of_dates
from sopkit.intake.decisions import Decisions, Question
from sopkit.intake.open_orders import only_open
from sopkit.intake.rows import LeftOut, left_out
from sopkit.intake.rows import Table as Read
from sopkit.intake.table_columns import unread
from sopkit.schema.formatting import count
from sopkit.schema.tables import Table

SUMMED = ("on_hand", "quantity", "revenue", "margin", "machine_hours")  # of rows of one key
OF_LOTS = ("expir", "best before", "mhd", "haltbar", "receipt", "received", "lot", "batch")  # days


def rows_of(
    table: Table,
    made: DataFrame,
    read: Read,
    found: Mapping[str, str],
    products: DataFrame | None,
    decisions: Decisions,
    left: list[LeftOut],
    notes: list[str],
) -> DataFrame:
    """Keep the rows that belong into a table.

    Parameters
    ----------
    made : columns of the table, typed, labelled by line of `read`
    found : the column of the file of each column
    products : those that the company plans, where it has them
    left, notes : what is left out, and what was done, is added to them
    """
    made = _known_products(made, products, left)
    if "product" in found and "product" not in table.columns:
        made = _by_family(made, products, notes)
    made = only_open(table.name, made, read, found, decisions, left)
    return _of_the_last_day(table, made, read, found, decisions, left)


def _assemblies_of(products: set[str], made: DataFrame) -> set[str]:
    """What goes into products, through all levels: an assembly's own components are needed too."""
    needed, newly = set(), products
    while newly:
        parts = set(made.loc[made["product"].isin(newly), "component"])
        newly = parts - needed
        needed |= newly
    return needed


def _known_products(made, products, left):
    """Leave out rows of products that the company does not plan."""
    if products is None or "product" not in made or made.empty:
        return made
    planned = set(products["product"])
    if "component" in made:
        planned |= _assemblies_of(planned, made)
    strange = ~made["product"].isin(planned).to_numpy()
    if strange.all():
        raise ValueError(
            f"no product of the file is in products, such as {made['product'].iloc[0]}; there they "
            f"are like {products['product'].iloc[0]}. Check the column of products."
        )
    if strange.any():
        left.append(left_out("a product that is not in products", made, strange))
    return made[~strange]


def _by_family(made, products, notes):
    """Name the family of each product instead of it; the rows of a family are added up."""
    if products is None:
        raise ValueError(
            "the file names products, and the company has no products.csv that says their "
            "families. Import the sales or the products first."
        )
    family = made["product"].map(products.set_index("product")["family"])
    notes.append(f"{made['product'].nunique():,} products are added up by their family")
    return made.drop(columns="product").assign(family=family)


def _of_the_last_day(table: Table, made, read, found, decisions, left):
    """Leave out stock of earlier days, where rows of one key differ by a day that the table does
    not have; asked, for lots have days of their own."""
    keys = [c for c in table.key if c in made]
    double = made.duplicated(keys, keep=False)
    if not double.any() or not made.index.is_unique:
        return made
    for name in unread(read, dict(found)):
        cells = read.frame.loc[made.index, name]
        if share_of_dates(cells) < FITS:
            continue
        days = read_dates(cells, name, read.source, decisions).days
        text = (
            f"Rows of the same {', '.join(keys)} have several days in column {name} of "
            f"{read.source}, {days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}. Is the stock that of "
            "the last day (last), or of all days together (all)?"
        )
        default = "all" if any(word in plain(name) for word in OF_LOTS) else "last"
        earlier = (days < days.max()).to_numpy()
        asked = Question("days", text, ("last", "all"), default, float(earlier.mean()))
        if earlier.any() and decisions.ask(asked) == "last":
            left.append(left_out("of an earlier day", made, earlier))
            return made[~earlier]
    return made


def one_row_a_key(table: Table, made: DataFrame, notes: list[str]) -> DataFrame:
    """Add up rows of one key, such as a product's lots; where nothing can be added up, refuse."""
    keys = [c for c in table.key if c in made]
    double = made.duplicated(keys, keep=False)
    if not double.any():
        return made.reset_index(drop=True)
    amounts = [c for c in SUMMED if c in made]
    if not amounts:
        first = made[double].iloc[0]
        told = ", ".join(f"{key}={first[key]}" for key in keys)
        raise ValueError(
            f"{table.name}: {int(double.sum()):,} rows share a key with another, such as {told}. "
            "Keep one row for each key."
        )
    rest = [c for c in made.columns if c not in (*keys, *amounts)]
    notes.append(f"{int(double.sum()):,} rows of the same {', '.join(keys)} are added up")
    ways = dict.fromkeys(amounts, _known_sum) | dict.fromkeys(rest, "last")
    return made.groupby(keys, sort=True, observed=True).agg(ways).reset_index()


def _known_sum(cells):
    """The sum of what is given; nothing where nothing is."""
    return cells.sum(min_count=1)


def without_debts(table: Table, made: DataFrame, decisions: Decisions) -> DataFrame:
    """Stock below 0, which systems book when goods leave before they are received, as 0."""
    if "on_hand" not in made or not (below := made["on_hand"] < 0).any():
        return made
    first = made[below].iloc[0]
    of = " ".join(f"{key}={first[key]}" for key in table.key if key in made)
    why = (
        f"on_hand is below 0 in {count(below.sum(), 'row')}, such as {first['on_hand']:,.12g} of "
        f"{of}; taken as no stock"
    )
    told = decisions.guess("negative_stock", "zero", why, ("zero", "refuse"))
    return made.assign(on_hand=made["on_hand"].clip(lower=0)) if told == "zero" else made
