"""How X counts a text: composed, by weighted characters, every URL alike; and what X takes for a URL.

This follows twitter-text 3: configuration v3 for the weights, its grammar of URLs (with its order of trying, which
decides odd cases) for the links. What is written here is held against twitter-text-parser in the tests.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from scheduler.domain.emoji import emoji_pattern
from scheduler.domain.top_level_domains import find_top_levels

LONGEST_URL = 4096
"""Characters beyond which twitter-text, and Mastodon which uses it, no longer takes a URL for one."""

_EMOJI_WEIGHT = 2
_LONGEST_LABEL = 63  # of a domain, in Punycode (RFC 1035)
_LONGEST_SLUG = 40  # of a t.co address

# Everything but U+0000-10FF, U+2000-200D, U+2010-201F and U+2032-2037 counts two.
_HEAVY = re.compile(r"[^\0-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
# An emoji of one code point is heavy anyway, but for these two signs; any longer one holds one of the others.
_EMOJI_HINT = re.compile("[©®\u200d\u20e3\ufe0f\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\U000e007f]")
_EMOJI_STRETCH = re.compile(r"[0-9#*]?[^\0-\x7f]+")

_DOMAIN_BREAK = (
    r"!'#%&()*+,./:;<=>?@\[\\\]^{|}~$\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    r"\ufffe\ufeff\uffff\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069"
)
_ACCENTED = (
    "À-ÖØ-öø-ɏɓɔɖɗəɛɣɨɯɲʉʋʻ\u0300-\u036fḀ-ỿ"
    # Letters that are in because one of the above is their other case; spelt out, as ignoring case is slow to compile.
    "\u0260\u0269\u0275\u0280\u0283\u0288\u028a\u028c\u0292\u0399\u03b9\u1fbe\u2c65\u2c66\u2c7e\u2c7f"
)
_CYRILLIC = r"\u0400-\u04ff\u1c80-\u1c87"
_PATH = rf"[A-Za-z{_CYRILLIC}0-9!*';:=+,.$/%#\[\]\-–_~@|&{_ACCENTED}]"
_BRACKETS = rf"\((?:{_PATH}+|{_PATH}*\({_PATH}+\){_PATH}*)\)"
_PATH_END = rf"[A-Za-z{_CYRILLIC}0-9=_#/+\-{_ACCENTED}]"
_QUERY = r"\?[A-Za-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[A-Za-z0-9\-_&=#/]"

# No domain has more than 127 labels and none of 256 characters is valid: the bounds keep odd texts from taking long.
_LABEL = rf"[^{_DOMAIN_BREAK}_-][^{_DOMAIN_BREAK}]{{0,255}}+(?<![_-])\."
# Group 1 is the scheme or nothing, group 2 the labels with their dots; which domains exist is looked up afterwards.
_LABELS = re.compile(
    rf"(?<![A-Za-z0-9@＠$#＃\ufffe\ufeff\uffff])((?:[Hh][Tt][Tt][Pp][Ss]?://)?)((?:{_LABEL}){{1,127}})(?=[^\W\d_])"
)
_LATIN_DOMAIN = re.compile(rf"[\-A-Za-z0-9.{_ACCENTED}]+")
_LATIN_LABELS = re.compile(rf"(?:[\-A-Za-z0-9{_ACCENTED}]++\.)++")
_OWN_SHORT_URL = re.compile(rf"(?i:https?://t\.co)/([A-Za-z0-9]+)(?:{_QUERY})?")


@cache
def _tail(brackets: bool) -> re.Pattern[str]:
    """Return the pattern of a port, group 1 the path, and a query. Brackets in a path are slow to compile, and rare."""
    path = rf"{_PATH}*{_PATH_END}"
    if brackets:
        path = rf"{_PATH}*(?:{_BRACKETS}{_PATH}*)*(?:{_PATH_END}|{_BRACKETS})"
    return re.compile(rf"(?::[0-9]+)?(/(?:{path})?)?(?:{_QUERY})?")


_TopLevels = list[tuple[int, int]]
_Candidate = tuple[re.Match[str], int, re.Match[str]]  # labels, end of the top-level domain, tail


def weigh(text: str, url_weight: int) -> int:
    """Return the weighted length of a text, each of its URLs counted as `url_weight`."""
    if not text.isascii():
        from unicodedata import normalize

        text = normalize("NFC", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    urls = find_shortened(text) if "." in text else ()
    if text.isascii():
        return len(text) + sum([url_weight - (end - start) for start, end, _ in urls])
    total = position = 0
    for start, end, _ in urls:
        total += _weigh_characters(text[position:start]) + url_weight
        position = end
    total += _weigh_characters(text[position:])
    return total - _weigh_excess(text, urls) if _EMOJI_HINT.search(text) else total


def _weigh_characters(text: str) -> int:
    return len(text) if text.isascii() else len(text) + len(_HEAVY.findall(text))


def _weigh_excess(text: str, urls: Sequence[tuple[int, int, bool]]) -> int:
    """Return by how much the characters of the emoji outside URLs weigh more than the emoji themselves."""
    excess = 0
    starts = [start for start, _, _ in urls]
    for stretch in _EMOJI_STRETCH.finditer(text):
        for match in emoji_pattern().finditer(text, *stretch.span()):
            url = bisect_right(starts, match.start()) - 1
            if url < 0 or urls[url][1] <= match.start():
                excess += _weigh_characters(match.group()) - _EMOJI_WEIGHT
    return excess


@lru_cache(64)  # Mastodon counts the same text by it, and links are looked for in it again
def find_shortened(text: str) -> tuple[tuple[int, int, bool], ...]:
    """Return start, end (exclusive) and whether it has a scheme, of each URL that X shortens, in order.

    X looks at the text in NFC; give it so where the length is wanted.
    """
    found: list[tuple[int, int, bool]] = []
    for labels, top_end, tail in _find_candidates(text):
        if _is_short_enough(text, labels, top_end, tail.end()):
            found += _shorten(text, labels, top_end, tail)
    return tuple(found)


def _find_candidates(text: str) -> Iterator[_Candidate]:
    """Yield what has the form of a URL.

    A URL needs one character before it that may stand there and is not part of the URL before; at the very start of
    the text it may be missing, but that is tried second.
    """
    top_levels = find_top_levels(text)
    tail_pattern = _tail("(" in text)
    position = index = 0
    while index < len(top_levels):
        # Nothing before the last space before the next possible domain end can be part of it.
        position = max(position, text.rfind(" ", position, top_levels[index][0]) + 1)
        labels = (not position and _LABELS.match(text, 1)) or _LABELS.search(text, position)
        if not labels:
            return
        top_end = _find_domain_end(text, labels, top_levels)
        position = labels.start() + 1
        if top_end:
            tail = tail_pattern.match(text, top_end)
            assert tail is not None  # every part of it is optional
            yield labels, top_end, tail
            position = tail.end() + 1
        while index < len(top_levels) and top_levels[index][0] < position:
            index += 1


def _find_domain_end(text: str, labels: re.Match[str], top_levels: _TopLevels) -> int:
    """Return where the domain ends whose labels were found: after its last possible top-level domain, or 0 if none is.

    The label before the top-level domain may hold no underscore.
    """
    start, end = labels.span(2)
    index = bisect_left(top_levels, (end, 0)) - 1
    while index >= 0 and top_levels[index][0] > start:
        dot, top_end = top_levels[index]
        if "_" not in text[max(text.rfind(".", start, dot), start) : dot]:
            return top_end
        index -= 1
    return 0


def _is_short_enough(text: str, labels: re.Match[str], top_end: int, end: int) -> bool:
    """Return whether domain and URL keep their greatest lengths, the domain written in Punycode."""
    domain = text[labels.start(2) : top_end]
    if domain.isascii():
        length = len(domain)
        if length > _LONGEST_LABEL and max(map(len, domain.split("."))) > _LONGEST_LABEL:
            return False
    else:
        try:
            length = len(domain.encode("idna"))
        except UnicodeError:
            return False
    scheme = labels.group(1) or "https://"
    return len(scheme) + (end - labels.start()) + length - len(domain) <= LONGEST_URL


def _shorten(text: str, labels: re.Match[str], top_end: int, tail: re.Match[str]) -> list[tuple[int, int, bool]]:
    """Return the URLs that a match of the grammar holds: one with a scheme, or bare domains in Latin letters."""
    start = labels.start()
    if labels.group(1):
        own = _OWN_SHORT_URL.match(text, start, tail.end())
        if not own:
            return [(start, tail.end(), True)]
        return [(start, own.end(), True)] if len(own.group(1)) <= _LONGEST_SLUG else []
    if start and text[start - 1] in "-_./":
        return []
    found = [(start + first, start + last, False) for first, last in _find_latin_domains(text[start:top_end])]
    if found and tail.group(1):
        first, last, _ = found[-1]
        found[-1] = (first, last + tail.end() - top_end, False)
    return found


def _find_latin_domains(domain: str) -> list[tuple[int, int]]:
    """Return start and end of each domain in Latin letters, since without a scheme X shortens no other."""
    if _LATIN_DOMAIN.fullmatch(domain):
        return [(0, len(domain))]
    found = []
    top_levels = find_top_levels(domain)
    labels = _LATIN_LABELS.search(domain)
    while labels:
        inside = [span for span in top_levels if labels.start() < span[0] < labels.end()]
        if inside:
            found.append((labels.start(), inside[-1][1]))
        labels = _LATIN_LABELS.search(domain, inside[-1][1] if inside else labels.end())
    return found
