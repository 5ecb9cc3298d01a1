"""Dates of awareness days as public pages gave them (looked up by November 2026), the first and the last day included.

They are facts to hold the catalogue against, kept apart from it on purpose: a slip in one of the two shows.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple


class Seen(NamedTuple):
    """One holding of a day."""

    day: str
    first: dt.date
    last: dt.date


_SEEN = """
sasv-awareness-week: 2016-02-01/2016-02-07 2017-02-06/2017-02-12 2019-02-04/2019-02-10 2021-02-01/2021-02-07
    2024-02-05/2024-02-11
time-to-talk-day: 2019-02-07 2021-02-04 2022-02-03 2024-02-01 2026-02-05
safer-internet-day: 2019-02-05 2021-02-09 2025-02-11 2026-02-10
childrens-mental-health-week: 2019-02-04/2019-02-10 2021-02-01/2021-02-07 2022-02-07/2022-02-13 2024-02-05/2024-02-11
    2026-02-09/2026-02-15
look-closer-week: 2021-02-08/2021-02-12 2023-02-27/2023-03-03
no-smoking-day: 2018-03-14 2021-03-10 2026-03-11
ce-awareness-day: 2015-03-18 2017-03-18 2018-03-18 2019-03-18 2020-03-18 2021-03-18 2022-03-18 2023-03-18 2024-03-18
    2025-03-18
stalking-awareness-week: 2017-04-24/2017-04-28 2018-04-16/2018-04-20 2022-04-25/2022-04-29 2023-04-24/2023-04-28
    2024-04-22/2024-04-26 2025-04-21/2025-04-25
op-sceptre-spring: 2017-07-17/2017-07-23 2022-05-16/2022-05-22 2023-05-15/2023-05-21
mental-health-awareness-week: 2017-05-08/2017-05-14 2018-05-14/2018-05-20 2019-05-13/2019-05-19 2020-05-18/2020-05-24
    2022-05-09/2022-05-15 2023-05-15/2023-05-21 2024-05-13/2024-05-19
child-safety-week: 2019-06-03/2019-06-09 2023-06-05/2023-06-11
carers-week: 2024-06-10/2024-06-16
neighbourhood-policing-week: 2022-01-17/2022-01-23 2023-06-19/2023-06-23 2025-06-23/2025-06-29
asb-awareness-week: 2021-07-19/2021-07-25 2022-07-18/2022-07-22 2023-07-03/2023-07-09 2025-06-30/2025-07-06
999-day: 2018-09-09 2022-10-19
rural-crime-action-week: 2023-09-18/2023-09-24 2025-09-08/2025-09-14
police-memorial-day: 2025-09-28
world-mental-health-day: 2020-10-10
hate-crime-awareness-week: 2015-10-10/2015-10-17 2016-10-08/2016-10-15 2018-10-13/2018-10-20 2019-10-12/2019-10-19
    2021-10-09/2021-10-16 2022-10-08/2022-10-15 2023-10-14/2023-10-21
anti-slavery-day: 2018-10-18 2023-10-18
personal-safety-day: 2023-11-07 2024-11-05 2025-11-04
anti-bullying-week: 2009-11-16/2009-11-20 2010-11-22/2010-11-26 2011-11-14/2011-11-18 2012-11-19/2012-11-23
    2013-11-18/2013-11-22 2017-11-13/2017-11-17 2018-11-12/2018-11-16 2021-11-15/2021-11-19 2025-11-10/2025-11-14
safeguarding-adults-week: 2018-11-19/2018-11-25 2019-11-18/2019-11-24 2021-11-15/2021-11-21 2022-11-21/2022-11-27
    2023-11-20/2023-11-24 2024-11-18/2024-11-22
road-safety-week: 2016-11-21/2016-11-27 2018-11-19/2018-11-25 2019-11-18/2019-11-24 2021-11-15/2021-11-21
    2022-11-14/2022-11-20 2023-11-19/2023-11-25
white-ribbon-day: 2021-11-25 2022-11-25
sixteen-days: 2020-11-25/2020-12-10 2021-11-25/2021-12-10
county-lines-intensification-spring: 2021-05-17/2021-05-23 2022-03-07/2022-03-13
county-lines-intensification-autumn: 2021-10-11/2021-10-17 2024-11-25/2024-12-01
bst-starts: 2025-03-30 2026-03-29 2027-03-28
bst-ends: 2025-10-26 2026-10-25 2027-10-31
local-elections: 2016-05-05 2024-05-02 2026-05-07
"""


def list_seen() -> list[Seen]:
    """Return every date seen."""
    seen = []
    day = ""
    for word in _SEEN.split():
        if word.endswith(":"):
            day = word[:-1]
        else:
            first, _, last = word.partition("/")
            seen.append(Seen(day, dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)))
    return seen
