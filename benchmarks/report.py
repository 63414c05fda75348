"""Weigh the report: bytes of the page and of what it is made of, and what it asks of a network.

    python benchmarks/report.py [reports/summit/2026-10/base/index.html ...]

A page of the sample company should stay under 3 MB, and one of 5,000 products under 5 MB; requests must be 0.
"""

import re
import sys
from pathlib import Path

DEFAULT = (
    Path(__file__).resolve().parent.parent
    / "reports"
    / "summit"
    / "2026-10"
    / "base"
    / "index.html"
)
REQUEST = re.compile(
    r"""(?:\b(?:src|href|action|data)=["'](?!data:|\#)|url\((?!["']?data:)|@import)"""
)
TABLE = re.compile(r"<table.*?</table>", re.DOTALL)
PICTURE = re.compile(r'src="(data:image/[^"]+)"')


def weigh(page):
    text = page.read_text(encoding="utf-8")
    pictures = [len(picture) for picture in PICTURE.findall(text)]
    without = PICTURE.sub("", text)
    print(f"{page}")
    print(f"  page      {len(text.encode()) / 1e6:6.2f} MB")
    print(
        f"  pictures  {sum(pictures) / 1e6:6.2f} MB in {len(pictures)}, the largest {max(pictures, default=0) / 1e3:.0f} kB"
    )
    tables = TABLE.findall(without)
    print(
        f"  tables    {sum(map(len, tables)) / 1e6:6.2f} MB in {len(tables)}, {without.count('<tr>'):,} rows"
    )
    print(f"  requests  {len(REQUEST.findall(without)):6}")


if __name__ == "__main__":
    for name in sys.argv[1:] or [DEFAULT]:
        weigh(Path(name))
