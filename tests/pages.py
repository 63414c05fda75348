"""What a real browser says of the pages of a pre-read."""

import json
import re
import subprocess
from pathlib import Path

from sopkit.reporting import pre_read

MEASURE = """
<script>
const found = [];
for (const page of document.querySelectorAll(".page")) {
  const said = page.dataset.page, box = page.querySelector(".box");
  if (box.scrollHeight > box.clientHeight) found.push(said + ": " + (box.scrollHeight - box.clientHeight) + " pixels too high");
  for (const one of [box, ...page.querySelectorAll(".scroll, figure, .beside > div")])
    if (one.scrollWidth > one.clientWidth) found.push(said + ": " + (one.getAttribute("aria-label") || one.className) + " is " + (one.scrollWidth - one.clientWidth) + " pixels too wide");
}
const told = document.createElement("pre");
told.id = "measured";
told.textContent = JSON.stringify(found);
document.body.replaceChildren(told);
</script>
"""
DESK = "--window-size=1200,900"
FACTS = {
    "company": "summit", "cycle": "2026-10", "scenario": "base", "revision": "3", "hash": "a" * 64,
    "made_at": "2026-10-05T09:00:00", "currency": "EUR",
}  # fmt: skip


def pre_read_of(tables, folder):
    """The pre-read of a plan's tables: its file."""
    pre_read.write(Path(folder), tables, FACTS)
    return Path(folder) / pre_read.NAME


def words(page):
    """What a page says, without its tags, styles and charts."""
    text = re.sub(r"<(style|svg)[^>]*>.*?</\1>", " ", page, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def titles(page):
    """The titles of the sheets, in order."""
    return re.findall(r'data-page="([^"]*)"', page.read_text(encoding="utf-8"))


def overflowing(page, folder, chromium):
    """What does not fit its A4 sheet: list of sentences."""
    text = page.read_text(encoding="utf-8")
    policy = re.search(r"<meta http-equiv[^>]*>", text)[0]
    tested = Path(folder) / "measured.html"
    tested.write_text(text.replace(policy, "").replace("</body>", MEASURE + "</body>"), "utf-8")
    shown = chromium(tested, "--dump-dom", DESK, profile=Path(folder) / "profile")
    said = shown.partition('<pre id="measured">')[2].partition("</pre>")[0]
    assert said, "the browser did not measure"
    return json.loads(said.replace("&gt;", ">").replace("&amp;", "&"))


def printed_sizes(page, folder, chromium):
    """The sheets that the page prints on, each by width and height in points."""
    target = Path(folder) / "printed.pdf"
    chromium(
        page, "--no-pdf-header-footer", f"--print-to-pdf={target}", profile=Path(folder) / "profile"
    )
    found = subprocess.run(
        ["pdfinfo", "-l", "99", target], capture_output=True, text=True, check=True
    )
    return re.findall(r"Page +\d+ size: +(\d+)[.\d]* x (\d+)", found.stdout)
