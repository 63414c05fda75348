"""A shop with a team, and the hands of those who fill in its forms."""

import shutil
import subprocess
from pathlib import Path

import pandas as pd
from click.testing import CliRunner
from openpyxl import load_workbook
from shop import shop

from sopkit.cli import main
from sopkit.cycle import replanning, stages
from sopkit.io.hashing import content_hash
from sopkit.reporting import excel
from sopkit.runner import planning_inputs
from sopkit.store import saving

CONTRIBUTORS = """contributor,family,market,function,deadline_day,answers_by,reviewer
ana,,town,sales,6,product,D. Evans
ben,,coast,sales,6,,D. Evans
cleo,,,finance,8,,D. Fischer
"""


def team_shop(folder, until="2026-09"):
    """Two products in two markets, a team of three, as files of a folder; see `shop`."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = shop(until)
    sales = pd.concat([tables["sales_history"], tables["sales_history"].assign(market="coast")])
    tables["sales_history"] = sales
    for name, table in tables.items():
        table.dropna(axis=1, how="all").to_csv(folder / f"{name}.csv", index=False)
    (folder / "contributors.csv").write_text(CONTRIBUTORS, encoding="utf-8")
    return folder


class Office:
    """The command typed for one company, in a store and a folder of its own."""

    def __init__(self, home, until="2026-09"):
        self.home = Path(home)
        self.store = f"sqlite:///{self.home / 'plans.sqlite'}"
        self.place, self.forms = self.home / "shop", self.home / "forms"
        if not self.place.exists():
            team_shop(self.place, until)

    def copied(self, home):
        """An office of its own in which the same has been done."""
        return Office(shutil.copytree(self.home, home))

    def typed(self, *words, code=0, cycle="2026-10", company="shop"):
        """Type a command that reads the tables."""
        return self.asked(
            *words, "--workspace", self.place, code=code, cycle=cycle, company=company
        )

    def asked(self, *words, code=0, cycle="2026-10", company="shop"):
        """Type a command that reads the store."""
        return self.plainly(
            *words, "--company", company, "--cycle", cycle, "--store", self.store, code=code
        )

    def plainly(self, *words, code=0):
        """Type a command as it stands."""
        result = CliRunner().invoke(main, [str(word) for word in words])
        assert result.exit_code == code, result.output
        return result.output

    def run(self, cycle="2026-10", decisions=None):
        """Plan the cycle in memory and save it as a revision, as a run does."""
        inputs = planning_inputs.for_plan(self.place, self.store, "shop", cycle, "base")
        plan = replanning.replan(inputs, cycle)
        if decisions is not None:
            plan["decisions"] = decisions
        saving.save_revision(
            self.store,
            "shop",
            cycle,
            "base",
            plan,
            content_hash(inputs),
            "A. Novak",
            "planned",
            inputs,
        )
        return plan

    def leading_to(self, *names, cycle="2026-10"):
        """Plan the cycle in memory as far as these tables need it; nothing is saved."""
        inputs = planning_inputs.for_plan(self.place, self.store, "shop", cycle, "base")
        return replanning.replan(inputs, cycle, only=stages.leading_to(names))

    def pack(self, name="sop.xlsx", cycle="2026-10", revision=None):
        """The Excel pack of the latest revision."""
        path = self.home / name
        excel.of_revision(self.store, "shop", cycle, "base", path, revision)
        return path

    def collect(self, **more):
        return self.typed("collect", "--to", self.forms, **more)

    def form(self, name):
        return self.forms / f"{name}.xlsx"


def answer_cell(sheet, product, month):
    """Where a product's (or family's) answer for a month stands, found as a person finds it."""
    heads = {
        f"{cell.value:%Y-%m}": cell.column
        for row in sheet.iter_rows()
        for cell in row
        if hasattr(cell.value, "strftime")
    }
    for row in sheet.iter_rows():
        texts = [cell.value for cell in row]
        if "Your answer" in texts and product in texts:
            return sheet.cell(row[0].row, heads[month])
    raise AssertionError(f"no answer for {product}")


def fill_in(path, answers, reason="New shop", status="finished", author=None, comment=None):
    """Open a form in Excel's stead: `answers` holds a value by (product or family, month)."""
    book = load_workbook(path)
    sheet = book["Demand"]
    for (product, month), value in answers.items():
        cell = answer_cell(sheet, product, month)
        cell.value = value
        sheet.cell(cell.row, sheet.max_column).value = reason
        if comment:
            sheet.cell(cell.row, sheet.max_column - 1).value = comment
    start = book["Start"]
    for row in start.iter_rows():
        labels = [cell.value for cell in row]
        if "Status" in labels:
            start.cell(row[0].row, labels.index("Status") + 2).value = status
        if author and "Your name" in labels:
            start.cell(row[0].row, labels.index("Your name") + 2).value = author
    book.save(path)
    return path


def recalculated(path):
    """The form as LibreOffice saves it, with the values of its formulas."""
    folder = path.parent / "saved"
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "xlsx",
         "--outdir", folder, path],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return folder / path.name
