"""Damage to files: the slips of people, the changes that programs make, and noise."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

MAX_BYTES = 64 * 1024
PIECES = (
    "#", " #", "# ", "#CEADay27", ":", ": ", " :", "- ", "-", "|", ">", "|-", "'", '"', "\\", "[", "]", "{", "}", ",",
    "&a ", "*a", "!t ", "? ", "%", "@", "`", "~", "null", "no", "yes", "<<: ", "---\n", "...\n", "\t", "\r", "\n",
    "\n\n", "  ", "\u00a0", "\u200b", "\u2028", "\u0085", "\ufeff", "\x07", "\x00", "“", "”", "’", "–", "•", "é", "ŵ",
    "\N{WAVING HAND SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}", "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}",
    "01163050005", "0800 1111", "9:00", "11:01", "18 March 2027", "29 February 2027", "01:30", "on the day at 09:00",
    "day 99 at 9am", "{yy}", "{year}", "{", "text: ", "text: |\n", "posts:\n", "  - id: a\n", "when: ", "accounts: [",
    "images:\n", "variants:\n", "thread:\n", "hashtags:\n", "link: ", "draft: ", "date: ", "day: ", "year: ", "tags: ",
    "platform: ", "access_token: ", "env:X", "days:\n", "dates:\n", "rule: ", "<<<<<<< a\n", ">>>>>>> b\n", "=======\n",
)  # fmt: skip


def insert_piece(text: str, dice: random.Random) -> str:
    """Return the text with something typed into it."""
    at = dice.randint(0, len(text))
    return text[:at] + dice.choice(PIECES) + text[at:]


def delete_some(text: str, dice: random.Random) -> str:
    """Return the text without a few letters of it."""
    at = dice.randint(0, len(text))
    return text[:at] + text[at + dice.choice((1, 1, 1, 2, 5, 40)) :]


def replace_sign(text: str, dice: random.Random) -> str:
    """Return the text with another sign in place of one."""
    at = dice.randint(0, max(0, len(text) - 1))
    return text[:at] + dice.choice(PIECES)[:1] + text[at + 1 :]


def exchange_letters(text: str, dice: random.Random) -> str:
    """Return the text with two neighbours exchanged."""
    at = dice.randint(0, max(0, len(text) - 2))
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def move_lines(text: str, dice: random.Random) -> str:
    """Return the text with some of its lines further in or out."""
    lines = text.split("\n")
    start = dice.randrange(len(lines))
    step = dice.choice((-4, -2, -1, 1, 2, 4))
    for number in range(start, min(len(lines), start + dice.randint(1, 6))):
        line = lines[number]
        lines[number] = " " * step + line if step > 0 else line[min(-step, len(line) - len(line.lstrip(" "))) :]
    return "\n".join(lines)


def repeat_lines(text: str, dice: random.Random) -> str:
    """Return the text with some of its lines twice, or many times."""
    lines = text.split("\n")
    start = dice.randrange(len(lines))
    stop = start + dice.randint(1, 8)
    return "\n".join(lines[:stop] + lines[start:stop] * dice.choice((1, 1, 1, 3, 400)) + lines[stop:])


def drop_lines(text: str, dice: random.Random) -> str:
    """Return the text without some of its lines."""
    lines = text.split("\n")
    start = dice.randrange(len(lines))
    return "\n".join(lines[:start] + lines[start + dice.randint(1, 4) :])


def exchange_lines(text: str, dice: random.Random) -> str:
    """Return the text with two of its lines exchanged."""
    lines = text.split("\n")
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def repeat_piece(text: str, dice: random.Random) -> str:
    """Return the text with one piece very many times in one place."""
    at = dice.randint(0, len(text))
    piece = dice.choice(PIECES)
    return text[:at] + piece * dice.choice((2, 50, MAX_BYTES // max(1, len(piece)))) + text[at:]


def join_lines(text: str, dice: random.Random) -> str:
    """Return the text with a line break taken out."""
    breaks = [at for at, sign in enumerate(text) if sign == "\n"]
    at = dice.choice(breaks) if breaks else 0
    return text[:at] + text[at + 1 :]


def quote_as_office(text: str, dice: random.Random) -> str:
    """Return the text with its quotes, dashes and apostrophes as word processors make them."""
    for plain, curly in dice.sample([('"', "”"), ("'", "’"), ("- ", "– "), ("...", "…"), (" ", "\u00a0")], 2):
        text = text.replace(plain, curly)
    return text


SLIPS: tuple[Callable[[str, random.Random], str], ...] = (
    insert_piece, insert_piece, delete_some, delete_some, replace_sign, exchange_letters, move_lines, move_lines,
    repeat_lines, drop_lines, exchange_lines, repeat_piece, join_lines, quote_as_office,
)  # fmt: skip


def encode(text: str, dice: random.Random) -> bytes:
    """Return the bytes of a text: mostly as they should be, now and then as some program saves it."""
    way = dice.random()
    if way < 0.9:
        return text.encode("utf-8", "surrogatepass")
    if way < 0.93:
        return text.replace("\n", "\r\n").encode("utf-8", "surrogatepass")
    if way < 0.95:
        return text.encode(dice.choice(("utf-16", "utf-16-le", "utf-32")), "surrogatepass")
    if way < 0.97:
        return text.encode("cp1252", "replace")
    if way < 0.98:
        return b"\xef\xbb\xbf" + text.encode("utf-8", "surrogatepass")
    if way < 0.99:
        return json.dumps({"text": text}).encode()
    noise = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(dice.randint(1, 5)):
        noise.insert(dice.randint(0, len(noise)), dice.randrange(256))
    return bytes(noise)


def damage(seeds: list[str], dice: random.Random) -> bytes:
    """Return one of these files with some damage, at most 64 KB."""
    text = dice.choice(seeds)
    if dice.random() < 0.1:  # the head of one and the tail of another
        other = dice.choice(seeds)
        text = text[: dice.randint(0, len(text))] + other[dice.randint(0, len(other)) :]
    for _ in range(dice.choice((1, 1, 1, 2, 3, 6))):
        text = dice.choice(SLIPS)(text, dice)
    return encode(text, dice)[:MAX_BYTES]
