"""Which arrangements of code points are one emoji: flags, keycaps, skin tones, and emoji joined to one.

Source: Unicode's emoji data up to version 17, the sequences recommended for interchange, fully qualified or not.
"""

from __future__ import annotations

import re
from functools import cache

# Code points that become an emoji by U+FE0F, and those that take a skin tone: Unicode's emoji data 17, hexadecimal.
_TEXT_BY_DEFAULT = (
    "A9 AE 203C 2049 2122 2139 2194-2199 21A9-21AA 2328 23CF 23ED-23EF 23F1-23F2 23F8-23FA 24C2 25AA-25AB 25B6 25C0 "
    "25FB-25FC 2600-2604 260E 2611 2618 261D 2620 2622-2623 2626 262A 262E-262F 2638-263A 2640 2642 265F-2660 2663 "
    "2665-2666 2668 267B 267E 2692 2694-2697 2699 269B-269C 26A0 26A7 26B0-26B1 26C8 26CF 26D1 26D3 26E9 26F0-26F1 "
    "26F4 26F7-26F9 2702 2708-2709 270C-270D 270F 2712 2714 2716 271D 2721 2733-2734 2744 2747 2763-2764 27A1 "
    "2934-2935 2B05-2B07 3030 303D 3297 3299 1F170-1F171 1F17E-1F17F 1F202 1F237 1F321 1F324-1F32C 1F336 1F37D "
    "1F396-1F397 1F399-1F39B 1F39E-1F39F 1F3CB-1F3CE 1F3D4-1F3DF 1F3F3 1F3F5 1F3F7 1F43F 1F441 1F4FD 1F549-1F54A "
    "1F56F-1F570 1F573-1F579 1F587 1F58A-1F58D 1F590 1F5A5 1F5A8 1F5B1-1F5B2 1F5BC 1F5C2-1F5C4 1F5D1-1F5D3 1F5DC-1F5DE "
    "1F5E1 1F5E3 1F5E8 1F5EF 1F5F3 1F5FA 1F6CB 1F6CD-1F6CF 1F6E0-1F6E5 1F6E9 1F6F0 1F6F3"
)
_SKIN_BASES = (
    "261D 26F9 270A-270D 1F385 1F3C2-1F3C4 1F3C7 1F3CA-1F3CC 1F442-1F443 1F446-1F450 1F466-1F469 1F46B-1F478 1F47C "
    "1F481-1F483 1F485-1F487 1F48F 1F491 1F4AA 1F574-1F575 1F57A 1F590 1F595-1F596 1F645-1F647 1F64B-1F64F 1F6A3 "
    "1F6B4-1F6B6 1F6C0 1F6CC 1F90C 1F90F 1F918-1F91F 1F926 1F930-1F939 1F93C-1F93E 1F977 1F9B5-1F9B6 1F9B8-1F9B9 1F9BB "
    "1F9CD-1F9CF 1F9D1-1F9DD 1FAC3-1FAC5 1FAF0-1FAFA"
)
# ISO codes of the flags: after each first letter its second letters.
_FLAGS = (
    "ACDEFGILMOQRSTUWXZ BABDEFGHIJLMNOQRSTVWYZ CACDFGHIKLMNOPQRUVWXYZ DEGJKMOZ EACEGHRSTU FIJKMOR GABDEFGHILMNPQRSTUWY "
    "HKMNRTU ICDELMNOQRST JEMOP KEGHIMNPRWYZ LABCIKRSTUVY MACDEFGHKLMNOPQRSTUVWXYZ NACEFGILOPRUZ OM PAEFGHKLMNRSTWY QA "
    "REOSUW SABCDEGHIJKLMNORSTVXYZ TACDFGHJKLMNORTVWZ UAGMNSYZ VACEGINU WFS XK YET ZAMW"
)
_TONE = "[\U0001f3fb-\U0001f3ff]"
# One person and the rest of a pair: only with two different skin tones, since equal ones have an emoji of their own.
_TWO_TONES = (
    ("👩", "J🤝J[👨👩]"),
    ("👨", "J[🤝🐰🫯]J👨"),
    ("👩", "J[🐰🫯]J👩"),
    ("🧑", "J(?:[🐰🫯]|❤V?(?:J💋)?)J🧑"),
    ("🫱", "J🫲"),
)
# The rest of the sequences joined by U+200D; J is the joiner, V stands for U+FE0F and S for a skin tone.
_JOINED = (
    "👩J❤V?J(?:💋J)?[👨👩]",
    "👩SJ❤V?J(?:💋J)?[👨👩]S",
    "👨J❤V?J(?:💋J)?👨",
    "👨SJ❤V?J(?:💋J)?👨S",
    "🧑J🤝J🧑",
    "🧑SJ🤝J🧑S",
    "(?:👨J[👨👩]|👩J👩|[👨👩])J(?:👧(?:J[👧👦])?|👦(?:J👦)?)",
    "🧑J(?:🧑J)?🧒(?:J🧒)?",
    "[👨👩🧑]S?J(?:[🦯🦼🦽](?:J➡V?)?|[⚕⚖✈]V?|[🌾🍳🍼🎓🎤🎨🏫🏭💻💼🔧🔬🚀🚒🦰🦱🦲🦳])",
    "🧑S?J[🎄🩰]",
    "[🚶🏃🧎]S?(?:J[♀♂]V?)?J➡V?",
    "(?:[👮💂👷👳👱🧔🤵👰🦸🦹🧙🧚🧛🧜🧝💆💇🚶🧍🧎🏃👯🧖🧗🏄🚣🏊🚴🚵🤸🤼🤽🤾🤹🧘🙍🙎🙅🙆💁🙋🧏🙇🤦🤷]S?|[🧞🧟]|[🕵⛹🏋🏌](?:S|V)?)J[♀♂]V?",
    "👁V?J🗨V?|🏳V?J(?:🌈|⚧V?)|🏴J☠V?|❤V?J[🔥🩹]|⛓V?J💥|🐕J🦺|🐈J⬛|🐻J❄V?|🐦J[⬛🔥]|🍋J🟩|🍄J🟫|😮J💨|😵J💫|😶J🌫V?|🙂J[↔↕]V?",
)


@cache
def emoji_pattern() -> re.Pattern[str]:
    """Return the pattern of every emoji that holds several code points, and of the two signs below U+0100 that are one.

    Any other arrangement of joiners, tones and letters is several emoji, and is shown so.
    """
    pairs = [f"{one}(S){other}(?!\\{number})S" for number, (one, other) in enumerate(_TWO_TONES, start=1)]
    joined = "|".join([*pairs, *_JOINED]).replace("J", "\u200d").replace("V", "\ufe0f").replace("S", _TONE)
    flags = "|".join(f"{_indicator(code[0])}[{''.join(map(_indicator, code[1:]))}]" for code in _FLAGS.split())
    nations = "|".join("".join(chr(0xE0000 + ord(letter)) for letter in name) for name in ("eng", "sct", "wls"))
    return re.compile(
        f"{joined}|{flags}|🏴\U000e0067\U000e0062(?:{nations})\U000e007f|[0-9#*]\ufe0f?\u20e3"
        f"|[{_as_class(_SKIN_BASES)}]{_TONE}|[{_as_class(_TEXT_BY_DEFAULT)}]\ufe0f|[©®]"
    )


def _indicator(letter: str) -> str:
    """Return the regional indicator that stands for a letter in a flag."""
    return chr(0x1F1E6 + ord(letter) - ord("A"))


def _as_class(ranges: str) -> str:
    """Return hexadecimal code points and ranges as the inside of a character class."""
    return "".join("-".join(chr(int(code, 16)) for code in piece.split("-")) for piece in ranges.split())
