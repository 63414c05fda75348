"""Bytes of a text file as UTF-8: which encoding they are in.

A mark or valid UTF-8 decides. Single bytes say nothing about their alphabet: of the encodings that
offices use, the one is taken in which most marks stand where letters are expected, and it is said.
"""

import re
from typing import NamedTuple

MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
NAMES = {
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp850": "DOS code page 850",
    "mac_roman": "Mac OS Roman",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 without a mark",
    "utf-16-be": "UTF-16 without a mark",
    "utf-32": "UTF-32",
}
SINGLE = ("cp1252", "cp850", "mac_roman", "cp1251", "cp1250")
MULTIPLE = ("cp932", "gb18030", "big5", "euc_kr")
SAMPLE = 200_000  # bytes in which letters are counted
# what must be better than Windows-1252 by so much to be taken: most such files come from Windows
MARGIN = 0.2


class Decoded(NamedTuple):
    """The bytes in UTF-8, the encoding they were in, and whether anything but letters decided."""

    raw: bytes
    encoding: str
    is_sure: bool


def utf8(raw: bytes, encoding: str = "") -> Decoded:
    """Write the bytes of a text file as UTF-8; `encoding` is one that somebody told.

    Raises
    ------
    UnicodeDecodeError, LookupError : the bytes are not of the encoding told or marked.
    """
    if encoding:
        return Decoded(raw.decode(encoding).encode(), encoding, True)
    for mark, name in MARKS.items():
        if raw.startswith(mark):
            if name == "utf-8-sig":
                return Decoded(raw.removeprefix(mark).decode().encode(), "utf-8", True)
            return Decoded(raw.decode(name).encode(), name, True)
    if wide := _without_mark(raw):
        return Decoded(raw.decode(wide).encode(), wide, True)
    if raw.isascii():
        return Decoded(raw, "utf-8", True)
    try:
        raw.decode()
    except UnicodeDecodeError:
        name = _best(raw)
        return Decoded(raw.decode(name).encode(), name, False)
    return Decoded(raw, "utf-8", True)


def _without_mark(raw):
    """UTF-16 has a NUL beside every character of a table's marks."""
    head = raw[:4000]
    if head.count(b"\0") < len(head) / 4:
        return ""
    even, odd = head[::2].count(b"\0"), head[1::2].count(b"\0")
    return "utf-16-le" if odd > even else "utf-16-be"


def _best(raw):
    lines = [line for line in raw[: SAMPLE * 5].splitlines() if not line.isascii()]
    sample = b"\n".join(lines)[:SAMPLE] or raw[-SAMPLE:]
    scores = {name: _likeness(sample, raw, name) for name in SINGLE}
    best = max(scores, key=lambda name: scores[name] + (MARGIN if name == "cp1252" else 0))
    if scores[best] < 0.5:
        proposed = _proposed(sample)
        if proposed and _likeness(sample, raw, proposed) >= 0:
            return proposed
    return best if scores[best] >= 0 else "latin-1"


def _proposed(sample):
    from charset_normalizer import from_bytes

    match = from_bytes(sample, cp_isolation=[*MULTIPLE, "cp1251", "cp1253"]).best()
    return match.encoding if match else ""


def _likeness(sample, raw, name):
    """How far the marked characters look like letters within words: -1 cannot be, 1 all do."""
    try:
        text = sample.decode(name, errors="ignore")
        raw.decode(name)
    except UnicodeDecodeError:
        return -1.0
    odd = list(re.finditer(r"[^\x00-\x7f]", text))
    if not odd:
        return 0.0
    return sum(map(_fits, odd)) / len(odd)


def _fits(found):
    """A small letter beside a Latin letter, or a capital at the start of a word, is what words
    have; Cyrillic ones stand among their own, Latin ones rarely three in a row."""
    mark, text = found[0], found.string
    before, after = text[: found.start()][-1:], text[found.end() :][:1]
    if mark in "€£°²³µ«»–—’‘“”…®™©§ßªº½¼¾×·• \u00a0":
        return 0.3 if before.isalpha() and after.isalpha() and mark not in "’–ß" else 0.8
    if not mark.isalpha():
        return 0.0
    is_latin = [one.isascii() and one.isalpha() for one in (before, after)]
    if "\u0400" <= mark <= "\u04ff":
        return 0.0 if any(is_latin) else 1.0
    beside = [one.isalpha() and not one.isascii() for one in (before, after)]
    if all(beside) or (any(beside) and not any(is_latin)):
        return 0.0
    if mark.isupper():
        return 1.0 if not before.islower() else 0.1
    return 1.0 if before.isalpha() or after.isalpha() else 0.3
