"""Take the pictures of README and guide again: of the report in place, and of what `make lab` shows.

    python docs/pictures.py [COMPANY CYCLE SCENARIO]

needs Chromium and a report (`make report`). Each picture is a part of a page: what stands before and after it is left out. The
picture of JupyterLab is what the browser test of the panel sees. Colours are reduced to a palette, so that a picture stays small.
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
LARGEST = 150_000  # bytes
NARROWEST = 500  # pixels; Chromium makes no window less wide
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--hide-scrollbars", "--force-dark-mode=0", "--blink-settings=preferredColorScheme=1",
)  # fmt: skip


class Picture(NamedTuple):
    """A part of a page: from a heading (or the page's head) as far down as the window shows."""

    page: str
    section: str  # the stage, or summary
    heading: str  # the id of the heading it starts with; empty: the start of the section
    width: int
    height: int


PARTS = {
    "report": Picture("index.html", "summary", "", 1280, 715),
    "checks": Picture("index.html", "10_data_review", "data-issues", 1000, 470),
    "demand": Picture("index.html", "30_demand_review", "consensus-demand-plan", 1000, 440),
    "supply": Picture("index.html", "40_supply_review", "rough-cut-capacity-rccp", 1000, 410),
    "gaps": Picture("index.html", "60_pre_sop", "gaps", 1000, 440),
    "ways": Picture("index.html", "60_pre_sop", "option-impact", 1000, 590),
    "agendas": Picture("index.html", "60_pre_sop", "agenda", 1000, 470),
    "phone": Picture("index.html", "summary", "", 390, 844),
    "pack": Picture("executive.html", "page-1", "", 840, 1140),
}


def main(company="summit", cycle="2026-10", scenario="base"):
    """Take all pictures."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        sys.exit("no Chromium: apt-get install chromium")
    report = ROOT / "reports" / company / cycle / scenario
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, part in PARTS.items():
            keep(name, photograph(browser, part, report / part.page, Path(folder)))
        keep("what_if", panel(Path(folder)))


def photograph(browser, part, page, folder):
    """The part of a page, as Chromium shows it."""
    only = folder / "part.html"
    only.write_text(alone(page.read_text(encoding="utf-8"), part), encoding="utf-8")
    framed, target = folder / "framed.html", folder / "part.png"
    size = f'width="{part.width}" height="{part.height}"'
    framed.write_text(
        f'<body style="margin:0"><iframe src="part.html" {size} style="border:0"></iframe>'
    )
    place = (f"--user-data-dir={folder / 'profile'}", f"--screenshot={target}")
    window = f"--window-size={max(part.width, NARROWEST)},{part.height}"
    subprocess.run(
        [browser, *FLAGS, *place, window, framed.as_uri()], check=True, capture_output=True
    )
    image = Image.open(target)
    image.crop((0, 0, part.width, part.height)).save(target)
    return target


def alone(html, part):
    """The page without the mark of a run since, and with what stands before the part hidden."""
    html = re.sub(r'<p class="state".*?</p>\n', "", html, flags=re.DOTALL)
    hidden = [f"main > section:not([id='{part.section}'])", "details.code"]
    if part.heading:
        start = f"[id='{part.section}-{part.heading}']"
        hidden += [f"[id='{part.section}'] > :has(~ {start})", ".contents"]
        html = html.replace("<body", '<body style="display:block"', 1)
    html = re.sub(  # a fold that a picture starts with is opened under a heading of its own
        rf'<details class="detail">(?=<summary>{part.heading}</summary>)',
        f'<h3 id="{part.section}-{part.heading}"></h3><details class="detail" open>',
        html,
        flags=re.IGNORECASE,
    )
    rules = f"[id='{part.section}'] {{ display: block !important }}\n{', '.join(hidden)} {{ display: none !important }}\n.stage {{ margin: 0 !important; border: 0 !important; padding-top: 0 !important }}"
    return html.replace("</style>", f"{rules}\n</style>", 1)


def panel(folder):
    """What the browser test sees when it has moved a slider."""
    test = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n0",
        str(ROOT / "tests" / "lab" / "test_lab.py"),
    ]
    subprocess.run(
        test, check=True, cwd=ROOT, env=os.environ | {"SOPKIT_TEST_PICTURES": str(folder)}
    )
    return folder / "panel-moved.png"


def keep(name, picture):
    """Write a picture with as many colours as fit into the size."""
    image = Image.open(picture).convert("RGB")
    for colours in (256, 128, 64, 32, 16):
        packed = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
        if packed.tell() <= LARGEST:
            break
    else:
        sys.exit(f"{name}: larger than {LARGEST:,} bytes with {colours} colours")
    (PICTURES / f"{name}.png").write_bytes(packed.getvalue())
    print(f"{name}.png  {image.width} x {image.height}  {packed.tell():,} bytes  {colours} colours")


if __name__ == "__main__":
    main(*sys.argv[1:])
