"""When a row of a toolkit is to go out → the words of `when:`, and what somebody still has to say.

cell                        becomes
a date, 18/03/27, 18 March  18 March 2027; day first; without a year that nearest to the campaign's date
T-3, T+1, D-7, -3, T        3 days before, 1 day after, on the day
Day 2                       1 day after
Day 2 of 7, Day 2/7         the same words, in a campaign of 7 days
9am, 09.00, a time          09:00
morning, TBC, nothing       a likely time, to be settled by a person
01:30 when clocks change    a time that they show, to be settled by a person
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduler.domain.clock_changes import find_instant, name_nearest
from scheduler.domain.dates_and_times import FARTHEST_DAYS, YEARS, parse_date, parse_time, write_date
from scheduler.domain.when import parse_when, resolve
from scheduler.domain.when_words import WhenError

CellValue = str | int | float | datetime | date | time | timedelta | None

_OFFSET = re.compile(r"(?:[TD]|day|launch)?\s*([+\-−–])\s*(\d{1,4})\s*(days?|d|weeks?|wks?|w)?", re.IGNORECASE)
_NTH = re.compile(r"day\s*(\d{1,3})(?:\s*(?:of|/|out of)\s*(\d{1,3}))?", re.IGNORECASE)
_SAME = re.compile(r"[TD][+\-−–]?0?|launch(?: day)?|(?:on )?the day|on the day|day of|awareness day", re.IGNORECASE)
_OPEN = re.compile(r"(?:tb[acd]|to be (?:confirmed|agreed|decided)|any ?time|n/?a|none|[-–—?]+)\W*", re.IGNORECASE)
_MIDNIGHTS = re.compile(r"\s*[T ]?00:00(?::00)?(?:\.0+)?\s*$")
_YEARLESS = (
    (re.compile(r"^(\D*\d{1,2}[/.]\d{1,2})(?!\d)"), "/"),
    (re.compile(r"(\b\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?[A-Za-z]{3,})\b\.?,?"), " "),
)
"""Dates without a year, and what stands before it once it is put in."""
_BEFORE_DATE = re.compile(r"^(?:w/?c\.?|week (?:commencing|beginning|of)|[A-Za-z]{3,9}[.,]?(?= \d))\s*", re.IGNORECASE)
_PARTS_OF_DAY = {
    "morning": "09:00", "am": "09:00", "a.m.": "09:00", "early": "08:00", "first thing": "08:00",
    "lunch": "12:30", "midday": "12:00", "noon": "12:00", "afternoon": "15:00", "pm": "15:00", "p.m.": "15:00",
    "teatime": "17:00", "evening": "18:00", "night": "20:00", "all day": "09:00",
}  # fmt: skip
_LIKELY = "09:00"
_FIRST_SERIAL, _LAST_SERIAL = 36526, 73050  # as Excel counts days: 1 January 2000 and 31 December 2099
_ZERO = date(1899, 12, 30)


class Doubt(NamedTuple):
    """What a person has to settle: in which column (`date`, `time` or `embargo`), what is wrong, and what to do."""

    column: str
    message: str
    hint: str


class Timing(NamedTuple):
    """The words of `when:`, and the doubts about them. `needs_day` says that they count from the campaign's date."""

    words: str
    doubts: tuple[Doubt, ...] = ()
    needs_day: bool = False
    day: date | None = None


def read_timing(
    day: CellValue, clock: CellValue, campaign_day: date | None, zone: ZoneInfo, length: int | None = None
) -> Timing:
    """Return when a row goes out, by its cells for the day and the time and the zone of its clocks. Never raises.

    `length` is how many days the campaign has, None if that is not known.
    """
    doubts: list[Doubt] = []
    day_words, found, within = _read_day(day, campaign_day, doubts)
    day_words = _fit_span(day_words, length, "date", doubts)
    time_words = _read_clock(clock, within, doubts)
    words, doubt = _make_real(f"{day_words} at {time_words}", campaign_day, zone, length, second=False)
    if doubt is not None:
        hint = f"{words.rpartition(' at ')[2]} stands in 'when:' for now: type the time that is meant."
        doubts.append(Doubt("time", doubt, hint))
    return Timing(words, tuple(doubts), found is None, found)


def find_length(values: Iterable[CellValue]) -> int | None:
    """Return how many days a campaign has by what most of some cells say, as in `day 2 of 7`; None if none says it."""
    lengths: Counter[int] = Counter()
    for value in values:
        words, found, _ = _read_day(value, None, []) if isinstance(value, str) else ("", None, "")
        when = parse_when(f"{words} at 09:00") if words and found is None else None
        if when is not None and when.span_length and (when.span_day or 0) <= when.span_length <= FARTHEST_DAYS:
            lengths[when.span_length] += 1
    return lengths.most_common(1)[0][0] if lengths else None


def _fit_span(words: str, length: int | None, column: str, doubts: list[Doubt]) -> str:
    """Return the words for a day that a campaign of so many days has; what does not fit is counted from its date."""
    when = parse_when(f"{words} at 09:00")
    unknown = f"'{words}' needs the campaign's last day, which is not known."
    remedy = "Add --until '24 March 2027' to the command, or 'until:' to the calendar."
    if when.from_last and length is None:
        doubts.append(Doubt(column, unknown, remedy))
    if not when.span_day or (when.span_day <= (length or 0) and when.span_length in {None, length}):
        return words
    counted = _count_days(when.span_day - 1)
    if when.span_length and length is None:
        doubts.append(Doubt(column, unknown, f"'{counted}' stands in its place for now. {remedy}"))
    elif when.span_length:
        days = f"{length} day" if length == 1 else f"{length} days"
        hint = f"'{counted}' stands in its place for now: look which day is meant, or put 'until:' right."
        doubts.append(Doubt(column, f"'{words}' cannot be: the campaign has {days}.", hint))
    return counted


def reads_as_day(text: str) -> bool:
    """Return whether a cell says a day in any of the ways that toolkits do."""
    doubts: list[Doubt] = []
    _read_day(text, date(2027, 1, 1), doubts)
    return bool(text.strip()) and not doubts


def read_moment(
    value: CellValue, campaign_day: date | None, zone: ZoneInfo, length: int | None = None
) -> Timing | None:
    """Return until when an embargo lasts; without a time it ends as the day begins. None if it is no day.

    Of a time that the clocks show twice the second stands: no embargo is to end too soon.
    """
    doubts: list[Doubt] = []
    day_words, found, within = _read_day(value, campaign_day, doubts)
    if doubts:
        return None
    day_words = _fit_span(day_words, length, "embargo", doubts)
    words, doubt = _make_real(f"{day_words} at {within or '00:00'}", campaign_day, zone, length, second=True)
    if doubt is not None:
        doubts.append(Doubt("embargo", doubt, f"'{words}' stands in 'embargo:' for now: put it right if it is not."))
    return Timing(words, tuple(doubts), found is None, found)


def _make_real(
    words: str, near: date | None, zone: ZoneInfo, length: int | None, *, second: bool
) -> tuple[str, str | None]:
    """Return the words of a moment that the clocks show once, and what was wrong with it if they had to be changed."""
    when = parse_when(words)
    day = when.date
    if day is None:
        try:  # noon is on every clock
            noon = when._replace(time=time(12), fold=None)
            until = near + timedelta(days=length - 1) if near and length else None
            day = resolve(noon, near, until, zone, lambda day: day.weekday() < 5).date()
        except (WhenError, OverflowError):
            return words, None
    wall = datetime.combine(day, when.time, tzinfo=zone)
    try:
        find_instant(wall, when.fold)
    except WhenError as failure:
        real_day, clock = name_nearest(wall, second=second)
        day_words = words.rpartition(" at ")[0] if real_day == day else write_date(real_day)
        return f"{day_words} at {clock}", failure.message
    return words, None


def _read_day(value: CellValue, near: date | None, doubts: list[Doubt]) -> tuple[str, date | None, str]:
    """Return the words for a day, the date if it is one, and the time of day if it stands in the same cell."""
    if isinstance(value, date) and value.year in YEARS:  # a datetime is a date, too
        clock = f"{value:%H:%M}" if isinstance(value, datetime) and value.time() != time() else ""
        day = value.date() if isinstance(value, datetime) else value
        return write_date(day), day, clock
    text = _plain(value)
    if serial := _read_serial(value, text):
        said = f"'{text}' is a number; taken for {write_date(serial)}."
        doubts.append(Doubt("date", said, "Put it right if it is not."))
        return write_date(serial), serial, ""
    if not text or _OPEN.fullmatch(text):
        said = f"The day is '{text}'." if text else "There is no day."
        doubts.append(Doubt("date", said, "Type it in 'when:'."))
        return "on the day", None, ""
    return _read_day_words(_MIDNIGHTS.sub("", text), near, doubts)


def _plain(value: CellValue) -> str:
    """Return a cell's words with single spaces, and without what cannot be seen."""
    words = str("" if value is None else value)
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).replace("\u200b", " ").split())


def _read_serial(value: CellValue, text: str) -> date | None:
    number = value if isinstance(value, (int, float)) else int(text) if re.fullmatch(r"\d{5}", text) else 0
    return _ZERO + timedelta(days=int(number)) if _FIRST_SERIAL <= number <= _LAST_SERIAL else None


def _read_day_words(text: str, near: date | None, doubts: list[Doubt]) -> tuple[str, date | None, str]:
    if _SAME.fullmatch(text):
        return "on the day", None, ""
    if found := _OFFSET.fullmatch(text):
        days = int(found[2]) * (7 if (found[3] or "").lower().startswith("w") else 1)
        if days <= FARTHEST_DAYS:
            return _count_days(days if found[1] == "+" else -days), None, ""
    if found := _NTH.fullmatch(text):
        nth = max(int(found[1]), 1)
        return (f"day {nth} of {int(found[2])}" if found[2] else _count_days(nth - 1)), None, ""
    if read := _try_forms(text, near):
        return read
    hint = _find_hint(text) if re.search(r"\d{4}", text) else "Type the day that is meant in 'when:'."
    bare = _BEFORE_DATE.sub("", text)
    read = _try_forms(bare, near) if bare != text else None
    if read is None or read[1] is None:
        doubts.append(Doubt("date", f"'{text}' is no day that can be read.", hint))
        return "on the day", None, ""
    doubts.append(Doubt("date", f"'{text}' is no certain day; taken for {read[0]}.", hint))
    return read


def _try_forms(text: str, near: date | None) -> tuple[str, date | None, str] | None:
    """Return the day and perhaps the time that a text says, with its year or without; None if it says none."""
    for candidate in (text, *_add_year(text, near)):
        try:
            day = parse_date(candidate)
        except WhenError:
            pass
        else:
            return write_date(day), day, ""
        if (whole := _split_moment(candidate)) is not None:
            return whole
    return None


def _split_moment(text: str) -> tuple[str, date | None, str] | None:
    """Return the day and the time of what `when:` understands, with a time in it or without."""
    head, _, clock = text.rpartition(" at ")
    for words, moment in ((text, f"{text} at 00:00"), (head, text), ("", text)):
        try:
            when = parse_when(moment)
        except WhenError:
            continue
        if when.date is not None:
            fold = f" {when.fold}" if when.fold else ""
            return write_date(when.date), when.date, "" if words == text else f"{when.time:%H:%M}{fold}"
        if words:
            return words, None, "" if words == text else clock
    return None


def _find_hint(text: str) -> str:
    try:
        parse_date(text)
    except WhenError as failure:
        return failure.hint
    return ""


def _add_year(text: str, near: date | None) -> list[str]:
    """Return a date without a year with each year that it may mean, that nearest to the campaign's date first."""
    if near is None or re.search(r"\d{4}", text):
        return []
    candidates: list[tuple[int, str]] = []
    for pattern, join in _YEARLESS:
        for year in (near.year, near.year - 1, near.year + 1):
            candidate = re.sub(pattern, rf"\g<1>{join}{year}", text, count=1)
            if candidate != text:
                candidates.append((_distance(candidate, near), candidate))
    return [candidate for _, candidate in sorted(candidates, key=lambda each: each[0])]


def _distance(candidate: str, near: date) -> int:
    found = _split_day(candidate)
    return abs((found - near).days) if found is not None else 10**6


def _split_day(candidate: str) -> date | None:
    try:
        return parse_date(candidate)
    except WhenError:
        moment = _split_moment(candidate)
        return moment[1] if moment is not None else None


def _count_days(days: int) -> str:
    if not days:
        return "on the day"
    way = "after" if days > 0 else "before"
    return f"{abs(days)} {'day' if abs(days) == 1 else 'days'} {way}"


def _read_clock(value: CellValue, within: str, doubts: list[Doubt]) -> str:
    if isinstance(value, datetime):
        value = value.time()
    if isinstance(value, timedelta):
        value = (datetime(2000, 1, 1) + value).time()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, float) and 0 < value < 1:
        return f"{(datetime(2000, 1, 1) + timedelta(minutes=round(value * 1440))):%H:%M}"
    text = _plain(value)
    if not text and within:
        return within
    try:
        if text:
            clock, fold = parse_time(text)
            return f"{clock:%H:%M}" + (f" {fold}" if fold else "")
    except WhenError:
        pass
    likely = next((clock for words, clock in _PARTS_OF_DAY.items() if re.search(rf"\b{words}", text.lower())), _LIKELY)
    said = f"The time is '{text}'." if text else "There is no time."
    doubts.append(Doubt("time", said, f"{likely} stands in 'when:' for now: type the time that is meant."))
    return likely
