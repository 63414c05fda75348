"""Nothing that stands in a table runs: not on the page in a real browser, nor in a spreadsheet or on a terminal."""

import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from test_report import FACTS, executed, outputs_of, outputs_of_exhibit, shell  # noqa: F401

from sopkit.cli import main
from sopkit.cli.terminal import plain
from sopkit.io import writers
from sopkit.reporting import html_report, notebook_output
from sopkit.reporting.exhibit import Exhibit, display
from sopkit.reporting.exhibits import capacity, decisions_asked
from sopkit.runner.lab import refuse_open
from sopkit.schema.columns import COLUMNS
from sopkit.schema.tables import TABLES
from sopkit.tables import conform

RUN = "document.documentElement.setAttribute('data-ran',1)"
HIT = "http://127.0.0.1:PORT/hit"
VECTORS = [
    f"<script>{RUN}</script>", f"</script><script>{RUN}</script>", f"<img src=x onerror={RUN}>", f"<svg onload={RUN}>",
    f'"><img src=x onerror={RUN}>', f"'><svg onload={RUN}>", f'" autofocus onfocus="{RUN}', f"' style=animation-name:x onanimationstart={RUN} '",
    f"<body onload={RUN}>", f'<iframe srcdoc="<script>parent.{RUN}</script>">', f'<iframe src="javascript:parent.{RUN}">',
    f"<details open ontoggle={RUN}>", f"<video><source onerror={RUN}></video>", f"<audio src=x onerror={RUN}>",
    f"<input autofocus onfocus={RUN}>", f"<marquee onstart={RUN}>", f'<object data="javascript:{RUN}">',
    f'<embed src="javascript:{RUN}">', f"<math><mtext><script>{RUN}</script></mtext></math>",
    f'<a href="javascript:{RUN}" id=x>x</a>', f"[x](javascript:{RUN})", f'![x](x" onerror="{RUN})',
    f"<style>@import '{HIT}'</style>", f"<link rel=stylesheet href={HIT}>", f"<img src={HIT}>", f"![x]({HIT})",
    f'<meta http-equiv=refresh content="0;url={HIT}">', f"<base href={HIT}><img src=y>", f"<video poster={HIT}></video>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;", f"<!--><script>{RUN}</script>-->", f"<![CDATA[<script>{RUN}</script>]]>",
    f'{{{{"".constructor.constructor("{RUN}")()}}}}', f"{{% raw %}}<script>{RUN}</script>", f"$\\href{{javascript:{RUN}}}{{x}}$",
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
]  # fmt: skip
CONTROL = "<title>page</title>" + VECTORS[2] + VECTORS[24]  # not escaped: both must be seen


@pytest.fixture(scope="module")
def server():
    """The address of a server, and what was asked of it."""
    asked = []

    class Counting(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield http.server_port, asked
    http.shutdown()


@pytest.fixture
def browse(server, tmp_path):
    """Load a page in Chromium: whether anything ran, and what was asked of the network."""
    program = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if program is None:
        pytest.skip("no Chromium: install chromium to see pages run")
    port, asked = server

    def load(text):
        asked.clear()
        page = tmp_path / "page.html"
        page.write_text(text.replace("PORT", str(port)), encoding="utf-8")
        flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
        ]
        own = [
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=3000",
            "--dump-dom",
            page.as_uri(),
        ]
        done = subprocess.run(
            [program, *flags, *own], capture_output=True, text=True, timeout=120, check=True
        )
        assert "</html>" in done.stdout
        return "data-ran" in done.stdout.partition("<head")[0], list(asked)

    return load


def page_of_vectors(tmp_path):
    """A page on which every vector stands in tables, claims, conclusions, decisions, charts, notebook text and head."""
    names = pd.Series(VECTORS, dtype="str")
    load = conform(
        "rough_cut_capacity",
        pd.DataFrame({"resource": names, "period": "2027-05", "required_hours": 1, "capacity_hours": 1, "utilization": 1}),
    )  # fmt: skip
    words = (
        "decision",
        "question",
        "options",
        "recommendation",
        "effect",
        "owner",
        "choice",
        "gap",
    )
    numbers = [c for c in TABLES["decision_options"].columns if COLUMNS[c].kind == "number"]
    texts = dict.fromkeys(("decision", "scenario", "statement", "note"), names)
    ways = conform(
        "decision_options",
        pd.DataFrame(texts | dict.fromkeys(numbers, 0) | {"recommended": True, "allowed": True}),
    )
    joined = " ".join(VECTORS)
    asked = pd.DataFrame(dict.fromkeys(words, names)).assign(
        decision_level="executives", scenario=None
    )
    outputs = [
        *outputs_of_exhibit(Exhibit(joined, table=pd.DataFrame({"product": names, joined: 1}))),
        *outputs_of_exhibit(Exhibit(joined)),
        *outputs_of(notebook_output.show_conclusions, VECTORS),
        *outputs_of(display, decisions_asked.decisions, {"decisions": asked, "decision_options": ways}),
        *[one for name in VECTORS for one in outputs_of(display, capacity.capacity, {"rough_cut_capacity": load.head(1).assign(resource=name)})],
        new_output("stream", name="stdout", text=joined),
        new_output("error", ename="E", evalue=joined, traceback=VECTORS),
        new_output("display_data", data={"text/plain": joined}),
    ]  # fmt: skip
    path = executed(
        tmp_path / "40.ipynb", new_code_cell(joined, outputs=outputs), new_markdown_cell("## Rows")
    )
    facts = FACTS | {"company": joined, "scenario": joined, "currency": joined}
    return html_report.build([("40_supply_review", joined, path)], tmp_path, facts).read_text(
        encoding="utf-8"
    )


def test_no_vector_runs_or_asks_for_anything_in_a_browser(browse, tmp_path):
    assert len(VECTORS) == 36
    assert browse(CONTROL) == (True, ["/hit"])  # the browser would show it
    page = page_of_vectors(tmp_path)
    assert browse(page) == (False, [])
    policy = '<meta http-equiv="Content-Security-Policy"'
    assert policy in page
    assert browse(page.replace(policy, "<meta")) == (
        False,
        [],
    )  # nothing is left to the policy alone


@pytest.mark.parametrize(
    "name",
    [
        "$x$",
        "$\\frac{1",
        "a" * 300,
        "two\nlines",
        "אוהל גדול",
        "_hidden",
        "100 % $",
        "<b>",
        "\u202eabc",
        "日本語",
    ],
    ids=range(10),
)
def test_a_chart_takes_any_name(name):
    load = conform(
        "rough_cut_capacity",
        pd.DataFrame({"resource": ["A"], "period": ["2027-05"], "required_hours": [1], "capacity_hours": [1], "utilization": [1]}),
    )  # fmt: skip
    (output,) = outputs_of(
        display, capacity.capacity, {"rough_cut_capacity": load.assign(resource=name)}
    )
    assert output.data["text/html"].startswith("<figure")


FORMULAS = [
    "=1+1",
    "@SUM(A1)",
    "+1+1",
    "-1-1",
    "-A1",
    "\t=1",
    "+cmd|' /C calc'!A0",
    '=HYPERLINK("http://x","y")',
    " =1",
]
HARMLESS = ["-5", "+5 % by promotion", "-12.5", "a=b", "x@y", "TENT-1", "+ 3"]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_a_spreadsheet_would_run_is_not_written_as_csv_and_stays_text_in_excel(
    tmp_path, text
):
    frame = pd.DataFrame({"product": ["TENT-1", text], "quantity": [1.0, 2.0]})
    with pytest.raises(ValueError, match="starts like a formula"):
        writers.write("supply_plan", frame, tmp_path / "x.csv")
    assert not list(tmp_path.iterdir())
    writers.write("supply_plan", frame, tmp_path / "x.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "x.xlsx").active["A3"]
    assert (cell.data_type, cell.value) == ("s", text)


@pytest.mark.parametrize("text", HARMLESS)
def test_text_that_only_starts_with_a_sign_is_written_as_it_is(tmp_path, text):
    writers.write("supply_plan", pd.DataFrame({"product": [text]}), tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text() == f"product\n{text}\n"


def test_the_terminal_is_shown_what_would_steer_it():
    assert plain("a\x1b[31mb\rc\u202ed\ne\x07") == "a\\x1b[31mb\\rc\\u202ed\ne\\x07"


def test_a_message_about_hostile_data_does_not_steer_the_terminal(tmp_path):
    (tmp_path / "\x1b[31mx.csv").write_text("a\n")
    result = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert result.exit_code == 1
    assert "\\x1b[31mx.csv is not a table" in result.output
    assert "\x1b" not in result.output


def test_jupyterlab_is_refused_without_a_token():
    refuse_open("localhost", asks_for_token=True, is_encrypted=False)
    with pytest.raises(SystemExit, match=r"0\.0\.0\.0 would run code for anyone who can reach it"):
        refuse_open("0.0.0.0", asks_for_token=False, is_encrypted=True)


@pytest.mark.parametrize("address", ["0.0.0.0", "", "192.168.1.7", "plan.example.com"])
def test_jupyterlab_sends_its_token_over_a_network_only_encrypted(address):
    refuse_open(address, asks_for_token=True, is_encrypted=True)
    with pytest.raises(SystemExit, match="would send its token over the network for all to read"):
        refuse_open(address, asks_for_token=True, is_encrypted=False)
