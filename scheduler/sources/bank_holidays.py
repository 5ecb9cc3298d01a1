"""Bank holidays of the nations of the United Kingdom.

From the library `holidays` (country GB, subdivisions ENG, WLS, SCT and NIR; release 0.109, November 2026), which
follows https://www.gov.uk/bank-holidays for 1872 to 2100, substitute days and those proclaimed once included. One that
is proclaimed after the library's release is not known before the library is renewed; the tests hold the dates of 2026
and 2027. It takes a tenth of a second to load, so that is done when the first date is asked for.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache, partial

from scheduler.domain.working_days import IsWorking

NATIONS = {"england": "ENG", "wales": "WLS", "scotland": "SCT", "northern-ireland": "NIR"}
"""The nations as settings write them → the library's names."""

_SATURDAY = 5


def find_nation(words: str) -> str | None:
    """Return the nation that a person wrote, None if it is none; England and Wales have the same bank holidays."""
    name = "-".join(words.lower().replace("-", " ").replace("&", " and ").split())
    return "england" if name == "england-and-wales" else name if name in NATIONS else None


def is_bank_holiday(day: date, nation: str = "england") -> bool:
    """Return whether a date is a bank holiday in one of NATIONS, whatever its day of the week."""
    return day in _list_holidays(nation, day.year)


def is_working_day(day: date, nation: str = "england") -> bool:
    """Return whether a date is neither on a weekend nor a bank holiday in one of NATIONS."""
    return day.weekday() < _SATURDAY and not is_bank_holiday(day, nation)


def choose_working_days(nation: str) -> IsWorking:
    """Return what tells the working days of one of NATIONS."""
    return partial(is_working_day, nation=nation)


@lru_cache(maxsize=64)
def _list_holidays(nation: str, year: int) -> frozenset[date]:
    from holidays import country_holidays

    return frozenset(country_holidays("GB", subdiv=NATIONS[nation], years=year))
