"""Bytes of a text file as UTF-8: which encoding they are in.

A mark or valid UTF-8 decides. Other bytes say nothing about their alphabet: of the encodings that
offices use, the one is taken in which most of the marked letters stand beside letters that a
language of it has there, and it is said. Pairs of letters are those of the names of countries,
languages, currencies, cities and units, which babel has in every language.
"""

import re
import unicodedata
from functools import cache
from itertools import pairwise
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
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp874": "Windows-874 (Thai)",
    "cp850": "DOS code page 850",
    "cp866": "DOS code page 866 (Cyrillic)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "mac_roman": "Mac OS Roman",
    "cp932": "Shift JIS (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "euc_kr": "EUC-KR (Korean)",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 without a mark",
    "utf-16-be": "UTF-16 without a mark",
    "utf-32": "UTF-32",
}
WESTERN = ("de", "fr", "es", "it", "nl", "pt", "sv", "da", "nb", "fi")
SINGLE = {  # encodings of a byte a letter, the first where two are as good, and their languages
    "cp1252": WESTERN,
    "cp850": WESTERN,
    "mac_roman": WESTERN,
    "cp1250": ("pl", "cs", "sk", "hu", "ro", "sl"),
    "cp1254": ("tr",),
    "cp1257": ("lt", "lv", "et"),
    "cp1251": ("ru", "uk", "bg"),
    "cp866": ("ru",),
    "koi8_r": ("ru",),
    "cp1253": ("el",),
    "cp1255": ("he",),
    "cp1256": ("ar", "fa"),
    "cp874": ("th",),
}
WIDE = {  # encodings of two bytes a character, and the bytes of those in daily use
    "euc_kr": ((0xB0A1, 0xC8FE),),
    "cp932": ((0x815B, 0x815B), (0x829F, 0x8396), (0x889F, 0x9872)),
    "big5": ((0xA440, 0xC67E),),
    "gb18030": ((0xB0A1, 0xD7F9),),
}
KATAKANA = re.compile("[\uff66-\uff9f]")  # of one byte each in Japanese files
ALONE = frozenset("年月日년월일")  # which stand between the numbers of a date
SAMPLE = 100_000  # bytes in which letters are looked at
UNSEEN = 0.3  # what a pair counts that is not among the names, of two letters that are
ALONE_LETTER = 0.3  # what a letter counts that is a word
LIKELY = 0.95  # share of marked letters beside letters that belong there
WIDELY = 0.95  # share of wide characters in daily use, beside others
# what must be better than Windows-1252 by so much to be taken: most such files come from Windows
MARGIN = 0.2
_SYMBOLS = "€£°²³µ«»–—’‘“”…®™©§ªº½¼¾×·•№ \u00a0"
_SYMBOL = 0.8  # what a symbol counts that no letter stands beside on both sides


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
    """The encoding in which the text is most like a language."""
    lines = [line for line in raw[: SAMPLE * 5].splitlines() if not line.isascii()]
    sample = b"\n".join(lines)[:SAMPLE] or raw[-SAMPLE:]
    scores = {name: _likeness(sample, name) for name in SINGLE if _decodes(raw, name)}
    preferred = {name: score + MARGIN * (name == "cp1252") for name, score in scores.items()}
    best = max(preferred, key=lambda name: preferred[name], default="latin-1")
    if scores.get(best, 0.0) < LIKELY:
        wide = {name: _wideness(sample, name) for name in WIDE if _decodes(raw, name)}
        widest = max(wide, key=lambda name: wide[name], default="")
        if widest and wide[widest] >= WIDELY:
            return widest
    return best


def _decodes(raw, name):
    try:
        raw.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _likeness(sample, name):
    """Which share of the marked characters stands where a language of the encoding has them."""
    text = f"\n{sample.decode(name, errors='ignore')}\n".lower()
    marked = list(re.finditer(r"[^\x00-\x7f]", text))
    if not marked:
        return 0.0
    letters = [one for one in marked if one[0] not in _SYMBOLS]
    symbols = sum(map(_is_apart, marked)) * _SYMBOL
    best = max(sum(_fits(one, _pairs(language)) for one in letters) for language in SINGLE[name])
    return (best + symbols) / len(marked)


def _is_apart(found):
    """Whether a mark is a symbol that stands beside no marked letter, nor between two letters."""
    beside = (found.string[found.start() - 1], found.string[found.end()])
    if found[0] not in _SYMBOLS or any(one.isalpha() and not one.isascii() for one in beside):
        return False
    return found[0] == "’" or not all(map(str.isalpha, beside))


def _fits(found, pairs):
    """How far both pairs that a letter makes with its neighbours are pairs of the language."""
    text, at = found.string, found.start()
    before, after = _letter(text[at - 1]), _letter(text[at + 1])
    if before == after == " ":
        return ALONE_LETTER
    return sum(_pair_fits(pair, pairs) for pair in (before + found[0], found[0] + after)) / 2


def _pair_fits(pair, pairs):
    """A pair that the names do not have may be one, if each letter is of the alphabet."""
    if pair in pairs:
        return 1.0
    return UNSEEN if all(letter in pairs for letter in pair) else 0.0


def _letter(character):
    """A letter, or what is written above or below one; else a blank."""
    return character if unicodedata.category(character)[0] in "LM" else " "


@cache
def _pairs(language: str) -> frozenset[str]:
    """The letters of a language and their pairs, a blank for the begin and the end of a word."""
    from babel import Locale

    about = Locale.parse(language)
    known = [about.territories, about.languages, about.currencies, about.scripts, about.variants]
    known += [about.time_zones, about.meta_zones, about.unit_display_names]
    text = "".join(map(_letter, f" {'  '.join(_texts(known))} ".lower()))
    plain = re.findall("[a-z]", text)
    if len(plain) < len(text) / 4:  # another alphabet: what is left in this one are codes
        text = re.sub("[a-z]", " ", text)
    return frozenset([*map("".join, pairwise(text)), *text])


def _texts(names):
    """The texts in names, however they are nested."""
    for one in names:
        if isinstance(one, str):
            yield one
        else:
            yield from _texts(one.values() if hasattr(one, "values") else one)


def _wideness(sample, name):
    """Which share of the wide characters is in daily use, and stands beside another one."""
    text = sample.decode(name, errors="ignore")
    marked = [one for one in re.finditer(r"[^\x00-\x7f]", text) if one[0].isalpha()]
    common = [
        _is_common(one[0], name) and (one[0] in ALONE or _has_neighbour(one)) for one in marked
    ]
    return sum(common) / len(common) if len(common) > 1 else 0.0


def _is_common(character, name):
    if KATAKANA.match(character):
        return name == "cp932"
    code = int.from_bytes(character.encode(name), "big")
    return any(first <= code <= last for first, last in WIDE[name])


def _has_neighbour(found):
    text, at = found.string, found.start()
    beside = text[max(at - 1, 0) : at] + text[at + 1 : at + 2]
    return any(one.isalpha() and not one.isascii() for one in beside)
