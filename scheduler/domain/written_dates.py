"""Dates as they stand in the middle of a text: where they are, what they say, and how to put another in their place.

    18 March · 18th of March 2027 · March 18th · 18/03/2027 · 18-Mar-27 · 2027-03-18      a date, day first
    Tuesday 18 March · Monday, 11 November · Sunday December 2nd · 18th March (Tues)       with a day of the week
    10-14 March · Mon 25 - Sun 2 December · 9 to 16 October · March 18-20                  a range
    Mon 16, Tue 17 and Wed 18 March                                                        a list

Months count with a capital letter only, and so do short names of days: people sat, and may, and march.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from scheduler.domain.when import MONTHS, WEEKDAYS

_S = r"(?:(?:[^\S\n]+\n?|\n)[^\S\n]*)"  # a space; one line may end in it, a paragraph may not
_WEEKDAY = r"(?:mon|tues?|wed(?:nes|s)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_ORDINAL = r"(?:st|nd|rd|th)?"
_NO_CLOCK = rf"(?![\d:]|\.\d|{_S}?[ap]\.?m\b)"
_YEAR = r"(?:\d{4}\b|\{yyyy\})"
_BEFORE_DAY = rf"(?:\b(?P<weekday>{_WEEKDAY})\b\.?,?{_S}(?:the{_S})?)?(?<![\w.:£$€])"
_FORMS = (
    rf"(?P<d1>\d{{1,2}}){_ORDINAL}(?:{_S}of{_S}|{_S}|-|\b)(?P<m1>{_MONTH})(?:\.?,?{_S}(?P<y1>{_YEAR})|-(?P<short1>\d\d)\b)?"
    rf"|\b(?P<m2>{_MONTH})\.?{_S}(?:the{_S})?(?P<d2>\d{{1,2}}){_ORDINAL}{_NO_CLOCK}(?:,?{_S}(?P<y2>{_YEAR}))?"
    r"|(?P<d3>\d{1,2})(?P<sign>[-/.])(?P<m3>\d{1,2})(?P=sign)(?:(?P<y3>\d{4})|(?P<short3>\d\d))(?![\d/])"
    r"|(?P<y4>\d{4})(?P<sign4>[-/.])(?P<m4>\d{1,2})(?P=sign4)(?P<d4>\d{1,2})(?!\d)"
)
# Compiled when first used: most texts hold no date.
_DATE = rf"{_BEFORE_DAY}(?:{_FORMS})(?:{_S}?\((?P<weekday2>{_WEEKDAY})\))?"
_RANGE_SIGN = r"-|–|—|to|until|till|through"
_DAY_BEFORE = (
    rf"{_BEFORE_DAY}(?P<day>\d{{1,2}}){_ORDINAL}{_S}?(?:(?P<range>{_RANGE_SIGN})|and|or|&|,|/){_S}?(?:the{_S})?$"
)
_DAY_AFTER = (
    rf"{_S}?(?:{_RANGE_SIGN}){_S}?(?:(?P<weekday>{_WEEKDAY})\b\.?,?{_S})?(?P<day>\d{{1,2}}){_ORDINAL}{_NO_CLOCK}"
    rf"(?!{_S}(?:of{_S})?{_MONTH})(?:,?{_S}(?P<year>{_YEAR}))?"
)
_JOINTS = ("-", "–", "—", "&", ",", "/", "to", "until", "till", "through", "and", "or", "the")
_RANGE_JOINTS = (*_RANGE_SIGN.split("|"), "and")
_BETWEEN_DATES = rf"{_S}?(?:{_RANGE_SIGN}){_S}?(?:the{_S})?"
# What every date has in it: the beginning of a month's name, or two signs between numbers. One set of first letters, so
# that the search runs over all else at the speed of C.
_SECONDS = "an|eb|a[ry]|pr|u[nlg]|ep|ct|ov|ec"
_BEGINNINGS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_ANCHOR = re.compile(
    r"[/.JFMASOND-](?:(?<=[/.-])\d\d?[/.-]\d\d"
    rf"|(?:{_SECONDS}|{_SECONDS.upper()})(?<={_BEGINNINGS}|{_BEGINNINGS.upper()}))"
)
_BACK, _AHEAD = 28, 44
"""Characters before and after it in which a date has room: "Wednesday, the 25th of September, 2027 (Wed)"."""
_MONTH_NUMBERS = {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)}
_WEEKDAY_NUMBERS = {name[:3].lower(): number for number, name in enumerate(WEEKDAYS)}
_FARTHEST_BACK = 48  # characters in which "Wednesday 25th until the " has room
_NEAR = dt.timedelta(days=14)
_HALF_A_YEAR = dt.timedelta(days=183)

Span = tuple[int, int]


class WrittenDate(NamedTuple):
    """A date in a text, from `start` to `stop`. `weekday` counts from 0, a Monday; `year` is None if none stands there.

    `month` is that of the date beside it where the text leaves it out. `spans` holds where its `day`, `month`, `year`
    and `weekday` stand.
    """

    start: int
    stop: int
    day: int
    month: int
    year: int | None
    weekday: int | None
    spans: Mapping[str, Span]

    def in_year(self, year: int) -> dt.date | None:
        """Return the date that it is in a year, None if there is no such day."""
        try:
            return dt.date(year, self.month, self.day)
        except ValueError:
            return None


class Stretch(NamedTuple):
    """Dates written together: one, the two of a range, or a list."""

    dates: tuple[WrittenDate, ...]
    is_range: bool = False

    @property
    def span(self) -> Span:
        """Return where it begins and stops in the text."""
        return self.dates[0].start, self.dates[-1].stop


def find_date(text: str) -> WrittenDate | None:
    """Return the first date with a year that is written in a text, its names in letters of any case."""
    for found in _compile(_DATE).finditer(text):
        date = _read_date(found)
        if date.year is not None:
            return date
    return None


def find_dates(text: str) -> list[Stretch]:
    """Return the dates of a text in their order, those of a range or a list together.

    Numbers and names alone count: a day that no month has (31 June) is a date, `in_year` says that it is none.
    """
    stretches: list[Stretch] = []
    position = 0
    for anchor in _ANCHOR.finditer(text):
        start = anchor.start()
        if start < position:
            continue
        found = _compile(_DATE).search(text, max(position, start - _BACK), min(len(text), start + _AHEAD))
        if found is None or not _has_names(found):
            continue
        date = _read_date(found)
        stretch = _add_days_before(text, date, position)
        if found["m2"] and len(stretch.dates) == 1:
            stretch = _add_day_after(text, date)
        if stretches and not stretch.is_range and _is_joined(text, stretches[-1], stretch):
            stretch = Stretch((*stretches.pop().dates, *stretch.dates), is_range=True)
        stretches.append(stretch)
        position = stretch.span[1]
    return [_share_year(stretch) for stretch in stretches]


def settle_dates(stretch: Stretch, near: dt.date) -> list[dt.date | None]:
    """Return the dates of a stretch, each in its written year or in that of `near`; None for a day that does not exist.

    The first of a range may lie in the year before, if that makes it shorter than half a year.
    """
    settled = [date.in_year(date.year or near.year) for date in stretch.dates]
    first, last = settled[0], settled[-1]
    if stretch.is_range and first and last and first > last and "year" not in stretch.dates[0].spans:
        before = stretch.dates[0].in_year(first.year - 1)
        after = stretch.dates[-1].in_year(last.year + 1)
        if before and last - before <= _HALF_A_YEAR and "year" in stretch.dates[-1].spans:
            settled[0] = before
        elif before and after and last - before <= _HALF_A_YEAR:
            # Without a year the turn of the year that is nearer to the campaign is meant.
            settled = [before, last] if abs(near - last) <= abs(after - near) else [first, after]
    return settled


def replace_date(text: str, written: WrittenDate, day: dt.date) -> str:
    """Return a text with another date in the place of one that stands in it, written in the same manner."""
    names = {"weekday": WEEKDAYS[day.weekday()], "month": MONTHS[day.month - 1]}
    numbers = {"day": day.day, "month": day.month, "year": day.year}
    # Where the month is in figures, as in 18/11/2027, each number keeps its length.
    figures = {part for part, (start, stop) in written.spans.items() if text[start:stop].isdigit()}
    for part, (start, stop) in sorted(written.spans.items(), key=lambda item: -item[1][0]):
        old = text[start:stop]
        if part == "year" and old.startswith("{"):
            continue
        if old.isdigit():
            number = numbers[part] % 100 if part == "year" and len(old) == 2 else numbers[part]
            keeps_length = old.startswith("0") or part == "year" or "month" in figures
            new = f"{number:0{len(old)}}" if keeps_length else str(number)
        else:
            new = name_in_manner(old, names[part])
        rest = text[stop:]
        if part == "day" and (ending := re.match(r"(st|nd|rd|th)\b", rest, re.IGNORECASE)):
            rest = _like_case(ending[0], _name_ending(day.day)) + rest[2:]
        text = text[:start] + new + rest
    return text


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _has_names(found: re.Match[str]) -> bool:
    """Return whether the names in a date are surely names, and not words that look like them."""
    names = (found["m1"], found["m2"], found["weekday"], found["weekday2"])
    return all(name is None or is_name(name) for name in names)


def is_name(name: str) -> bool:
    """Return whether the name of a month or a day is surely one, and not a word that looks like it."""
    return name[0].isupper() or len(name) > 5


def _read_date(found: re.Match[str]) -> WrittenDate:
    form = "1" if found["d1"] else "2" if found["d2"] else "3" if found["d3"] else "4"
    day, month, year = f"d{form}", f"m{form}", f"y{form}"
    spans = {"day": found.span(day), "month": found.span(month)}
    if form in "13" and found[f"short{form}"]:
        year = f"short{form}"
    if found[year]:
        spans["year"] = found.span(year)
    weekday = "weekday" if found["weekday"] else "weekday2"
    if found[weekday]:
        spans["weekday"] = found.span(weekday)
    number = int(found[month]) if found[month].isdigit() else _month_number(found[month])
    return WrittenDate(
        found.start(),
        found.end(),
        int(found[day]),
        number,
        _read_year(found[year]),
        _weekday_number(found[weekday]),
        spans,
    )


def _read_year(words: str | None) -> int | None:
    """Return a year as written; `{yyyy}` is the campaign's, whichever that is."""
    if words is None or words.startswith("{"):
        return None
    return int(words) if len(words) == 4 else 2000 + int(words)


def _month_number(name: str) -> int:
    return _MONTH_NUMBERS[name.lower()[:3]]


def _weekday_number(name: str | None) -> int | None:
    return None if name is None else weekday_number(name)


def weekday_number(name: str) -> int:
    """Return the number of a day of the week, 0 for Monday, given its name or the beginning of it."""
    return _WEEKDAY_NUMBERS[name.lower()[:3]]


def _add_days_before(text: str, date: WrittenDate, position: int) -> Stretch:
    """Return a date with the days that stand before it without a month of their own."""
    dates, is_range = [date], False
    while text[max(0, dates[0].start - 12) : dates[0].start].rstrip().lower().endswith(_JOINTS) and (
        found := _compile(_DAY_BEFORE).search(text, max(position, dates[0].start - _FARTHEST_BACK), dates[0].start)
    ):
        name = found["weekday"]
        if name is not None and not is_name(name):
            break
        dates.insert(0, _read_day(found, dates[0]))
        if found["range"]:
            is_range = len(dates) == 2
            break
    return Stretch(tuple(dates), is_range)


def _add_day_after(text: str, date: WrittenDate) -> Stretch:
    """Return a date that begins with its month, with the last day of a range that shares it: `March 18-20`."""
    found = _compile(_DAY_AFTER).match(text, date.stop)
    if found is None:
        return Stretch((date,))
    last = _read_day(found, date)._replace(month=date.month, year=_read_year(found["year"]) or date.year)
    if found["year"]:
        last = last._replace(spans={**last.spans, "year": found.span("year")})
    return Stretch((date, last), is_range=True)


def _read_day(found: re.Match[str], beside: WrittenDate) -> WrittenDate:
    """Return a day whose month is that of the date beside it, or the one before if that is a fortnight ago or less."""
    day = int(found["day"])
    spans = {"day": found.span("day")}
    if found["weekday"]:
        spans["weekday"] = found.span("weekday")
    start = min(span[0] for span in spans.values())
    weekday = _weekday_number(found["weekday"])
    date = WrittenDate(start, found.end("day"), day, beside.month, beside.year, weekday, spans)
    if re.match(r"(?:st|nd|rd|th)\b", found.string[date.stop :], re.IGNORECASE):
        date = date._replace(stop=date.stop + 2)
    month_before = date._replace(month=(beside.month - 2) % 12 + 1)
    first = month_before.in_year(1999 if beside.month == 1 else 2000)
    last = beside.in_year(2000)
    return month_before if day > beside.day and first and last and last - first <= _NEAR else date


def _is_joined(text: str, before: Stretch, after: Stretch) -> bool:
    """Return whether two dates are the ends of a range."""
    if before.is_range or len(before.dates) > 1 or len(after.dates) > 1:
        return False
    between = text[before.span[1] : after.span[0]]
    if not between.lstrip().lower().startswith(_RANGE_JOINTS):
        return False
    if _compile(_BETWEEN_DATES).fullmatch(between):
        return True
    ahead = text[max(0, before.span[0] - 12) : before.span[0]].lower()
    return between.strip().lower() == "and" and re.search(r"\bbetween\s+$", ahead) is not None


def _share_year(stretch: Stretch) -> Stretch:
    """Give the dates before the last one its year, where they have none of their own."""
    year = stretch.dates[-1].year
    if year is None or len(stretch.dates) == 1:
        return stretch
    return stretch._replace(dates=tuple(date._replace(year=date.year or year) for date in stretch.dates))


def name_in_manner(old: str, name: str) -> str:
    """Return a name as short as the one that stands there, in letters of the same case."""
    full = len(old) > 5 or old.capitalize() in MONTHS
    if not full:
        name = name[:4] if old.lower().startswith("sept") and name == "September" else name[:3]
    return _like_case(old, name)


def _like_case(old: str, name: str) -> str:
    if old.isupper():
        return name.upper()
    return name.lower() if old.islower() else name


def _name_ending(day: int) -> str:
    return "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
