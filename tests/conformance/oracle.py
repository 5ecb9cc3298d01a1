"""Lengths by counters that are not the product's, and texts to measure."""

from __future__ import annotations

import regex
from twitter_text import parse_tweet
from twitter_text.regexp.emoji import emoji_list

from scheduler.domain.measure import Unit

SCRIPTS = {
    "plain": "Think, spot, speak out. £5 – “quoted” …",
    "emoji": "🙂👍🏽🖐️☎️1️⃣©️",
    "families": "👨‍👩‍👧‍👦 👩🏾‍🚒 🧑‍🤝‍🧑 👁️‍🗨️",
    "flags": "🇬🇧🇮🇪🇺🇦 🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f 🏳️‍🌈",
    "right to left": "תחשבו, שִׂים לֵב، فَكِّرْ وتكلّم \u200fاردو میں\u200f",
    "Devanagari": "सोचिए, पहचानिए, बोलिए: क्षत्रिय किन्हीं र्‍य",
    "combining": "e\u0301 A\u030a Z\u0351\u036b\u0343 각 \u1112\u1161\u11ab Ŵŷ ŵ",
    "several lines": "One\n\nTwo\r\nThree\t.",
}

_LONGEST_FIRST = sorted({entry.emoji for entry in emoji_list}, key=len, reverse=True)
_EMOJI = regex.compile("|".join(map(regex.escape, _LONGEST_FIRST)))  # those of 2019


def count(text: str, unit: Unit) -> int:
    """Return how long a text is in a unit."""
    if unit is Unit.GRAPHEMES:
        return len(regex.findall(r"\X", text))
    if unit is Unit.CHARACTERS:
        return sum(1 for _ in text)
    if unit is Unit.BYTES:
        return len(text.encode("utf-8"))
    if unit is Unit.UTF16:
        return len(text.encode("utf-16-be")) // 2
    if unit is Unit.EMOJI_BYTES:
        return len(_EMOJI.sub("", text)) + sum(len(emoji.encode()) for emoji in _EMOJI.findall(text))
    assert unit is Unit.X_WEIGHTED, f"write a counter for {unit}"
    return int(parse_tweet(text).weightedLength)
