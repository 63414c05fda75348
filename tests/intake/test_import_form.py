"""The form in JupyterLab that starts a company from an export: nothing is written before Save."""

import pandas as pd
import pytest

from sopkit.intake.preview import first_rows
from sopkit.io import readers
from sopkit.runner import project
from sopkit.widgets import import_form

EXPORT = b"Sales of the shop;;;\nDay;Item;Pieces;Town\n03.08.2026;Tent;4;Oslo\n30.09.2026;Tent;6;Bergen\n"
TWO_WAYS = b"Day,Item,Pieces\n03/08/2026,Tent,4\n04/09/2026,Tent,6\n"


@pytest.fixture
def form(tmp_path, monkeypatch):
    monkeypatch.setattr(project, "root", lambda: tmp_path)
    form = import_form._form()
    form.company.value = "acme"
    return form


def upload(form, content, name="orders.csv"):
    form.upload.value = ({"name": name, "content": memoryview(content), "size": len(content),
                          "type": "", "last_modified": pd.Timestamp("2026-10-01", tz="UTC")},)  # fmt: skip


def test_the_preview_shows_first_rows_and_proof_and_writes_nothing(form, tmp_path):
    upload(form, EXPORT)
    said = import_form._preview(form)
    assert said.startswith("2 of 2 lines used, 2026-08-03 to 2026-09-30;")
    assert "3  03.08.2026  Tent" in form.shown.value
    assert "Total 10 units" in form.shown.value
    assert form.answers["date"].options[0] == ("as read: Day", "")
    assert not (tmp_path / "data").exists()


def test_save_writes_the_tables_and_names_the_next_command(form, tmp_path):
    upload(form, EXPORT)
    assert "Next: sopkit run --company acme --cycle 2026-10" in import_form._save(form)
    sold = readers.read(tmp_path / "data" / "acme")["sales_history"]
    assert sold[["product", "market", "quantity"]].to_numpy().tolist() == [
        ["Tent", "all", 4],
        ["Tent", "all", 6],
    ]


def test_a_column_chosen_in_the_form_is_the_one_that_is_read(form, tmp_path):
    upload(form, EXPORT)
    import_form._preview(form)
    form.answers["market"].value = "Town"
    import_form._save(form)
    sold = readers.read(tmp_path / "data" / "acme")["sales_history"]
    assert sold.groupby("market")["quantity"].sum().to_dict() == {"Bergen": 6, "Oslo": 4}


def test_an_open_question_is_a_field_and_nothing_is_saved_before_its_answer(form, tmp_path):
    upload(form, TWO_WAYS)
    with pytest.raises(ValueError, match="questions are open; press Preview and answer them"):
        import_form._save(form)
    assert import_form._preview(form) == import_form.UNANSWERED
    asked = [key for key in form.answers if key not in import_form.ROLES]
    assert len(asked) == 1
    form.answers[asked[0]].value = form.answers[asked[0]].options[0]
    assert import_form._preview(form) != import_form.UNANSWERED
    assert form.answers[asked[0]].value  # kept through the second preview
    import_form._save(form)
    assert (tmp_path / "data" / "acme" / "sales_history.csv").exists()


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("Acme & Co", EXPORT, "'Acme & Co' is not a valid name"),
        ("acme", b"", "orders.csv"),
        ("acme", None, "no export is chosen; press Export, or enter its path"),
    ],
)
def test_what_cannot_be_read_is_said(form, name, content, error):
    form.company.value = name
    if content is not None:
        upload(form, content)
    with pytest.raises(ValueError, match=error):
        import_form._preview(form)


def test_a_name_that_leads_out_of_its_folder_does_not(form, tmp_path):
    upload(form, EXPORT, "../../../evil\\..\\orders.csv")
    assert import_form._export(form, tmp_path) == tmp_path / "orders.csv"


def test_an_uploads_markup_is_shown_as_text(form):
    upload(form, EXPORT.replace(b"Tent", b"<img src=x onerror=alert(1)>"))
    import_form._preview(form)
    assert "<img" not in form.shown.value


def test_the_first_rows_are_those_under_the_column_names(tmp_path):
    (tmp_path / "orders.csv").write_bytes(EXPORT)
    rows = first_rows(tmp_path / "orders.csv", rows=1)
    assert rows.to_dict("records") == [
        {"Day": "03.08.2026", "Item": "Tent", "Pieces": "4", "Town": "Oslo"}
    ]
