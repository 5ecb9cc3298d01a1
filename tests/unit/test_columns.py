"""Which column is what."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from scheduler.domain.columns import FIELDS, guess_columns, simplify


def fields_of(headings: Sequence[str], samples: Sequence[Sequence[str]] = (), **told: str) -> dict[str, str]:
    return {column.heading: column.field for column in guess_columns(headings, samples, told)}


@pytest.mark.parametrize(
    ("heading", "field", "sure"),
    [
        ("Suggested copy", "text", "sure"),
        ("SUGGESTED COPY (long)", "text", "sure"),
        ("Social media copy", "text", "sure"),
        ("Date", "date", "sure"),
        ("Post date (UK)", "date", "sure"),
        ("Day / theme", "theme", "sure"),
        ("Channel(s)", "channels", "sure"),
        ("Alt-text", "alt", "sure"),
        ("Image/video file or link", "image", "sure"),
        ("Handle(s) to tag", "mentions", "sure"),
        ("Call to action / helpline", "contact", "sure"),
        ("Embargoed until", "embargo", "sure"),
        ("Status/approved by", "status", "sure"),
        ("No.", "ref", "sure"),
        ("#", "ref", "sure"),
        ("Date of this post", "date", "likely"),
        ("Our suggested copy for partners", "text", "likely"),
        ("X copy", "text:x", "likely"),
        ("Twitter", "text:x", "likely"),
        ("Facebook post", "text:facebook", "likely"),
        ("Our mood", "", ""),
        ("", "", ""),
    ],
)
def test_headings_that_toolkits_use(heading: str, field: str, sure: str) -> None:
    [_, column, _] = guess_columns(
        ["Text" if field != "text" else "Alt", heading, "Launch" if field == "date" else "Date"], [], {}
    )
    assert (column.field, column.sure) == (field, sure)


def test_a_field_is_taken_by_the_column_that_is_surest_of_it() -> None:
    assert fields_of(["Copy for partners", "Text", "Date"]) == {"Copy for partners": "", "Text": "text", "Date": "date"}


def test_what_is_told_counts_more_than_any_guess() -> None:
    told = {"text": "nothing", "Our words": "text"}
    columns = guess_columns(["Text", "Our words", "Date"], [], told)
    assert [(column.field, column.sure) for column in columns] == [("", "told"), ("text", "told"), ("date", "sure")]


def test_words_without_a_heading_that_is_known_are_found_by_their_length() -> None:
    samples = [["Tue", "Think. Spot. Speak out, and tell us what you have seen.", "18/03/27"]] * 3
    assert fields_of(["A", "B", "C"], samples) == {"A": "", "B": "text", "C": "date"}


def test_a_column_of_days_is_the_date() -> None:
    assert fields_of(["Day", "Text"], [["T-3", "a"], ["T", "b"]]) == {"Day": "date", "Text": "text"}
    assert fields_of(["Day", "Text"], [["Online safety", "a"]]) == {"Day": "theme", "Text": "text"}


def test_the_words_for_one_platform_are_the_text_where_there_are_no_others() -> None:
    assert fields_of(["Suggested tweet", "Date"])["Suggested tweet"] == "text"


def test_every_field_has_headings() -> None:
    assert {"text", "date", "time", "channels", "short", "image", "alt"} <= set(FIELDS)
    assert simplify("Alt-Text (s)") == "alt text s"
