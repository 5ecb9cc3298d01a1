"""What to type in place of a value that is not of the form that its field has."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from scheduler.sources.yaml_advice import shorten

_CURLY = "“”„‟‘’‚«»"
_BULLET = re.compile(r"[-–—•·*] +")
_BREAKS = re.compile(r"(?:[,;&\s]|\band\b)+")
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/\S*)?", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>()\]]+")


class _Form(NamedTuple):
    """A form of values: what is said of one that has not got it, what to do, and a near one that has, if any."""

    message: str
    hint: str
    mend: Callable[[str], str] = str
    quoted: bool = False


def _join_words(value: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", value).strip("-")


def _add_sign(value: str) -> str:
    return "#" + value.lstrip("#").strip()


def _find_address(value: str) -> str:
    found = _ADDRESS.search(value)
    return found[0] if found else f"https://{value}" if _HOST.fullmatch(value) else ""


# By the beginning of the pattern that a value has to match.
_FORMS: Mapping[str, _Form] = {
    "^[A-Za": _Form("cannot be an id.", "Use letters, digits, '-' and '_' only, at most 100 of them.", _join_words),
    "^#": _Form(
        "is not a hashtag.",
        'Begin it with # and leave no spaces, in quotes: "#HelpingHands".',
        _add_sign,
        quoted=True,
    ),
    "^https": _Form("is not a web address.", "Write the whole address, beginning with https://", _find_address),
    "^[a-zA": _Form("is not the code of a language.", "Write a code such as en or cy."),
    "^[0-9]{4}": _Form("is not a year.", "Write it in four figures, such as 2027."),
    "^(everyone": _Form("is not who may answer.", "Write everyone, followers, mentioned or nobody."),
    "^[1-9]": _Form("is not a whole number from 1 to 999.", "Write a number such as 20."),
}


def advise_form(value: str, pattern: str, name: str, *, in_list: bool) -> tuple[str, str]:
    """Return what to say of a value that does not match the pattern of its field, and what to type instead.

    `name` is that of the field, and `in_list` says whether it may hold several values.
    """
    form = next(form for start, form in _FORMS.items() if pattern.startswith(start))
    message = f"'{shorten(' '.join(value.split()))}' {form.message}"
    if len(value) > 200:  # it was meant for another field
        return message, form.hint
    return message, _advise(value, pattern, name, form, in_list) or form.hint


def _advise(value: str, pattern: str, name: str, form: _Form, in_list: bool) -> str:
    def write(word: str) -> str:
        return f'"{word}"' if form.quoted else word

    plain = value.strip(_CURLY + "'\" ")
    if plain != value and re.search(pattern, plain):
        return f"Leave the curly quotes out: `{write(plain)}`."
    bare = _BULLET.sub("", value, count=1)
    if in_list and bare != value and re.search(pattern, bare):
        return f"An item begins with the sign -, as on the keyboard: `- {write(bare)}`."
    words = [word.strip(_CURLY + "'\"") for word in _BREAKS.split(value) if word]
    if in_list and len(words) > 1 and all(re.search(pattern, word) for word in words):
        return f"For several, type `{name}: [{', '.join(map(write, words))}]`."
    mended = form.mend(plain)
    if mended != value and re.search(pattern, mended):
        return f"Type `{write(mended)}`. {form.hint}" if form.mend is _join_words else f"Type `{write(mended)}`."
    return ""
