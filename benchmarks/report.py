"""Measure what people read: words, screens, A4 pages, weight and requests of a report's pages.

    python benchmarks/report.py [reports/summit/2026-10/base]

The workbook page should hold at most 8,000 words outside what is folded, print on at most 45 A4 pages for the sample
company, and stay under 5 MB for any; the pre-read is at most 12 pages. Requests must be 0. Screens are those of a
desk (1440 x 900) and of a phone (390 x 844), all stages open one after another. Chromium and poppler are needed for
screens and pages.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

DEFAULT = Path(__file__).resolve().parent.parent / "reports" / "summit" / "2026-10" / "base"
LEGENDS = ("key", "legend")  # of charts, whose words they are
REQUEST = re.compile(
    r"""(?:\b(?:src|href|action|data)=["'](?!data:|\#)|url\((?!["']?data:|\#)|@import)"""
)
SCRIPT = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL)
SCREENS = {"desk": (1440, 900), "phone": (390, 844)}
HEIGHT = (
    "<script>const told = document.createElement('pre'); told.id = 'height';"
    "document.body.classList.remove('tabbed'); told.textContent = document.documentElement.scrollHeight;"
    "document.body.append(told);</script>"
)


class Reading(HTMLParser):
    """Counts words and exhibits outside and within folds; a fold's summary stands outside it."""

    def __init__(self):
        super().__init__()
        self.words, self.exhibits = {False: 0, True: 0}, {False: [], True: []}
        self.depth, self.summary, self.chart, self.hover = 0, False, False, False
        self.in_charts = {False: 0, True: 0}

    @property
    def is_folded(self):
        return self.depth > 1 or (self.depth == 1 and not self.summary)

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        self.depth += tag == "details"
        self.summary = self.summary or tag == "summary"
        is_legend = tag == "p" and known.get("class") in LEGENDS
        self.chart = self.chart or tag == "svg" or is_legend
        self.hover = self.chart and tag == "title"
        if "data-exhibit" in known:
            self.exhibits[self.is_folded].append(known["data-exhibit"])

    def handle_endtag(self, tag):
        self.depth -= tag == "details"
        self.summary = self.summary and tag != "summary"
        self.chart, self.hover = self.chart and tag not in ("svg", "p"), False

    def handle_data(self, data):
        if not self.hover:  # told where the pointer rests, and read by nobody who reads the page
            counted = self.in_charts if self.chart else self.words
            counted[self.is_folded] += len(data.split())


def weigh(page):
    text = page.read_text(encoding="utf-8")
    shown = SCRIPT.sub("", text)
    read = Reading()
    read.feed(shown)
    opened, folded = read.exhibits[False], read.exhibits[True]
    repeated = len(opened + folded) - len(set(opened + folded))
    print(page)
    print(f"  weight    {len(text.encode()) / 1e6:8.2f} MB")
    print(f"  words     {read.words[False]:8,} and {read.words[True]:,} folded")
    print(f"    in charts {read.in_charts[False]:6,} and {read.in_charts[True]:,} folded")
    print(f"  exhibits  {len(opened):8,} and {len(folded)} folded, {repeated} repeated")
    print(f"  tables    {shown.count('<table'):8,} of {shown.count('<tr'):,} rows")
    print(f"  requests  {len(REQUEST.findall(shown)):8,}")
    measure(page, text)


def measure(page, text):
    """Screens and A4 pages, in a browser."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        print("  screens and pages need Chromium: apt-get install chromium")
        return
    with tempfile.TemporaryDirectory() as folder:
        common = [
            program,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--virtual-time-budget=20000",
        ]
        common.append(f"--user-data-dir={folder}/profile")
        tested = Path(folder) / "tested.html"
        bare = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", text)
        tested.write_text(bare.replace("</body>", HEIGHT + "</body>"), encoding="utf-8")
        for name, (width, height) in SCREENS.items():
            size = f"--window-size={max(width, 500)},{height}"
            done = subprocess.run(
                [*common, "--dump-dom", size, tested.as_uri()],
                capture_output=True,
                text=True,
                check=True,
            )
            pixels = int(re.search(r'<pre id="height">(\d+)', done.stdout)[1])
            print(f"  {name:9} {pixels / height:8.1f} screens of {width} x {height}")
        printed = Path(folder) / "printed.pdf"
        subprocess.run(
            [*common, "--no-pdf-header-footer", f"--print-to-pdf={printed}", page.resolve().as_uri()],
            capture_output=True, check=True,
        )  # fmt: skip
        counter = shutil.which("pdfinfo") or sys.exit("no pdfinfo: apt-get install poppler-utils")
        told = subprocess.run([counter, printed], capture_output=True, text=True, check=True)
        pages = int(re.search(r"Pages: +(\d+)", told.stdout)[1])
        print(f"  printed   {pages:8} A4 pages")


if __name__ == "__main__":
    for name in sys.argv[1:] or [DEFAULT]:
        for page in ("executive.html", "index.html"):
            weigh(Path(name) / page)
