"""Secrets blotted out of words that people, logs and the ledger get to see."""

from __future__ import annotations

import base64
import html
import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from urllib.parse import quote, quote_plus, unquote

_SHORTEST_SECRET = 4  # what is shorter would blot out half of every sentence
_SHORTEST_PIECE = 12  # of an address: no token is shorter, and most plain words are
_MOST_PASSING = 8


class Mask:
    """Blots secrets out of words, also where a server echoes them encoded."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._forms: set[str] = set()
        self._passing: deque[str] = deque(maxlen=_MOST_PASSING)
        self._pattern = re.compile(r"(?!)")
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Blot these out as well from now on."""
        for secret in secrets:
            for word in _list_words(secret):
                if len(word) >= _SHORTEST_SECRET:
                    self._forms |= _list_forms(word)
        self._compile()

    def add_passing(self, secret: str) -> None:
        """Blot this out as well, until several others have come after it.

        A signature is another one at each call: a film's thousand pieces would make a pattern of megabytes.
        """
        if len(secret) >= _SHORTEST_SECRET and secret not in self._passing:
            self._passing.append(secret)
            self._compile()

    def _compile(self) -> None:
        forms = self._forms.union(*map(_list_forms, self._passing))
        if forms:
            longest_first = sorted(forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE)

    def __call__(self, words: str) -> str:
        return self._pattern.sub("•••", words)


def _list_words(secret: str) -> Iterator[str]:
    """Give a secret and, if it is an address (a webhook's), what in it may be the secret proper."""
    yield secret
    if "://" in secret:
        address = secret.partition("://")[2].partition("/")[2]
        for word in re.split(r"[/?&=]", address):
            if len(word) >= _SHORTEST_PIECE:
                yield word
                yield unquote(word)


def _list_forms(secret: str) -> set[str]:
    """Return a secret as it is and percent-encoded, in base 64, in JSON and in HTML."""
    content = secret.encode("utf-8", "surrogatepass")
    based = {base64.b64encode(content).decode(), base64.urlsafe_b64encode(content).decode()}
    written = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], html.escape(secret)}
    return {secret, quote(content, safe=""), quote_plus(content), *(each.rstrip("=") for each in based), *written}
