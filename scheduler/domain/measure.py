"""How long a text is, in the unit in which a platform counts it, and the links, tags and handles inside it.

A preview measures thousands of texts, so plain ASCII takes a short way everywhere, patterns and tables that only some
texts need are built when the first of them comes along, and what was found in the latest texts is remembered: the same
words go to several accounts, one after the other.

Sources: twitter-text 3 (grammar of URLs, weights of configuration v3), Mastodon's StatusLengthValidator,
Bluesky's `app.bsky.richtext.facet`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import cache, lru_cache

X_URL_WEIGHT = 23
"""What any URL counts on X, long or short (twitter-text configuration v3)."""

REMEMBERED = 64
"""How many texts are remembered: enough for the parts of a thread, on the accounts of a post."""

Span = tuple[int, int, str]
"""Where something stands in a text, in code points, end exclusive, and how it reads there."""


class Unit(StrEnum):
    """What a platform counts. The value is the plural that a person reads after the number."""

    GRAPHEMES = "graphemes"  # what a reader sees as one character (Unicode's extended grapheme clusters)
    CHARACTERS = "characters"  # code points
    BYTES = "bytes"  # of UTF-8
    UTF16 = "utf-16 units"
    X_WEIGHTED = "weighted characters"
    EMOJI_BYTES = "characters and emoji bytes"  # code points, but of each emoji the bytes of its UTF-8 (Threads)

    __hash__ = str.__hash__  # of any word; the one of enumerations is slow, and each text is looked up by its unit


@lru_cache(REMEMBERED)
def measure(text: str, unit: Unit, url_weight: int | None = None, short_mentions: bool = False) -> int:
    """Return how long a text is, counted in a unit.

    `url_weight` is what each URL counts whatever its length; None counts its characters. On X it applies to every URL
    with a top-level domain that X knows, with a scheme or without, and None means 23. In the other units it applies, as
    on Mastodon, to URLs with `http://` or `https://` and such a domain. `short_mentions` counts `@user@example.org` as
    `@user` (Mastodon); it means nothing on X.
    """
    if unit is Unit.X_WEIGHTED:
        from scheduler.domain.x_weight import weigh

        return weigh(text, X_URL_WEIGHT if url_weight is None else url_weight)
    if url_weight is not None and "://" in text:
        text = _replace(text, [(start, end, "x" * url_weight) for start, end, _ in _find_discounted(text)])
    if short_mentions and text.count("@") > 1:
        text = _replace(text, [(start, end, _drop_server(handle)) for start, end, handle in find_mentions(text)])
    if text.isascii():
        return len(text) - text.count("\r\n") if unit is Unit.GRAPHEMES else len(text)
    return _COUNTERS[unit](text)


def utf8_offset(text: str, index: int) -> int:
    """Return at which byte of the text's UTF-8 a code point starts; the index `len(text)` gives the number of bytes.

    Raise ValueError for an index outside the text.
    """
    if not 0 <= index <= len(text):
        raise ValueError(f"index {index} is outside a text of {len(text)} characters")
    return index if text.isascii() else _count_bytes(text[:index])


def find_urls(text: str, *, bare_domains: bool = False) -> list[Span]:
    """Return the `http://` and `https://` URLs of a text, in order: start, end (exclusive), the URL as written.

    Punctuation that ends a sentence and closing brackets that the URL did not open are not part of it. With
    `bare_domains`, domains without a scheme are found as well (`example.org/path`), if X knows their top-level domain.
    """
    if bare_domains and "." in text:
        return list(_find_all_urls(text))
    return list(_find_scheme_urls(text)) if "://" in text else []


@lru_cache(REMEMBERED)
def _find_all_urls(text: str) -> tuple[Span, ...]:
    from scheduler.domain.x_weight import find_shortened

    found = _find_scheme_urls(text) if "://" in text else ()
    bare = [(start, end, text[start:end]) for start, end, scheme in find_shortened(text) if not scheme]
    return tuple(sorted([*found, *_drop_overlaps(bare, found)])) if bare else found


def find_hashtags(text: str) -> list[Span]:
    """Return the hashtags of a text, in order: start, end (exclusive), the tag with its `#` (or full-width `＃`).

    A tag is letters of any script with their marks, digits and underscores, with a letter among them, and neither
    starts in the middle of a word nor stands inside a URL.
    """
    return list(_find_hashtags(text)) if "#" in text or "＃" in text else []


@lru_cache(REMEMBERED)
def _find_hashtags(text: str) -> tuple[Span, ...]:
    found = []
    for match in _tag_beginning().finditer(text):
        start = match.start()
        tag = text[start : _pass_marks(text, match.end())].rstrip(_JOINERS)
        has_letter = tag[1].isalpha() or any(map(str.isalpha, tag))
        if has_letter and not (start and _is_mark(text[start - 1])):
            found.append((start, start + len(tag), tag))
    return tuple(_drop_inside_urls(text, found))


def find_cashtags(text: str) -> list[Span]:
    """Return the cashtags of a text, in order: start, end (exclusive), the tag with its `$`, such as `$BP` or `$BT.A`.

    As twitter-text has them: up to six Latin letters after the sign, and after a dot or an underscore one or two more.
    What stands before is a space or nothing; sums of money (`$50`) are none.
    """
    return [(match.start(), match.end(), match.group()) for match in _cashtag().finditer(text)] if "$" in text else []


def find_mentions(text: str) -> list[Span]:
    """Return the handles of a text, in order: start, end (exclusive), the handle with its `@`.

    These are `@name`, `@force.example.org` and `@user@example.org`; not the second half of an e-mail address, nor part
    of a URL. Whether such an account exists is for the platform to say.
    """
    if "@" not in text:
        return []
    return _drop_inside_urls(text, [(match.start(), match.end(), match.group()) for match in _mention().finditer(text)])


# --- Links, tags and handles -----------------------------------------------------------------------------------------

# The patterns begin with a plain character to look for, so that most of a text is skipped fast.
_SENTENCE_END = frozenset(".,;:!?'’”…*。、！？，；：")
_JOINERS = "·・\u200c\u200d"  # stand in the middle of a tag, as Mastodon allows
_BRACKETS = {")": "(", "]": "[", "}": "{"}


@cache
def _after_scheme() -> re.Pattern[str]:
    return re.compile(r"://[^\W_][^\s<>\"“”«»「」『』（）\x00-\x1f\x7f]*")


@cache
def _tag_beginning() -> re.Pattern[str]:
    return re.compile(rf"[#＃](?<![\w&/#＃].)(?=\w)[\w{_JOINERS}]+")


@cache
def _tag_piece() -> re.Pattern[str]:
    return re.compile(rf"[\w{_JOINERS}]*")


@cache
def _cashtag() -> re.Pattern[str]:
    return re.compile(r"\$(?<!\S.)[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?=$|[\s!'#%&()*+,\\./:;<=>?@\[\]^_{|}~$-])")


@cache
def _mention() -> re.Pattern[str]:
    return re.compile(
        r"@(?<![\w@＠/=].)[A-Za-z0-9_]++(?:[.-]++[A-Za-z0-9_]++)*+(?:@[^\W_]\w*+(?:[.-]++\w++)*+)?+(?![\w@＠]|://)"
    )


@lru_cache(REMEMBERED)
def _find_scheme_urls(text: str) -> tuple[Span, ...]:
    found = []
    pattern = _after_scheme()
    match = pattern.search(text)
    while match:
        scheme_end = match.start()
        scheme = text[max(scheme_end - 5, 0) : scheme_end].lower()
        start = scheme_end - (5 if scheme == "https" else 4)
        known = scheme.endswith("http") or scheme == "https"
        before = text[start - 1] if start > 0 else " "
        if known and not (before.isascii() and before.isalnum()):
            url = text[start:scheme_end] + _trim(match.group())
            found.append((start, start + len(url), url))
            match = pattern.search(text, start + len(url))
        else:
            match = pattern.search(text, scheme_end + 3)
    return tuple(found)


def _pass_marks(text: str, end: int) -> int:
    """Return where a tag ends whose first piece does, joiners included.

    `re` leaves combining marks out of words, without which Indic scripts fall to pieces.
    """
    while end < len(text) and _is_mark(text[end]) and (piece := _tag_piece().match(text, end + 1)):
        end = piece.end()
    return end


def _is_mark(character: str) -> bool:
    """Return whether a character combines with the one before it; variation selectors do not count."""
    if character < "\u0300" or "\ufe00" <= character <= "\ufe0f":
        return False
    from unicodedata import category

    return category(character) in {"Mn", "Mc"}


def _trim(url: str) -> str:
    if url[-1] not in _SENTENCE_END and url[-1] not in _BRACKETS:
        return url  # as nearly all are
    surplus = {closing: url.count(closing) - url.count(opening) for closing, opening in _BRACKETS.items()}
    end = len(url)
    while True:
        last = url[end - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
        elif last not in _SENTENCE_END:
            return url[:end]
        end -= 1


def _drop_server(handle: str) -> str:
    return handle[: handle.find("@", 1)] if "@" in handle[1:] else handle


def _drop_inside_urls(text: str, found: list[Span]) -> list[Span]:
    """Return what is not part of a URL; what starts the text or follows a space cannot be."""
    if all(start == 0 or text[start - 1].isspace() for start, _, _ in found):
        return found
    return _drop_overlaps(found, find_urls(text, bare_domains=True))


def _drop_overlaps(found: list[Span], taken: Sequence[Span]) -> list[Span]:
    """Return what overlaps none of the spans that are taken; both lists are in order."""
    kept = []
    position = 0
    for span in found:
        while position < len(taken) and taken[position][1] <= span[0]:
            position += 1
        if position == len(taken) or taken[position][0] >= span[1]:
            kept.append(span)
    return kept


def _find_discounted(text: str) -> list[Span]:
    """Return the URLs to which Mastodon gives a fixed length: it asks twitter-text whether the domain is a real one."""
    from scheduler.domain.x_weight import LONGEST_URL, find_shortened

    known = {start for start, _, scheme in find_shortened(text) if scheme}
    return [span for span in find_urls(text) if span[0] in known and span[1] - span[0] <= LONGEST_URL]


def _replace(text: str, replacements: list[Span]) -> str:
    pieces = []
    position = 0
    for start, end, other in replacements:
        pieces += [text[position:start], other]
        position = end
    return "".join([*pieces, text[position:]])


# --- Plain units -----------------------------------------------------------------------------------------------------

# Latin letters, common typography and most emoji: between two of these there is always a boundary, but for CR LF.
_PLAIN = (
    r"\0-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf"
    r"\U0001f300-\U0001f3fa\U0001f400-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001f9ff"
)


@cache
def _odd_stretch() -> re.Pattern[str]:
    """Return the pattern of other characters, with single plain ones between them."""
    return re.compile(rf"[^{_PLAIN}]+(?:[{_PLAIN}]?[^{_PLAIN}]+)*")


def _count_graphemes(text: str) -> int:
    """Return the number of grapheme clusters. Only where one may be long is looked at closely, neighbours included."""
    text = text.replace("\r\n", "\n")
    total = len(text)
    for match in _odd_stretch().finditer(text):
        stretch = text[max(match.start() - 1, 0) : match.end() + 1]
        total += _count_clusters(stretch) - len(stretch)
    return total


def _count_clusters(text: str) -> int:
    return len(_cluster_finder()(text))


@cache
def _cluster_finder() -> Callable[[str], list[str]]:
    import regex

    finder: Callable[[str], list[str]] = regex.compile(r"\X").findall
    return finder


def _count_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _count_utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


# Whatever may make an emoji; a text without it needs no closer look.
_MAY_BE_EMOJI = re.compile("[©®\u203c\u2049\u20e3\u2100-\u3299\ufe0f\U0001f000-\U0001ffff]")


@cache
def _emoji_finder() -> Callable[[str], object]:
    """Return what finds a sign of an emoji in a cluster. One that may be shown as a plain sign counts as one, too."""
    import regex

    signs = r"[\p{Emoji_Presentation}\p{Extended_Pictographic}\ufe0f\u20e3\U0001f1e6-\U0001f1ff]"
    finder: Callable[[str], object] = regex.compile(signs).search
    return finder


def _count_emoji_bytes(text: str) -> int:
    if not _MAY_BE_EMOJI.search(text):
        return len(text)
    find = _emoji_finder()
    return sum(_count_bytes(each) if find(each) else len(each) for each in _cluster_finder()(text))


_COUNTERS: dict[Unit, Callable[[str], int]] = {
    Unit.GRAPHEMES: _count_graphemes,
    Unit.CHARACTERS: len,
    Unit.BYTES: _count_bytes,
    Unit.UTF16: _count_utf16,
    Unit.EMOJI_BYTES: _count_emoji_bytes,
}
