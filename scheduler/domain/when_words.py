"""The words of `when`, of dates, times and durations, and what to say of words that are none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from scheduler.domain.problem import suggest

MONTHS = ("January", "February", "March", "April", "May", "June",
          "July", "August", "September", "October", "November", "December")  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONGEST = 200
"""More characters than this are not read at all."""

WHEN_EXAMPLES = "Type it like 'on the day at 09:00', '7 days before at 10:00' or '18 March 2027 09:00'."
DATE_EXAMPLES = "Type it like '18 March 2027', '18/03/2027' or '2027-03-18'."
TIME_EXAMPLES = "Type it like '09:00', '9am' or '9.30pm'."
DURATION_EXAMPLES = "Type it like '3 hours', '90 minutes', '1 hour 30 minutes' or '1 day'."

NUMBER_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten"
NUMBER_FORM = rf"(?:\d+|{NUMBER_WORDS})"
COUNTS = {"the": 1, "a": 1, "an": 1, **{word: n for n, word in enumerate(NUMBER_WORDS.split("|"), start=1)}}
ORDINAL_WORDS = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
MONTH_NUMBERS = {"sept": 9} | {form: n for n, name in enumerate(MONTHS, 1) for form in (name.lower(), name[:3].lower())}
WEEKDAY_NUMBERS = {form: n for n, name in enumerate(WEEKDAYS) for form in (name.lower(), name[:3].lower())}
WEEKDAY_NUMBERS.update(tues=1, weds=2, thur=3, thurs=3)
WEEKDAY_FORM = "|".join(sorted(WEEKDAY_NUMBERS, key=len, reverse=True))
# Abbreviations that may follow a time. Whether one fits the zone and the date is for resolve() to say.
ZONE_FORM = "UTC|GMT|BST|IST|WET|WEST|CET|CEST|EET|EEST|EST|EDT|CST|CDT|MST|MDT|PST|PDT|Z"
ABBREVIATIONS = frozenset(ZONE_FORM.split("|"))
FLAGS = re.IGNORECASE | re.ASCII

_KNOWN_WORDS = ("before", "after", "day", "days", "week", "weeks", "fortnight", "noon", "the", "working",
                *MONTHS, *WEEKDAYS)  # fmt: skip
_OTHER_WORDS = (
    "half quarter past morning afternoon evening hour hours minute minutes second seconds month months and first last "
    "next eve"
)
_UNSUSPECTED = {
    *(_OTHER_WORDS + " ".join(["", *_KNOWN_WORDS, *ABBREVIATIONS]).lower()).split(),
    *COUNTS,
    *MONTH_NUMBERS,
}
# Spaces that word processors and web pages put in: each is one character, so that offsets stay true.
_ODD_SPACES = dict.fromkeys([0xA0, *range(0x2000, 0x200C), 0x202F, 0x3000, 0xFEFF], " ")

_MONTH_FORM = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*"
_HOURS_OF_DAY = "morning|afternoon|evening|night|lunch(?:time)?|tea(?:time)?|first thing|close of play|cop|eod"
_WORKING_DAYS = "'the day or the next working day at 09:00' or 'the working day after at 09:00'"
# What people write that is no such day or time: a pattern, and below it what is wrong | what to type instead.
_TROUBLE_TABLE = rf"""
\b(?:tbc|tba|tbd|to be (?:confirmed|announced|decided))\b
    {{}} is not a time yet, which is fine. | Put 'draft: yes' on the post and type a likely time, '18 March 2027 09:00'.
\b(?:every|each|daily|weekly|monthly|yearly)\b|^\s*@[a-z]+|^(?=.*\*)\s*[\d*/,?-]+(?:\s+[\da-z*/,?-]+){{4,6}}\s*$
    {{}} is a rule for repeating; a post goes out once. | Write a post for each time, such as '7 days before at 10:00'.
^\s*d?\s*[+-]\s*\d+
    {{}} is not how days are counted here. | Type 'day 2 at 12:30', '3 days before at 09:00' or '3 days after at 09:00'.
\b(?:early |late |mid[- ]?)?(?:{_HOURS_OF_DAY}|end of (?:the )?day)\b
    {{}} may be any of several hours. | Type the time itself, such as 'on the day at 09:00'.
\b(?:the\s+)?next\s+(?:working|business)\s+day\b(?!\s+(?:before|after))
    {{}} may be the day itself or the one after. | Type {_WORKING_DAYS}.
\b(?:asap|now|immediately|(?:straight|right) away|today|tomorrow|tonight|yesterday|(?:next|this|last)\b(?:\s+[a-z]+)?)
    {{}} would mean something else at every reading of the file. | {WHEN_EXAMPLES}
\b(?:bank|public|school)\s+(?:day|holiday)s?\b|\bweek(?:day|end)s?\b|\b(?:following|previous)\s+(?:[a-z]+\s+)?day\b
    {{}} is not a day that can be told. | Type 'the working day after at 09:00', 'the day after at 09:00' or a date.
\b(?:easter(?:\s+[a-z]+)?|good friday|christmas(?:\s+(?:eve|day))?|boxing day|new year(?:'?s\s+(?:eve|day))?)
    {{}} is not worked out here. | Type its date, such as '29 March 2027 at 09:00'.
\b(?:working|business)\s+days?\b(?!\s+(?:before|after))
    {{}} does not say before or after. | Type 'the working day after at 09:00' or '2 working days before at 10:00'.
\b(?:month|year|hour|minute)s?\s+(?:before|after)\b
    {{}} cannot be counted here. | Count in days or weeks, such as '1 day after at 09:00', or type the date.
\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH_FORM}\b(?!\W+\d{{4}})|(?<![\d/])\d{{1,2}}/\d{{1,2}}(?![\d/])
    {{}} has no year. | Add the year in four figures, such as '18 March 2027'.
\b{_MONTH_FORM}\.?\s+\d{{1,2}}\b(?:\W+\d{{4}}\b)?
    {{}} puts the month before the day. | The day comes first, such as '18 March 2027'.
^\s*(?:on\s+)?(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b
    {{}} does not say which week. | Type its date, such as 'Thursday 18 March 2027 at 09:00', or 'the Monday before'.
"""
_TROUBLES: list[tuple[str, str, str]] = re.findall(r"(.+)\n +(.+) \| (.+)", _TROUBLE_TABLE)


class WhenError(ValueError):
    """What was typed is no day, time or duration that can be kept.

    `message` says what is wrong and quotes what was typed, `hint` says what to type instead. `start` and `end` are the
    offending words, as offsets from 0 within the text that was parsed; both are 0 for an error of resolve().
    """

    def __init__(self, message: str, hint: str, start: int = 0, end: int = 0) -> None:
        super().__init__(f"{message} {hint}")
        self.message, self.hint, self.start, self.end = message, hint, start, end

    def moved(self, by: int) -> WhenError:
        """Return the same error for a text in which the parsed part begins `by` characters later."""
        return WhenError(self.message, self.hint, self.start + by, self.end + by)


def make_plain(text: str, examples: str) -> str:
    """Return a text with ordinary spaces; raise WhenError if it is empty, too long to be meant, or not ASCII."""
    if len(text) > LONGEST:
        raise refuse(text, "{} is too long to be read.", examples)
    text = text if text.isascii() else text.translate(_ODD_SPACES)
    if not text.strip():
        raise WhenError("Nothing is typed here: ''.", examples, 0, len(text))
    if not text.isascii():
        position = next(i for i, character in enumerate(text) if not character.isascii())
        message = f"{quote(text[position])} in {quote(text)} is not a plain letter, a digit from 0 to 9 or a sign."
        raise WhenError(message, examples, position, position + 1)
    return text


def count(token: str) -> int:
    """Return the number that a word or figures stand for; `the` and `a` are one."""
    return COUNTS.get(token.lower()) or int(token)


def quote(text: str) -> str:
    """Return a text in quotation marks as a message shows it: on one line, and not too long."""
    words = "".join(character if character.isprintable() else "?" for character in " ".join(text[:500].split()))
    return f"'{words}'" if len(words) <= 60 else f"'{words[:59]}…'"


def read_name(found: re.Match[str], group: str, names: tuple[str, ...], numbers: Mapping[str, int]) -> int:
    """Return the number of the month or weekday in a group, or raise WhenError with the nearest one."""
    number = numbers.get(found[group].lower())
    if number is None:
        kind = "month" if names is MONTHS else "day of the week"
        hint = suggest(found[group], names) or DATE_EXAMPLES
        raise WhenError(f"{quote(found[group])} is not a {kind}.", hint, *found.span(group))
    return number


def refuse(text: str, message: str, hint: str) -> WhenError:
    """Return an error about a whole text, which stands quoted where the message has `{}`."""
    return WhenError(message.format(quote(text)), hint, len(text) - len(text.lstrip()), len(text.rstrip()))


def explain(text: str, message: str, hint: str, known: Iterable[str] = _KNOWN_WORDS) -> WhenError:
    """Return the most helpful error for a text: a known trouble, a misspelt word, or the message and hint given."""
    for pattern, trouble, remedy in _TROUBLES if known is _KNOWN_WORDS else ():
        if found := re.search(pattern, text, FLAGS):
            with_time = hint == DATE_EXAMPLES and ":00" in remedy  # a date by itself has none
            return refuse(found[0], trouble, hint if with_time else remedy).moved(found.start())
    for word in re.finditer(r"[A-Za-z]{3,}", text):
        if word[0].lower() not in _UNSUSPECTED and (meant := suggest(word[0], known)):
            return WhenError(f"{quote(word[0])} in {quote(text)} is not known.", meant, *word.span())
    return refuse(text, message, hint)
