"""The words for the rules by which awareness days recur.

Each row below is a test; case and surplus spaces do not matter.

    written                                          means
    18 March                                         that date, every year
    October                                          the whole month
    first Thursday of February                       also second, third, fourth, 2nd …
    last Sunday of March                             the last one of the month
    Tuesday of the second working week of February   of the weeks with a day from Monday to Friday in that month
    Sunday nearest 29 September                      the Sunday nearest to that date
    week of 20 June                                  Monday to Sunday, the week that holds the date
    week of 20 June from Saturday                    the same with weeks that begin on Saturdays
    Easter                                           Easter Sunday
    21 days before Easter                            counted from another rule, in days or weeks
    the day after the fourth Thursday of November    the same, one day
    2 days after hate-crime-awareness-week           counted from another day, by its id
    2 days after the end of sixteen-days             counted from its last day
    1 Ramadan                                        a date of the Islamic calendar: always an estimate
    Ramadan                                          the whole month of the Islamic calendar, 29 or 30 days
    usually first Monday of June                     an estimate: the rule is not certain
    announced                                        no rule, the organiser says each year
"""

from __future__ import annotations

import re
from collections.abc import Callable

from scheduler.domain.day_rules import (
    LAST,
    Announced,
    AnotherDay,
    EasterSunday,
    Fixed,
    HijriDate,
    HijriMonth,
    NearestWeekday,
    NthWeekday,
    Rule,
    Shifted,
    Usually,
    WeekContaining,
    WholeMonth,
    WorkingWeekDay,
)
from scheduler.domain.problem import suggest
from scheduler.domain.when import MONTHS, WEEKDAYS, WhenError

# As hijridate numbers them; each may be written without hyphens and apostrophes.
HIJRI_MONTHS = ("Muharram", "Safar", "Rabi al-Awwal", "Rabi al-Thani", "Jumada al-Ula", "Jumada al-Akhirah",
                "Rajab", "Shaban", "Ramadan", "Shawwal", "Dhu al-Qadah", "Dhu al-Hijjah")  # fmt: skip
_EXAMPLES = "Type it like '18 March', 'first Thursday of February', '21 days before Easter' or 'announced'."
_LONGEST = 200  # characters
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "last": LAST}
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_COUNTS = {word: n for n, word in enumerate(_NUMBERS, start=1)}
_COUNTS.update(the=1, a=1, an=1)
_SHORTEST_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_MONTH = "(?P<month>[a-z]+)"
_WEEKDAY = "(?P<weekday>[a-z]+day)"
_NTH = f"(?:the )?(?P<nth>{'|'.join(_ORDINALS)}|fifth|5th)"
_DATE = rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}"
_FORMS = {
    "announced": "announced(?: (?:each|every) year)?",
    "easter": "easter(?: (?:sunday|day))?",
    "shifted": rf"(?P<count>\d{{1,4}}|{'|'.join(_COUNTS)}) (?P<unit>day|week)s? (?P<way>before|after) (?P<base>.+)",
    "usually": "usually (?:on )?(?P<base>.+)",
    "working_week": rf"(?:the )?{_WEEKDAY} of {_NTH} working week (?:of|in) {_MONTH}",
    "nth": rf"{_NTH} {_WEEKDAY} (?:of|in) {_MONTH}",
    "nearest": rf"(?:the )?(?:{_WEEKDAY} nearest(?: to)?|nearest (?P<other>[a-z]+day) to) (?:the )?{_DATE}",
    "week": rf"(?:the )?week (?:of|with|containing|that holds) (?:the )?{_DATE}(?: from {_WEEKDAY})?",
    "date": rf"(?:the )?{_DATE}",
    "hijri": r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?P<name>[a-z'’ -]+)",
    "hijri_month": r"(?:(?:all|the month) of )?(?P<name>[a-z'’ -]+)",
    "month": rf"(?:(?:all|the month) of )?{_MONTH}",
}
_KNOWN = ("working", "week", "nearest", "before", "after", "days", "usually", "announced", "Easter", "first", "second",
          "third", "fourth", "last", *MONTHS, *WEEKDAYS, *HIJRI_MONTHS)  # fmt: skip
_ID = re.compile(r"(?P<end>(?:the )?end of )?(?P<id>[a-z0-9_-]{1,100})", re.IGNORECASE | re.ASCII)
# So near to New Year, what is nearest to a date or around it may fall into another year.
_NEW_YEAR = frozenset({*((12, day) for day in range(25, 32)), *((1, day) for day in range(1, 8))})


class _Refusal(WhenError):
    """Some words of a rule that cannot be right."""

    def __init__(self, words: str, message: str, hint: str) -> None:
        super().__init__(message, hint, 0, len(words))
        self.words = words


def parse_rule(text: str) -> Rule:
    """Given a rule in words, return it. Raise WhenError, with what to type instead, if it is none."""
    if len(text) > _LONGEST:
        raise WhenError("This is too long for a rule.", _EXAMPLES, 0, len(text))
    try:
        rule = _read(" ".join(text.replace(",", " ").split()))
    except _Refusal as failure:
        start = text.lower().find(failure.words.lower())
        start, end = (start, start + len(failure.words)) if start >= 0 else (0, len(text))
        raise WhenError(failure.message, failure.hint, start, end) from None
    if rule is None:
        raise _refuse(text, f"'{text}' is not a rule for a day.", _suggest(text))
    return rule


def list_references(rule: Rule) -> list[str]:
    """Return the ids of the days that a rule counts from."""
    while isinstance(rule, Shifted | Usually):
        rule = rule.base
    return [rule.day] if isinstance(rule, AnotherDay) else []


def _read(words: str) -> Rule | None:
    for name, form in _FORMS.items():
        found = re.fullmatch(form, words, re.IGNORECASE | re.ASCII)
        rule = _BUILD[name](found) if found else None
        if rule is not None:
            return rule
    return None


def _read_shifted(found: re.Match[str]) -> Rule:
    count = found["count"].lower()
    days = (int(count) if count.isdigit() else _COUNTS[count]) * (7 if found["unit"].lower() == "week" else 1)
    if not 0 < days <= 366:
        raise _refuse(found[0], f"'{found[0]}' is more than a year away, or no day at all.")
    base = _read(found["base"])
    if base is None:
        named = _ID.fullmatch(found["base"])
        if named is None:
            raise _refuse(found["base"], f"'{found['base']}' is not a rule, and not the id of a day.")
        base = AnotherDay(named["id"], is_end=named["end"] is not None)
    if isinstance(base, Announced):
        raise _refuse(found[0], "A day that is only announced has no rule to count from.", "Name it by its id.")
    return Shifted(base, -days if found["way"].lower() == "before" else days)


def _read_usually(found: re.Match[str]) -> Rule:
    base = _read(found["base"])
    if base is None or isinstance(base, Announced):
        raise _refuse(found[0], f"'{found['base']}' is not a rule for a day.", _suggest(found["base"]))
    return Usually(base)


def _read_working_week(found: re.Match[str]) -> Rule:
    nth, month = _nth(found), _month(found)
    if nth == LAST or (nth == 1 and month == 1):
        raise _refuse(found[0], "Working weeks are counted as the first to the fourth; in January, from the second.")
    return WorkingWeekDay(_weekday(found["weekday"]), nth, month)


def _read_nth(found: re.Match[str]) -> Rule:
    return NthWeekday(_nth(found), _weekday(found["weekday"]), _month(found))


def _read_nearest(found: re.Match[str]) -> Rule:
    month, day = _date_within(found)
    return NearestWeekday(_weekday(found["weekday"] or found["other"]), month, day)


def _read_week(found: re.Match[str]) -> Rule:
    month, day = _date_within(found)
    return WeekContaining(month, day, _weekday(found["weekday"]) if found["weekday"] else 0)


def _read_date(found: re.Match[str]) -> Rule | None:
    if _find_hijri(found["month"]):
        return None
    return Fixed(*_date(found))


def _read_hijri(found: re.Match[str]) -> Rule | None:
    month, day = _find_hijri(found["name"]), int(found["day"])
    if month and not 1 <= day <= 30:
        raise _refuse(found[0], f"The months of the Islamic calendar have no day {day}.")
    return HijriDate(month, day) if month else None


def _read_hijri_month(found: re.Match[str]) -> Rule | None:
    month = _find_hijri(found["name"])
    return HijriMonth(month) if month else None


def _read_month(found: re.Match[str]) -> Rule | None:
    if found["month"].title() in MONTHS:
        return WholeMonth(_month(found))
    return None


_BUILD: dict[str, Callable[[re.Match[str]], Rule | None]] = {
    "announced": lambda _: Announced(),
    "easter": lambda _: EasterSunday(),
    "shifted": _read_shifted,
    "usually": _read_usually,
    "working_week": _read_working_week,
    "nth": _read_nth,
    "nearest": _read_nearest,
    "week": _read_week,
    "date": _read_date,
    "hijri": _read_hijri,
    "hijri_month": _read_hijri_month,
    "month": _read_month,
}


def _nth(found: re.Match[str]) -> int:
    nth = _ORDINALS.get(found["nth"].lower())
    if nth is None:
        raise _refuse(found[0], "Not every month has five of them.", "Type 'last' if the last one is meant.")
    return nth


def _month(found: re.Match[str]) -> int:
    short = [month[:3].lower() for month in MONTHS]
    name = found["month"].lower()
    if name.title() not in MONTHS and name not in {*short, "sept"}:
        message, near = f"'{found['month']}' is not a month.", suggest(name, [*MONTHS, *HIJRI_MONTHS])
        raise _refuse(name, message, near)
    return short.index(name[:3]) + 1


def _weekday(name: str) -> int:
    if name.title() not in WEEKDAYS:
        raise _refuse(name, f"'{name}' is not a day of the week.", suggest(name, WEEKDAYS))
    return WEEKDAYS.index(name.title())


def _date(found: re.Match[str]) -> tuple[int, int]:
    month, day = _month(found), int(found["day"])
    if not 1 <= day <= _SHORTEST_MONTHS[month - 1]:
        raise _refuse(found[0], f"There is no {day} {MONTHS[month - 1]} in every year.")
    return month, day


def _date_within(found: re.Match[str]) -> tuple[int, int]:
    """Return a date around which days are looked for that stay in its year."""
    if _date(found) in _NEW_YEAR:
        raise _refuse(found[0], "So near to New Year it may fall in another year.", "Type 'announced', and its dates.")
    return _date(found)


def _find_hijri(name: str) -> int:
    """Return the number of a month of the Islamic calendar, 0 if it is none."""
    plain = re.sub("[^a-z]", "", name.lower())
    names = [re.sub("[^a-z]", "", month.lower()) for month in HIJRI_MONTHS]
    return names.index(plain) + 1 if plain in names else 0


def _suggest(text: str) -> str:
    known = {word.lower() for word in _KNOWN}
    for word in re.findall(r"[A-Za-z]{3,}", text):
        if word.lower() not in known and (near := suggest(word, _KNOWN)):
            return near
    return ""


def _refuse(words: str, message: str, hint: str = "") -> _Refusal:
    return _Refusal(words, message, hint or _EXAMPLES)
