"""The form that starts a company from an export of sales: choose, preview, answer, prove, save."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sopkit.intake.columns import NOBODY
from sopkit.intake.preview import first_rows
from sopkit.intake.sales_import import Result, import_sales
from sopkit.io.places import company_name
from sopkit.runner import artifacts, project
from sopkit.widgets.layout import (
    acting,
    chooser,
    shown_when_live,
    text_field,
    told,
    twin,
    verbatim,
    wrapped,
)

if TYPE_CHECKING:
    import ipywidgets

ROLES = {
    "date": "Sales date",
    "product": "Product",
    "quantity": "Quantity",
    "market": "Market",
    "revenue": "Sales value",
    "family": "Family",
}
OPTIONAL = ("market", "revenue", "family")
INTRODUCTION = (
    "Choose an export of sales as it is: CSV, Excel, OpenDocument or Parquet, also packed. Preview "
    "shows how it is read, and writes nothing; Save writes products, sales_history, import_summary "
    "and intake.toml into data/ and keeps the answers for next month's export."
)
TWIN = "In JupyterLab a company is started here from an export of its sales."
UNANSWERED = "Answer the questions below, and press Preview again."


class _Form(NamedTuple):
    """The fields of the form; `answers` holds one for each column and question, by its key."""

    company: "ipywidgets.Text"
    upload: "ipywidgets.FileUpload"
    place: "ipywidgets.Text"
    update: "ipywidgets.Checkbox"
    answers: dict[str, "ipywidgets.Widget"]
    asked: "ipywidgets.VBox"
    shown: "ipywidgets.HTML"


def sales_import() -> None:
    """Show the form; a run shows nothing, for it plans a company that has its tables."""
    if not artifacts.folder():
        shown_when_live(_laid_out(_form()), twin(TWIN))


def _form():
    import ipywidgets  # only a notebook that shows a form needs it

    upload = ipywidgets.FileUpload(description="Export", multiple=False)
    update = ipywidgets.Checkbox(description="Replace the months of this file", indent=False)
    company = text_field("Company", "such as alpine-outfitters")
    place = text_field("or path", "file or folder on this machine")
    return _Form(company, upload, place, update, {}, ipywidgets.VBox(), ipywidgets.HTML())


def _laid_out(form):
    import ipywidgets

    chosen = wrapped(form.company, form.upload, form.place, form.update)
    preview = acting("Preview", lambda: _preview(form), "Cannot be read")
    save = acting("Save", lambda: _save(form), "Not saved")
    return ipywidgets.VBox([told(INTRODUCTION), chosen, preview, form.asked, form.shown, save])


def _preview(form: _Form) -> str:
    """Read the export, show its first rows, the open questions and the proof; write nothing."""
    result, rows = _read(form, dry_run=True)
    _ask(form, result)
    form.shown.value = verbatim(f"{rows.to_string()}\n\n{result.screen}")
    if result.questions:
        return UNANSWERED
    sales = result.sales
    return (
        f"{sales.used:,} of {sales.read:,} lines used, {sales.first:%Y-%m-%d} to "
        f"{sales.last:%Y-%m-%d}; compare the totals with the ledger, then save."
    )


def _save(form: _Form) -> str:
    """Write the tables, where nothing is left to be asked."""
    if _read(form, dry_run=True)[0].questions:
        raise ValueError("questions are open; press Preview and answer them")
    result, _ = _read(form, dry_run=False)
    folder = _folder(form)
    run = f"sopkit run --company {folder.name} --cycle {result.cycle}"
    wrote = "products, sales_history, import_summary and intake.toml"
    return f"Wrote {wrote} to {folder}. Next: {run}"


def _read(form, dry_run):
    """Read the chosen export with the answers of the form: (result, its first rows)."""
    with tempfile.TemporaryDirectory() as folder:
        export = _export(form, Path(folder))
        answers = {key: str(field.value) for key, field in form.answers.items() if field.value}
        rows = first_rows(export, answers)
        update = form.update.value
        result = import_sales(export, _folder(form), answers, update=update, dry_run=dry_run)
    return result, rows


def _folder(form):
    return project.root() / "data" / company_name(form.company.value.strip())


def _export(form, folder):
    """Where the export is: the path entered, or the uploaded file, put into a folder."""
    if form.place.value.strip():
        return Path(form.place.value.strip())
    if not form.upload.value:
        raise ValueError("no export is chosen; press Export, or enter its path")
    sent = form.upload.value[0]
    export = folder / Path(sent["name"].replace("\\", "/")).name
    export.write_bytes(bytes(sent["content"]))
    return export


def _ask(form: _Form, result: Result) -> None:
    """Show a field for the column of each role, and for each question; keep what was answered."""
    kept = {key: field.value for key, field in form.answers.items()}
    form.answers.clear()
    names = [name for name in result.sales.header if not name.startswith("(")]
    for role, label in ROLES.items():
        found = result.sales.roles.get(role, "no column")
        rest = [NOBODY] if role in OPTIONAL else []
        options = [(f"as read: {found}", ""), *((name, name) for name in [*names, *rest])]
        form.answers[role] = chooser(label, options)
    fields = [wrapped(*form.answers.values())]
    for question in result.questions:
        form.answers[question.key] = _field(question)
        fields.append(wrapped(told(str(question)), form.answers[question.key]))
    for key, value in kept.items():
        if key in form.answers and value:
            form.answers[key].value = value
        elif value and key not in ROLES:
            form.answers[key] = text_field(key)
            form.answers[key].value = value
            fields.append(form.answers[key])
    form.asked.children = fields


def _field(question):
    if not question.choices:
        field = text_field("Answer")
        field.value = question.default
        return field
    return chooser("Answer", question.choices, value=question.default)
