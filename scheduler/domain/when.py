"""The grammar of `when`, of dates, clock times and durations; and from wall time to an instant.

Each row below is a test. Case and surplus spaces do not matter, `at` and a leading `on` may be left out.

    written                          means
    on the day at 08:00              the campaign's date (of a week: its first day)
    the day before at 10:00          one day earlier, also `the week before`, `the fortnight before`
    the day after at 09:00           one day later
    7 days before at 10:00           counted from the campaign's date; at most 3660 days
    1 day after at 09:00             the same, later
    2 weeks before at 9am            in weeks, also in fortnights
    a week before at 09:00           a, an and one to ten may be words, as in `two days after at 09:00`
    day 2 at 12:30                   the second day of a campaign that has `until:`; day 1 is its date
    18 March 2027 at 08:00           that date, whatever the campaign's own is
    Thursday 18 March 2027 9am       the same; a weekday that disagrees is refused
    Thu, 18th of March 2027, 08:00   the same
    18/03/2027 08:00                 day first, always; `18/03/27`, `18.03.2027` and `18-Mar-27` too
    2027-03-18 08:00                 year first, also `2027-03-18T08:00`
    08:00 on the day                 the time may come first
    31 October 2027 01:30 GMT        the second 01:30 of that night; `01:30 BST` is the first

Clock times: `09:00`, `9:00`, `09.00`, `9am`, `9.30 p.m.`, `0900 hrs`, `noon`, `12 noon`, `midday`. Midnight has to be
written as 00:00 (the day begins) or 23:59 (the day ends). Times are wall-clock times of the campaign's zone.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduler.domain.problem import suggest

MONTHS = ("January", "February", "March", "April", "May", "June",
          "July", "August", "September", "October", "November", "December")  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FARTHEST_DAYS = 3660
YEARS = range(1970, 2200)

_WHEN_EXAMPLES = "Type it like 'on the day at 09:00', '7 days before at 10:00' or '18 March 2027 09:00'."
_DATE_EXAMPLES = "Type it like '18 March 2027', '18/03/2027' or '2027-03-18'."
_TIME_EXAMPLES = "Type it like '09:00', '9am' or '9.30pm'."
_DURATION_EXAMPLES = "Type it like '3 hours', '90 minutes', '1 hour 30 minutes' or '1 day'."

_NUMBER_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten"
_COUNTS = {"the": 1, "a": 1, "an": 1, **{word: n for n, word in enumerate(_NUMBER_WORDS.split("|"), start=1)}}
_UNIT_DAYS = {"day": 1, "week": 7, "fortnight": 14}
_MONTH_NUMBERS = {"sept": 9} | {
    form: n for n, name in enumerate(MONTHS, 1) for form in (name.lower(), name[:3].lower())
}
_WEEKDAY_NUMBERS = {form: n for n, name in enumerate(WEEKDAYS) for form in (name.lower(), name[:3].lower())}
_WEEKDAY_NUMBERS.update(tues=1, weds=2, thur=3, thurs=3)
_DURATION_UNITS = {"weeks": "w", "days": "d", "hours": "h|hrs?", "minutes": "m|mins?", "seconds": "s|secs?"}
# Abbreviations that may follow a time. Whether one fits the zone and the date is for resolve() to say.
_ZONE_FORM = "UTC|GMT|BST|IST|WET|WEST|CET|CEST|EET|EEST|EST|EDT|CST|CDT|MST|MDT|PST|PDT|Z"
_ABBREVIATIONS = frozenset(_ZONE_FORM.split("|"))
_MIDNIGHT = "Type '00:00' for the start of the day or '23:59' for its end."
_KNOWN_WORDS = ("before", "after", "day", "days", "week", "weeks", "fortnight", "noon", "the", *MONTHS, *WEEKDAYS)
_OTHER_WORDS = "half quarter past morning afternoon evening hour hours minute minutes second seconds month months and"
_UNSUSPECTED = {
    *(_OTHER_WORDS + " ".join(["", *_KNOWN_WORDS, *_ABBREVIATIONS]).lower()).split(),
    *_COUNTS,
    *_MONTH_NUMBERS,
}
# Spaces that word processors and web pages put in: each is one character, so that offsets stay true.
_ODD_SPACES = dict.fromkeys([0xA0, *range(0x2000, 0x200C), 0x202F, 0x3000, 0xFEFF], " ")

_FLAGS = re.IGNORECASE | re.ASCII
_MONTH_FORM = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]*"
_NUMBER_FORM = rf"(?:\d+|{_NUMBER_WORDS})"
_DATE_FORM = (
    r"(?:(?P<weekday>[a-z]+)(?:\s*,\s*|\.?\s+))?(?:the\s+)?"
    r"(?:(?P<d1>\d{1,2})(?:st|nd|rd|th)?(?:\s*-\s*|\s+)(?:of\s+)?(?P<m1>[a-z]+)"
    r"(?:(?:\.?\s*,\s*|\s*-\s*|\.?\s+)(?P<y1>\d{4})|-(?P<short1>\d\d))"
    r"|(?P<y2>\d{4})[-/.](?P<m2>\d{1,2})[-/.](?P<d2>\d{1,2})"
    r"|(?P<d3>\d{1,2})[-/.](?P<m3>\d{1,2})[-/.](?:(?P<y3>\d{4})|(?P<short3>\d\d)))"
)
_DAY_FORM = (
    r"(?P<day>(?:on\s+)?(?:"
    rf"(?:(?P<count>the|an?|{_NUMBER_FORM})\s+)?(?P<unit>day|week|fortnight)(?(count)s?)\s+(?P<way>before|after)"
    rf"(?:\s+the\s+day)?|(?P<same>the\s+day)|day\s+(?P<nth>{_NUMBER_FORM})|(?P<date>{_DATE_FORM})))"
)
_CLOCK_FORM = (
    r"(?P<clock>(?:(?:12\s*)?(?P<word>noon|midday|midnight)\b|(?P<hour>\d{1,2})(?:[:.]?(?P<minute>\d\d)(?::(?P<second>\d\d))?)?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?|\s*(?:hours|hrs?)\b)?)"
    rf"(?:\s*(?P<zone>{_ZONE_FORM})\b|(?P<offset>[+-]\d\d:?\d\d))?)"
)
_DATE = re.compile(rf"\s*(?:on\s+)?{_DATE_FORM}\s*", _FLAGS)
_CLOCK = re.compile(rf"\s*{_CLOCK_FORM}\s*", _FLAGS)
_DAY_FIRST = re.compile(rf"\s*{_DAY_FORM}(?:[\s,]+(?:at\b\s*)?|(?<=-\d\d)t(?=\d)|$)(?P<clock>.*)", _FLAGS | re.DOTALL)
# Patterns for what is rare are compiled when first used: it would double the time to import this module.
_CLOCK_FIRST = rf"\s*(?:at\s+)?{_CLOCK_FORM}[\s,]+{_DAY_FORM}\s*"
_AMOUNT_FORMS = (
    rf"(?:(?:\s*,|\s+and\b)?\s*(?P<{unit}>\d{{1,6}}|(?:an?|{_NUMBER_WORDS})\b)\s*(?:{unit}?|{short})(?![a-z]))?"
    for unit, short in _DURATION_UNITS.items()
)
_DURATION = "".join(_AMOUNT_FORMS) + r"\s*"

# What people write that is no such day or time: a pattern, and below it what is wrong | what to type instead.
_TROUBLE_TABLE = rf"""
\b(?:tbc|tba|tbd|to be (?:confirmed|announced|decided))\b
    {{}} is not a time yet, which is fine. | Put 'draft: yes' on the post and type a likely time, '18 March 2027 09:00'.
\b(?:every|each|daily|weekly|monthly|yearly)\b|^\s*@[a-z]+|^(?=.*\*)\s*[\d*/,?-]+(?:\s+[\da-z*/,?-]+){{4,6}}\s*$
    {{}} is a rule for repeating; a post goes out once. | Write a post for each time, such as '7 days before at 10:00'.
\b(?:first|second|third|fourth|fifth|sixth|seventh|last|final)\s+day\b|^\s*[td]?\s*[+-]\s*\d+
    {{}} is not how days are counted here. | Type 'day 2 at 12:30', '3 days before at 09:00' or '3 days after at 09:00'.
\b(?:asap|now|immediately|(?:straight|right) away|today|tomorrow|tonight|yesterday|(?:next|this|last)\b(?:\s+[a-z]+)?)
    {{}} would mean something else at every reading of the file. | {_WHEN_EXAMPLES}
\b(?:working|business|bank|school)\s+(?:day|holiday)s?\b|\b(?:month|year|hour|minute)s?\s+(?:before|after)\b
    {{}} cannot be counted here. | Count in days or weeks, such as '1 day after at 09:00', or type the date.
\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH_FORM}\b(?!\W+\d{{4}})|(?<![\d/])\d{{1,2}}/\d{{1,2}}(?![\d/])
    {{}} has no year. | Add the year in four figures, such as '18 March 2027'.
\b{_MONTH_FORM}\.?\s+\d{{1,2}}\b(?:\W+\d{{4}}\b)?
    {{}} puts the month before the day. | The day comes first, such as '18 March 2027'.
^\s*(?:on\s+)?(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b
    {{}} does not say which week. | Type its date, such as 'Thursday 18 March 2027 at 09:00'.
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


class When(NamedTuple):
    """What was written, not yet an instant: either `date` or `offset_days` is set.

    `offset_days` counts from the campaign's date (0 is the day itself), `time` is what the clock on the wall shows,
    `fold` the abbreviation or offset written after it ("GMT", "+01:00"), `span_day` the n of `day n`.
    """

    offset_days: int | None
    date: dt.date | None
    time: dt.time
    fold: str | None
    span_day: int | None = None


def parse_when(text: str) -> When:
    """Given what stands after `when:`, return the day and the time it names. Raise WhenError if it names none."""
    text = _plain(text, _WHEN_EXAMPLES)
    found = _DAY_FIRST.fullmatch(text) or re.fullmatch(_CLOCK_FIRST, text, _FLAGS)
    if not found and _CLOCK.fullmatch(text):
        raise _refusal(text, "{} has no day.", "Add the day, such as 'on the day at 09:00'.")
    if not found:
        raise _explain(text, "{} is not a day and a time.", _WHEN_EXAMPLES)
    if not found["clock"].strip():
        hint = f"Add a time, such as '{' '.join(found['day'].split())} at 09:00'."
        raise _refusal(text, "{} has no time.", hint)
    try:
        start = found.start("day")
        offset_days, day_itself, span_day = _read_day(found["day"])
        start = found.start("clock")
        clock, fold = _read_clock(found["clock"])
    except WhenError as problem:
        raise problem.moved(start) from None
    return When(offset_days, day_itself, clock, fold, span_day)


def parse_date(text: str) -> date:
    """Given a date as people in Britain write it, with its year, day first, return it. Raise WhenError otherwise.

    A weekday may stand before it and is checked. Two-digit years are 2000 to 2099.
    """
    return _read_date(_plain(text, _DATE_EXAMPLES))


def parse_time(text: str) -> tuple[time, str | None]:
    """Given a time of day, return it and the abbreviation or UTC offset written after it. Raise WhenError otherwise."""
    return _read_clock(_plain(text, _TIME_EXAMPLES))


def parse_duration(text: str) -> timedelta:
    """Given a length of time, largest unit first, return it: over zero, at most 3660 days. Else raise WhenError."""
    text = _plain(text, _DURATION_EXAMPLES)
    found = re.fullmatch(_DURATION, text, _FLAGS)
    counts = {unit: _count(count) for unit, count in found.groupdict().items() if count} if found else {}
    if not counts:
        raise _explain(text, "{} is not a length of time.", _DURATION_EXAMPLES, _DURATION_UNITS)
    length = timedelta(**counts)
    if not timedelta() < length <= timedelta(days=FARTHEST_DAYS):
        why = "is more than ten years" if length else "is no time at all: it has to be longer than zero"
        raise _refusal(text, f"{{}} {why}.", _DURATION_EXAMPLES)
    return length


def resolve(when: When, day: date | None, until: date | None, zone: ZoneInfo) -> datetime:
    """Given the campaign's date and, for a week, its last day, return the instant as an aware datetime in `zone`.

    Raise WhenError if the day cannot be counted, lies outside the campaign, or the clocks of `zone` do not show that
    time once on that day: never in spring's gap, twice in autumn unless `when.fold` says which.
    """
    try:
        first = datetime.combine(when.date or _count_day(when, day, until), when.time, tzinfo=zone)
        second = first.replace(fold=1)
        before, after = _offset(first), _offset(second)
        if before < after:
            raise _gap_error(first, before, after)
        return _pick_called(when.fold, first, second) if when.fold or before > after else first
    except OverflowError:
        raise WhenError(f"'{when.time:%H:%M}' on that day falls outside the calendar.", _DATE_EXAMPLES) from None


@lru_cache(maxsize=2048)
def _read_day(words: str) -> tuple[int | None, date | None, int | None]:
    """Return offset in days, date and n of `day n`, of which the first two exclude each other."""
    found = _DAY_FIRST.fullmatch(words)
    if not found or found["date"]:
        return None, _read_date(words), None
    if found["same"]:
        return 0, None, None
    if found["nth"]:
        nth = _count(found["nth"])
        if not 1 <= nth <= FARTHEST_DAYS:
            raise _refusal(words, "{} does not exist: the first day is day 1.", "Type 'day 1' or 'day 2'.")
        return nth - 1, None, nth
    days = _count(found["count"] or "a") * _UNIT_DAYS[found["unit"].lower()]
    if days > FARTHEST_DAYS:
        raise _refusal(words, "{} is more than ten years away.", "Type the date itself, such as '18 March 2027'.")
    return (-days if found["way"].lower() == "before" else days), None, None


@lru_cache(maxsize=2048)
def _read_date(words: str) -> date:
    found = _DATE.fullmatch(words)
    if not found:
        raise _explain(words, "{} is not a date.", _DATE_EXAMPLES)
    short = found["short1"] or found["short3"]
    year = 2000 + int(short) if short else int(found["y1"] or found["y2"] or found["y3"])
    month = _read_name(found, "m1", MONTHS, _MONTH_NUMBERS) if found["m1"] else int(found["m2"] or found["m3"])
    day = _make_date(words, year, month, int(found["d1"] or found["d2"] or found["d3"]))
    if found["weekday"] and _read_name(found, "weekday", WEEKDAYS, _WEEKDAY_NUMBERS) != day.weekday():
        real = WEEKDAYS[day.weekday()]
        message = f"{{}} cannot be: {write_date(day)} is a {real}."
        raise _refusal(words, message, f"Type '{real} {write_date(day)}', or put the date right.")
    return day


def _make_date(words: str, year: int, month: int, number: int) -> date:
    """Return a date, or raise WhenError that says what its numbers got wrong."""
    if year not in YEARS:
        raise _refusal(words, f"{{}} has the year {year:04}.", "Type the year that is meant, such as 2027.")
    if not 1 <= month <= 12:
        swapped = f"Day before month, or year-month-day: type '{month} {MONTHS[(number - 1) % 12]} {year}'."
        hint = swapped if 1 <= number <= 12 < month <= 31 else _DATE_EXAMPLES
        raise _refusal(words, f"{{}} has {month} where the month should be.", hint)
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    if not 1 <= number <= last.day:
        hint = f"{MONTHS[month - 1]} {year} has {last.day} days: type '{write_date(last)}' if its last day is meant."
        raise _refusal(words, "{} does not exist.", hint)
    return date(year, month, number)


def _read_name(found: re.Match[str], group: str, names: tuple[str, ...], numbers: Mapping[str, int]) -> int:
    """Return the number of the month or weekday in a group, or raise WhenError with the nearest one."""
    number = numbers.get(found[group].lower())
    if number is None:
        kind = "month" if names is MONTHS else "day of the week"
        hint = suggest(found[group], names) or _DATE_EXAMPLES
        raise WhenError(f"{_quote(found[group])} is not a {kind}.", hint, *found.span(group))
    return number


@lru_cache(maxsize=2048)
def _read_clock(words: str) -> tuple[time, str | None]:
    found = _CLOCK.fullmatch(words)
    if not found:
        raise _explain(words, "{} is not a time of day.", _TIME_EXAMPLES)
    zone, offset = (found["zone"] or "").upper(), found["offset"]
    fold = (f"{offset[:3]}:{offset[-2:]}" if offset else "UTC" if zone == "Z" else zone) or None
    word, minute = (found["word"] or "").lower(), int(found["minute"] or 0)
    hour = 12 if word else int(found["hour"])
    if word == "midnight" or (hour == 12 and not word and not minute and found["half"] in ("a", "A")):
        raise _refusal(words, "{} may be the start or the end of the day.", _MIDNIGHT)
    if int(found["second"] or 0):
        raise _refusal(words, "{} has seconds; posts go out on the minute.", _TIME_EXAMPLES)
    if found["half"]:
        if not 1 <= hour <= 12:
            raise _refusal(words, "{} mixes the 24-hour clock with am or pm.", _TIME_EXAMPLES)
        hour = hour % 12 + (12 if found["half"] in "pP" else 0)
    elif not word and not found["minute"]:
        raise _refusal(words, "{} alone may be morning or evening, or no time at all.", _TIME_EXAMPLES)
    if hour > 23 or minute > 59:
        hint = _MIDNIGHT if (hour, minute) == (24, 0) else _TIME_EXAMPLES
        raise _refusal(words, "{} is not on the clock: it goes from 00:00 to 23:59.", hint)
    return time(hour, minute), fold


def _count(token: str) -> int:
    return _COUNTS.get(token.lower()) or int(token)


def _count_day(when: When, day: date | None, until: date | None) -> date:
    """Return the date that a relative `when` names; raise WhenError if there is none, OverflowError past year 9999."""
    if day is None:
        message = f"'{when.time:%H:%M}' counts from the campaign's date, and the campaign has none."
        raise WhenError(message, "Add 'date: 18 March 2027' to the campaign, or type the date here.")
    length = max(((until or day) - day).days + 1, 1)
    if when.span_day and when.span_day > length:
        spans = (
            f"has one day, {write_date(day)}"
            if until is None
            else f"runs from {write_date(day)} to {write_date(until)}"
        )
        message = f"There is no 'day {when.span_day}': the campaign {spans}."
        raise WhenError(message, f"Type 'day {length}', the date itself, or put the campaign's 'until:' right.")
    return day + timedelta(days=when.offset_days or 0)


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()


def _name_clock(moment: datetime) -> str:
    """Return what says, written after a time, which clock shows it: " BST", or "+10:30" where it has no name."""
    return f" {moment.tzname()}" if moment.tzname() in _ABBREVIATIONS else moment.isoformat()[-6:]


def _pick_called(fold: str | None, first: datetime, second: datetime) -> datetime:
    """Return the reading of a wall time whose clock bears this abbreviation or offset, or raise WhenError."""
    for moment in (first, second):
        zero = () if _offset(moment) else ("UTC", "GMT")
        if fold in (moment.tzname(), moment.isoformat()[-6:], *zero):
            return moment
    clock, one, other = f"{first:%H:%M}", _name_clock(first), _name_clock(second)
    if _offset(first) != _offset(second):
        hint = f"Write '{clock}{one}' for the first or '{clock}{other}' for the second."
        raise WhenError(f"'{clock}' happens twice on {write_date(first)}: the clocks go back.", hint)
    message = f"'{clock} {fold}' is not what the clocks show on {write_date(first)}: they show '{clock}{one}'."
    raise WhenError(message, f"Type '{clock}' or '{clock}{one}'.")


def _gap_error(first: datetime, before: timedelta, after: timedelta) -> WhenError:
    """Return the error for a wall time that the clocks leap over, with the time at which they do."""
    wall = first.replace(tzinfo=None)
    low, high = wall - after, wall - before  # in UTC; the leap lies between
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        still = _offset(middle.replace(tzinfo=UTC).astimezone(first.tzinfo)) == before
        low, high = (middle, high) if still else (low, middle)
    later = wall - before + after
    hint = f"{later:%H:%M}" if later.date() == wall.date() else f"{write_date(later)} {later:%H:%M}"
    message = f"'{wall:%H:%M}' does not exist on {write_date(wall)}: the clocks go forward at {high + before:%H:%M}."
    return WhenError(message, f"Type '{hint}'.")


def _plain(text: str, examples: str) -> str:
    """Return a text with ordinary spaces; raise WhenError if it is empty, too long to be meant, or not ASCII."""
    text = text if text.isascii() else text.translate(_ODD_SPACES)
    if not text.strip():
        raise WhenError("Nothing is typed here: ''.", examples, 0, len(text))
    if len(text) > 200:
        raise _refusal(text, "{} is too long to be read.", examples)
    if not text.isascii():
        position = next(i for i, character in enumerate(text) if not character.isascii())
        message = f"{_quote(text[position])} in {_quote(text)} is not a plain letter, a digit from 0 to 9 or a sign."
        raise WhenError(message, examples, position, position + 1)
    return text


def _quote(text: str) -> str:
    words = "".join(character if character.isprintable() else "?" for character in " ".join(text.split()))
    return f"'{words}'" if len(words) <= 60 else f"'{words[:59]}…'"


def write_date(day: date) -> str:
    """Return a date as people in Britain write it: `18 March 2027`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _refusal(text: str, message: str, hint: str) -> WhenError:
    """Return an error about a whole text, which stands quoted where the message has `{}`."""
    return WhenError(message.format(_quote(text)), hint, len(text) - len(text.lstrip()), len(text.rstrip()))


def _explain(text: str, message: str, hint: str, known: Iterable[str] = _KNOWN_WORDS) -> WhenError:
    """Return the most helpful error for a text: a known trouble, a misspelt word, or the message and hint given."""
    for pattern, trouble, remedy in _TROUBLES if known is _KNOWN_WORDS else ():
        if found := re.search(pattern, text, _FLAGS):
            with_time = hint == _DATE_EXAMPLES and ":00" in remedy  # a date by itself has none
            return _refusal(found[0], trouble, hint if with_time else remedy).moved(found.start())
    for word in re.finditer(r"[A-Za-z]{3,}", text):
        if word[0].lower() not in _UNSUSPECTED and (meant := suggest(word[0], known)):
            return WhenError(f"{_quote(word[0])} in {_quote(text)} is not known.", meant, *word.span())
    return _refusal(text, message, hint)
