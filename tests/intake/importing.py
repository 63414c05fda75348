"""Exports written as text are read, and what becomes of them is compared."""

import datetime as dt

from sopkit.intake.sales_import import import_sales
from sopkit.io import readers

TODAY = dt.date(2026, 11, 29)


class Import:
    """What became of an export: the tables of its folder, the facts, the questions."""

    def __init__(self, folder, result):
        self.folder, self.result = folder, result

    @property
    def sales(self):
        return readers.read(self.folder)["sales_history"]

    @property
    def products(self):
        return readers.read(self.folder)["products"]

    @property
    def months(self):
        """`product period`: units, of all markets."""
        sums = self.sales.groupby(["product", "period"])["quantity"].sum()
        return {f"{product} {period}": units for (product, period), units in sums.items()}

    @property
    def said(self):
        return self.result.screen

    @property
    def asked(self):
        return [question.key for question in self.result.questions]


def importer(tmp_path):
    """A function that imports an export, written as text or bytes; `answers` are decisions told."""

    def read(content, name="orders.csv", today=TODAY, folder="new", update=False, **answers):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        answers = {key.replace("__", "."): value for key, value in answers.items()}
        result = import_sales(path, tmp_path / folder, answers, today=today, update=update)
        return Import(tmp_path / folder, result)

    return read
