"""Words of another year, and words that are none: what is found in the texts of a campaign, and what is left alone."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.date_doubts import Occasion
from scheduler.domain.stale_hints import may_be_stale
from scheduler.domain.staleness import Proofreader
from scheduler.sources.catalogue import Catalogue

DAYS = Catalogue()
CE_DAY = Occasion(date(2027, 3, 18), date(2027, 3, 18))
HATE_CRIME_WEEK = Occasion(date(2027, 10, 9), date(2027, 10, 16))
DECEMBER = Occasion(date(2027, 12, 9), date(2027, 12, 9))

# A text with ‹what is wrong›, and words of the message and the hint.
STALE = {
    "a year": ("Join us in ‹2026›.", "'2026' is of another year", "{yyyy}, which becomes 2027"),
    "a year ahead": ("The theme of ‹2028› is trust.", "of another year", "Put it right"),
    "a date of last year": ("We meet on ‹18 March 2026›.", "'18 March 2026' is of another year", "say 'last year'"),
    "a range of last year": ("Open ‹15 to 19 March 2026›!", "of another year", "2027"),
    "a hashtag": ("Speak out. ‹#CEADay26›", "the year of another campaign", "#CEADay{yy}, which becomes #CEADay27"),
    "any hashtag": ("Our plan: ‹#Pledge2025›", "the year of another campaign", "#Pledge{yyyy}"),
    "a known hashtag, long ago": ("Remember ‹#CEADay20›?", "another campaign", "#CEADay27"),
    "a known hashtag, ahead": ("‹#CEADay28›", "another campaign", "#CEADay27"),
    "a retired hashtag": ("‹#CSEDay27›", "was given up in 2020: now it is #CEADay27", "Type #CEADay{yy}"),
    "a retired one with a place for the year": ("‹#CSEDay{yy}›", "given up in 2020", "#CEADay{yy}"),
    "a retired one in other letters": ("‹#csEDAY19› and all", "given up in 2020", "#CEADay{yy}"),
    "a retired one without a year": ("‹#NHCAW› starts", "given up in 2023: now it is #NationalHCAW", "#NationalHCAW"),
    "a former name": ("‹CSE Day› is near", "'CSE Day' has been called 'CE Day' since 2020", "Type 'CE Day'"),
    "a former name, longer": ("On ‹National CSE Awareness Day› we", "'National CE Awareness Day' since 2020", "CE"),
    "a former name in full": (
        "‹Child Sexual Exploitation Awareness Day›", "'Child Exploitation Awareness Day'", "Child Exploitation"),
    "a weekday": ("See you on ‹Tuesday 18 March›.", "18 March 2027 is a Thursday", "'Thursday 18 March'"),
    "a weekday with the year": ("‹Tue 18 March 2027›", "is a Thursday", "'Thu 18 March 2027'"),
    "a weekday with a comma": ("‹Monday, 11 March› at 9am", "11 March 2027 is a Thursday", "'Thursday, 11 March'"),
    "a weekday in brackets": ("on ‹18th March (Tues)› at 9", "is a Thursday", "'18th March (Thu)'"),
    "a weekday with a place for the year": ("‹Tuesday 18 March {yyyy}›", "is a Thursday", "Thursday 18 March {yyyy}"),
    "the second of a range": ("Mon 15 to ‹Sat 19 March›", "19 March 2027 is a Friday", "'Fri 19 March'"),
    "the first of a range": ("‹Tue 15› to Fri 19 March", "15 March 2027 is a Monday", "'Mon 15'"),
    "one of a list": ("Mon 15, ‹Thu 16› and Wed 17 March", "16 March 2027 is a Tuesday", "'Tue 16'"),
    "a range": ("Open ‹18 to 16 March›.", "'18 to 16 March' ends before it begins", "one of the two"),
    "a range of two months": ("‹18 March - 2 February›", "ends before it begins", "one of the two"),
    "no such day": ("By ‹31 June› at the latest", "There is no 31 June.", "Put the date right"),
    "no leap year": ("On ‹29 February› we", "There is no 29 February 2027.", "Put the date right"),
    "the date of a known day": (
        "Time to Talk Day is on ‹5 February›.", "Time to Talk Day 2027 is on 4 February 2027", "your own days"),
    "a known day, the date before it": ("‹5 February› is Time to Talk Day", "on 4 February 2027, not", "Put it right"),
    "a known day, in brackets": ("Safer Internet Day (‹2 February›)", "is on 9 February 2027", "Put it right"),
    "a known week": ("Safeguarding Adults Week runs ‹15-21 November›", "from 15 to 19 November 2027", "Put it right"),
    "a known week begins": ("Safeguarding Adults Week starts on ‹16 November›", "15 to 19 November", "Put it right"),
}  # fmt: skip

FRESH = (
    "Since 2014 we have marked CE Awareness Day.",
    "Open since 2025.",
    "In 2019, 300 children were helped.",
    "The year 2026/27, or 2026-27, or 2025–2026.",
    "Between 2024 and 2026, reports doubled.",
    "Our plan runs until 2030: a safer county by 2029.",
    "Read https://www.example.org/2026/plan-2026.pdf or www.example.org/2026 or example.org/2026/",
    "Write to day2026@example.org",
    "The Crime and Policing Act 2026 says so.",
    "Call 020 2026 1234, or 2026 123.",
    "It costs £2026, or 2,026, or 2026.50.",
    "#CEADay27 #CEADay2027 #CEADay{yy} #HelpingHands #NationalHCAW",
    "#COP28 #Agenda30 #G20 #Covid19 #16Days #999Day",
    "Thursday 18 March, Thu 18 March 2027 and 18th March (Thurs)",
    "We sat 18 to a table, and may 20 come again, on the 19th.",
    "From 20 December to 5 January we are closed.",
    "15-19 March, 28 February to 3 March, 29 March - 2 April",
    "Time to Talk Day is on 4 February, and Safer Internet Day on Tuesday 9 February.",
    "Safeguarding Adults Week runs from 15 to 19 November.",
    "On 3 February we train for Time to Talk Day stalls.",
    "Time to Talk Day comes. Our stall is open on 6 February.",
    "CE Day, formerly CSE Awareness Day, is for every child.",
    "March on! May you be 18 by then. Day after day.",
    "Women's Day is on Monday 8 March.",
)


def unmark(text: str) -> tuple[str, str]:
    before, _, rest = text.partition("‹")
    words, _, after = rest.partition("›")
    return before + words + after, words


@pytest.mark.parametrize("name", STALE)
def test_what_is_stale_is_found(name: str) -> None:
    text, words = unmark(STALE[name][0])
    [finding] = Proofreader(CE_DAY, DAYS).read(text)
    assert text[finding.start : finding.stop] == words
    assert STALE[name][1] in finding.message
    assert STALE[name][2] in finding.hint
    assert may_be_stale(text)


@pytest.mark.parametrize("text", FRESH)
def test_what_is_meant_is_left_alone(text: str) -> None:
    assert Proofreader(CE_DAY, DAYS).read(text) == []


def test_each_hashtag_is_told_of_each_time_it_stands_there() -> None:
    reader = Proofreader(CE_DAY, DAYS)
    assert [finding.start for finding in reader.read("#CEADay26 #HelpingHands #CEADay26")] == [0, 24]
    assert len(reader.read("#HelpingHands #CEADay26")) == 1


def test_at_the_turn_of_the_year_the_next_one_is_meant() -> None:
    assert Proofreader(DECEMBER).read("Apply by Wednesday 5 January, or 5 January 2028. See you in 2028!") == []
    [finding] = Proofreader(DECEMBER).read("Apply by Friday 5 January.")
    assert "5 January 2027 is a Tuesday" in finding.message


def test_a_week_that_is_longer_than_the_campaign_is_doubted() -> None:
    reader = Proofreader(HATE_CRIME_WEEK)
    [finding] = reader.read("This week, 9 to 17 October, we")
    assert "is longer than this campaign, which ends on 16 October 2027" in finding.message
    assert reader.read("This week, 9 to 16 October; workshops 9-10 October; clinics 4 to 30 October") == []


def test_a_week_from_another_year_is_known_by_its_first_day() -> None:
    reader = Proofreader(Occasion(date(2024, 6, 1), date(2024, 6, 1)))
    [finding] = reader.read("Reading Week is 12-18 June.")
    assert "begins on a Wednesday: in 2023 it was a Monday" in finding.message
    right = "Reading Week is 10-16 June. Reading Week: Wednesday 12 to Tuesday 18 June. Breathing Week, 1-7 August."
    assert reader.read(right) == reader.read("Our tour is 12-18 June.") == []


def test_without_a_catalogue_what_stands_in_the_text_itself_is_still_read() -> None:
    findings = Proofreader(CE_DAY).read("CSE Day, Tuesday 18 March 2027 #CEADay26")
    assert len(findings) == 2


@given(st.text(st.sampled_from("0123456789 /-.,()#thMarchSundyCEADW{}\n"), max_size=60))
def test_any_text_can_be_read_and_nothing_is_found_where_there_is_no_hint(text: str) -> None:
    findings = Proofreader(CE_DAY, DAYS).read(text)
    assert all(0 <= finding.start < finding.stop <= len(text) for finding in findings)
    assert may_be_stale(text) or not findings
