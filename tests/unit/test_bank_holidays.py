"""Bank holidays of each nation, and that nothing of them is loaded before somebody asks."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest

from scheduler.sources.bank_holidays import NATIONS, find_nation, is_bank_holiday, is_working_day

# Weekdays off by the Banking and Financial Dealings Act 1971 and the common law, substitute days included.
EVERYWHERE = ["2026-01-01", "2026-04-03", "2026-05-04", "2026-05-25", "2026-12-25", "2026-12-28",
              "2027-01-01", "2027-03-26", "2027-05-03", "2027-05-31", "2027-12-27", "2027-12-28"]  # fmt: skip
SOUTH = [*EVERYWHERE, "2026-04-06", "2026-08-31", "2027-03-29", "2027-08-30"]
WEEKDAYS_OFF = {
    "england": SOUTH,
    "wales": SOUTH,
    "northern-ireland": [*SOUTH, "2026-03-17", "2026-07-13", "2027-03-17", "2027-07-12"],
    "scotland": [
        *EVERYWHERE,
        *("2026-01-02", "2026-06-15", "2026-08-03", "2026-11-30"),  # 15 June: proclaimed once, for the World Cup
        *("2027-01-04", "2027-08-02", "2027-11-30"),
    ],
}


@pytest.mark.parametrize("nation", NATIONS)
def test_each_nation_has_its_own(nation: str) -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(730)]
    off = [day for day in days if day.weekday() < 5 and is_bank_holiday(day, nation)]
    assert [day.isoformat() for day in off] == sorted(WEEKDAYS_OFF[nation])
    working = [day for day in days if is_working_day(day, nation)]
    assert len(working) == sum(day.weekday() < 5 for day in days) - len(off)


@pytest.mark.parametrize(
    ("words", "nation"),
    [
        *((name, name) for name in NATIONS),
        ("England", "england"),
        ("England and Wales", "england"),
        ("england-and-wales", "england"),
        ("England & Wales", "england"),
        ("Northern Ireland", "northern-ireland"),
        (" SCOTLAND ", "scotland"),
        ("Cornwall", None),
        ("", None),
    ],
)
def test_a_nation_is_found_as_people_write_it(words: str, nation: str | None) -> None:
    assert find_nation(words) == nation


def test_reading_a_calendar_loads_no_bank_holidays_unless_it_counts_in_working_days() -> None:
    code = (
        "import sys\n"
        "from tests.reading import CAMPAIGN, read\n"
        "post = '  - id: a\\n    when: {}\\n    text: Think.\\n'\n"
        "assert not read(f'{CAMPAIGN}posts:\\n' + post.format('on the day at 09:00')).problems\n"
        "assert 'holidays' not in sys.modules\n"
        "assert not read(f'{CAMPAIGN}posts:\\n' + post.format('the working day after at 09:00')).problems\n"
        "assert 'holidays' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
