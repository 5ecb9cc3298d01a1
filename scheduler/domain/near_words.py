"""Whether one word is probably another, mistyped."""

from __future__ import annotations


def is_one_slip(word: str, other: str) -> bool:
    """Return whether two different words are one slip of the finger apart.

    A slip is a letter too many, one too few, one for another, two neighbours exchanged, or capitals for small letters.
    Words that differ in a digit alone, such as week-1 and week-2, are meant to differ.
    """
    first, second = word.lower(), other.lower()
    if first == second:
        return word != other
    if len(first) > len(second):
        first, second = second, first
    start = next((at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), len(first))
    left, right = first[start:], second[start:]
    if left and left[0].isdigit() and right[0].isdigit():
        return False
    if len(left) == len(right):
        return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])
    return left == right[1:] and not right[0].isdigit()
