"""What a calendar says field by field: each mistake at its place with what to type, and all of them at once.

‹Marks› stand around what a problem has to point at.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.domain.problem import Severity
from scheduler.sources.calendar import CalendarFile
from scheduler.sources.field_problems import MAX_LISTED
from tests.reading import CAMPAIGN, JARGON, POST, Spot, read, read_post, spot_of, unmark

CALENDARS = Path(__file__).parents[1] / "calendars"
T = "    text: x\n"

# Lines of a post after `when`, what the problem says, what to type.
POST_PROBLEMS = {
    "an unknown name": (f"{T}    ‹txet›: y\n", "No field is called 'txet'", "Did you mean 'text'?"),
    "a phone number": (f"{T}    ‹phone›: 01163050005\n", "No field is called 'phone'", "Known here: text, link"),
    "a time": (f"{T}    ‹time›: 9:00\n", "No field is called 'time'", "Did you mean 'when'?"),
    "replies": (f"{T}    replies: ‹off›\n", "is not who may answer", "nobody"),
    "comments": (f"{T}    ‹stance›: off\n", "No field is called 'stance'", "Known here:"),
    "a message": ("    ‹message›: y\n", "No field is called 'message'", "Did you mean 'text'?"),
    "in a link": (f"{T}    link: {{url: https://a.org, ‹titel›: a}}\n", "'titel'", "Did you mean 'title'?"),
    "in a picture": (f"{T}    images:\n      - file: a\n        alt: b\n        ‹atl›: c\n", "'atl'", "'alt'"),
    "in a variant": (f"{T}    variants:\n      force-x:\n        ‹txt›: c\n", "'txt'", "Did you mean 'text'?"),
    "in a part": ("    thread:\n      - text: a\n        ‹lnk›: b\n", "'lnk'", "Did you mean 'link'?"),
    "a draft": (f"{T}    draft: ‹maybe›\n", "'maybe' is neither yes nor no", "Write yes or no"),
    "a draft list": (f"{T}    draft: ‹[›yes]\n", "neither yes nor no", "Write yes or no"),
    "no space after a colon": ("    ‹text:Help›: call\n", "A space is missing after the first colon", "Type one"),
    "a language": (f"{T}    language: ‹English›\n", "'English' is not the code of a language", "such as en or cy"),
    "an empty draft": (f"{T}    draft:‹›\n", "'draft' is empty", "take the line out"),
    "empty accounts": (f"{T}    accounts:‹›\n", "'accounts' is empty", "take the line out"),
    "empty hashtags": (f"{T}    hashtags:‹›\n", "'hashtags' is empty", "take the line out"),
    "an empty text": ("    text:‹›\n", "'text' is empty", "Write something after the colon"),
    "a text of spaces": ("    text: ‹'  '›\n", "'text' is empty", "Write something after the colon"),
    "an empty item": (f"{T}    tags:\n      -‹›\n", "This item is empty", "after the '- '"),
    "no alt": (f"{T}    images:\n      - ‹file›: a.jpg\n", "'alt' is missing", "`alt: …` that says what"),
    "an empty alt": (f"{T}    images:\n      - file: a.jpg\n        alt:‹›\n", "'alt' is empty", "Write something"),
    "a bare picture": (f"{T}    images: [‹a.jpg›]\n", "lines such as", "Type `- file: a.jpg` on a line below"),
    "one picture": (f"{T}    images: ‹a.jpg›\n", "'images' must be a list", "Type `- file: a.jpg` on a line"),
    "a bare part": ("    thread:\n      - ‹One›\n", "lines such as `name: value`", "Type `- text: One`"),
    "a bare variant": (f"{T}    variants:\n      force-x: ‹One›\n", "lines such as", "Type `text: One`"),
    "a list of texts": ("    text: ‹[›a, b]\n", "A text cannot begin with '['", '`text: "[a, b]"`'),
    "no web address": (f"{T}    link: ‹www.example.org›\n", "is not a web address", "`https://www.example.org`"),
    "no hashtag": (f"{T}    hashtags: [‹CEADay26›]\n", "'CEADay26' is not a hashtag", '`"#CEADay26"`'),
    "a hashtag of two words": (f'{T}    hashtags: [‹"#CE Day"›]\n', "is not a hashtag", "leave no spaces"),
    "an account": (f"{T}    accounts:\n      - ‹mastadon›\n", "no account named 'mastadon'", "'mastodon'?"),
    "a blank to fill": ("    text: Call ‹{force}› now\n", "Nothing is known for {force}", "Only {yy} and {yyyy}"),
    "a blank in a block": ("    text: |\n      Call\n      ‹{force}› now\n", "{force}", "Only {yy} and {yyyy}"),
    "a blank in quotes": ('    text: "Call ‹{force}›"\n', "{force}", "Only {yy} and {yyyy}"),
    "another case": ("    text: x ‹{YY}›\n", "Nothing is known for {YY}", "Did you mean '{yy}'?"),
    "twice the braces": ("    text: x ‹{{yy}}›\n", "Nothing is known for {{yy}}", "Did you mean '{yy}'?"),
    "a blank in a link": (f"{T}    link: https://a.org/‹{{id}}›\n", "{id}", "Only {yy}"),
    "a blank in alt": (f'{T}    images: [{{file: a, alt: "‹{{who}}›"}}]\n', "{who}", "Only {yy}"),
    "a late time": (f"{T}    not_after: ‹soon›\n", "'soon' is not a length of time", "3 hours"),
    "no unit": (f"{T}    not_after: ‹3›\n", "'3' is not a length of time", "3 hours"),
    "no time at all": (f"{T}    not_after: ‹0 hours›\n", "no time at all", "3 hours"),
    "text and thread": ("    text: ‹x›\n    thread:\n      - text: y\n", "A thread has 'text' in its parts", "Move it"),
    "an empty thread": ("    thread: ‹[›]\n", "This thread has no parts", "- text: …"),
    "a group for a thread": ("    thread:\n      ‹text›: y\n", "'thread' must be a list", "Type `- text: …`"),
    "a part without text": ("    thread:\n      - ‹link›: https://a.org\n", "This part has no text", "text: …"),
    "another's variant": (
        f"{T}    variants:\n      ‹mastodon›: {{text: z}}\n",
        "'mastodon' is not one of this post's accounts",
        "Add 'mastodon' to its 'accounts:'",
    ),
    "a misspelt variant": (f"{T}    variants:\n      ‹force-y›: {{text: z}}\n", "'force-y'", "Did you mean 'force-x'?"),
    "a link for a thread": (
        "    thread: [{text: a}]\n    variants:\n      force-x: ‹{›link: https://a.org}\n",
        "A variant of a thread must write its own text",
        "text: …",
    ),
    "an id of two words": (f"{T}  - id: ‹two words›\n    when: 9am on the day\n{T}", "cannot be an id", "Use letters"),
    "the same id": (f"{T}  - id: ‹think›\n    when: 9am on the day\n{T}", "the post on line 5 already", "its own"),
    "nearly the same id": (f"{T}  - id: ‹THINK›\n    when: 9am on the day\n{T}", "'THINK'", "an id of its own"),
    "no id": (f"{T}  - ‹when›: 9am on the day\n{T}", "'id' is missing", "such as `id: think`"),
    "no when": (f"{T}  - ‹id›: spot\n{T}", "'when' is missing", "such as `when: on the day at 09:00`"),
    "a bare post": (f"{T}  - ‹hello›\n", "lines such as `name: value`", "Type `- id: …`"),
    "no account": (f"{T}    accounts: []\n  - id: b\n    when: 9am on the day\n{T}", "to no account", "[name]"),
    "no text": ("", "This post says nothing", "'text: …' or 'thread:'"),
}  # fmt: skip
# `when` of the post or a line of the campaign, what the problem says, what to type.
DATE_PROBLEMS = {
    "a weekday": ("when: ‹Tuesday 18 March 2027› 09:00", "18 March 2027 is a Thursday", "Thursday 18 March 2027"),
    "the spring gap": ("when: ‹28 March 2027 01:30›", "does not exist on 28 March 2027", "Type '02:30'"),
    "the autumn hour": ("when: ‹31 October 2027 01:30›", "happens twice on 31 October", "'01:30 GMT' for the second"),
    "an impossible date": ("when: ‹31 April 2027› 09:00", "'31 April 2027' does not exist", "30 April 2027"),
    "in quotes": ('when: "‹31 April 2027› 09:00"', "'31 April 2027' does not exist", "30 April 2027"),
    "month first": ("when: ‹04/31/2027› 09:00", "31 where the month should be", "Day before month"),
    "only a time": ("when: ‹9:00›", "'9:00' has no day", "on the day at 09:00"),
    "a list": ("when: ‹[›a]", "A text cannot begin with '['", 'when: "[a]"'),
    "day 9 of one": ("when: ‹day 9 at 12:30›", "There is no 'day 9'", "Type 'day 1'"),
    "an impossible campaign": ("date: ‹30 February 2027›", "'30 February 2027' does not exist", "28 February 2027"),
    "a campaign's weekday": ("date: ‹Tuesday 18 March 2027›", "18 March 2027 is a Thursday", "Thursday 18 March 2027"),
    "an end before": ("until: ‹17 March 2027›", "It ends before it begins", "18 March 2027 or later"),
    "a zone": ("timezone: ‹Europe/Londn›", "No time zone is called 'Europe/Londn'", "Europe/London"),
    "a zone outside": ("timezone: ‹../../etc/passwd›", "No time zone is called", "Europe/London"),
    "a start": ("‹start›: 18 March 2027", "No field is called 'start'", "Did you mean 'date'?"),
    "hashtags": ("‹hastags›: [a]", "No field is called 'hastags'", "Did you mean 'hashtags'?"),
    "a blank in a hashtag": ('hashtags: ["#CEADay{yy}", "#a‹{b}›"]', "Nothing is known for {b}", "Only {yy}"),
    "a campaign's draft": ("draft:‹›", "'draft' is empty", "take the line out"),
}  # fmt: skip


def assert_told(text: str, says: str, instead: str) -> None:
    plain, spots = unmark(text)
    calendar = read(plain)
    assert calendar.campaign is None
    problem = next(problem for problem in calendar.problems if says in problem.message)
    assert instead in problem.hint
    assert problem.line_text == plain.split("\n")[problem.place.line - 1]
    # Where nothing is marked, it is a problem of the whole post and stands at its id.
    assert spot_of(problem) == (spots[0] if spots else Spot(5, 9, len("think")))
    assert len(calendar.problems) == 1
    assert not [word for word in JARGON if word in problem.message.replace("config.yaml", "").lower()]


@pytest.mark.parametrize(("lines", "says", "instead"), POST_PROBLEMS.values(), ids=POST_PROBLEMS)
def test_a_mistake_in_a_post_is_named_at_its_place(lines: str, says: str, instead: str) -> None:
    assert_told(f"{CAMPAIGN}posts:\n{POST}{lines}", says, instead)


@pytest.mark.parametrize(("line", "says", "instead"), DATE_PROBLEMS.values(), ids=DATE_PROBLEMS)
def test_a_mistake_in_a_date_is_named_at_its_place(line: str, says: str, instead: str) -> None:
    if line.startswith("when"):
        text = f"{CAMPAIGN}posts:\n  - id: think\n    {line}\n{T}"
    elif line.startswith("date"):
        text = f"campaign: hello\n{line}\naccounts: [force-x]\nposts:\n{POST}{T}"
    else:
        text = f"{CAMPAIGN}{line}\nposts:\n{POST}{T}"
    assert_told(text, says, instead)


# A file, what it says first, what to type.
BEGINNINGS = {
    "nothing": ("", "The file is empty", "`campaign: my-campaign`, `date: 18 March 2027`"),
    "notes": ("# one\n  # two\n\n", "nothing but notes", "`campaign: my-campaign`, `date: 18 March 2027`"),
    "no campaign": ("date: 18 March 2027\nposts: [\n]", "'campaign' is missing", "such as `campaign: my-campaign`"),
    "no date": ("campaign: a\nposts: [\n]", "'date' is missing", "such as `date: 18 March 2027`"),
    "no posts": (CAMPAIGN, "'posts' is missing", "`posts:` and, below it, `- id: …`"),
}


@pytest.mark.parametrize(("text", "says", "instead"), BEGINNINGS.values(), ids=BEGINNINGS)
def test_a_calendar_that_lacks_its_first_lines_is_shown_them(text: str, says: str, instead: str) -> None:
    problem = read(text).problems[0]
    assert says in problem.message
    assert instead in problem.hint


@pytest.mark.parametrize("code", ["no", "cy", "CY", "gd", "pt-BR", "zh-Hant-TW", "es-419"])
def test_a_code_of_a_language_is_taken(code: str) -> None:
    assert read_post(f"{T}    language: {code}\n").language == code


def test_day_9_of_three_days_says_how_long_the_campaign_is() -> None:
    text = f"{CAMPAIGN}until: 20 March 2027\nposts:\n  - id: a\n    when: ‹day 9 at 12:30›\n{T}"
    assert_told(text, "runs from 18 March 2027 to 20 March 2027", "Type 'day 3'")


@pytest.mark.parametrize(
    ("when", "due"),
    [
        ("01/04/2027 09:00", datetime(2027, 4, 1, 8, tzinfo=UTC)),
        ("31 October 2027 01:30 GMT", datetime(2027, 10, 31, 1, 30, tzinfo=UTC)),
        ("31 October 2027 01:30 BST", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_as_meant(when: str, due: datetime) -> None:
    calendar = read(f"{CAMPAIGN}posts:\n  - id: a\n    when: {when}\n{T}")
    assert calendar.campaign is not None
    assert calendar.campaign.posts[0].due.timestamp() == due.timestamp()


def test_an_unknown_account_is_told_as_promised() -> None:
    lines = [
        *CAMPAIGN.splitlines(),
        *["# a note"] * 6,
        "posts:",
        *POST.splitlines(),
        "    accounts:",
        "      - mastadon",
    ]
    calendar = read("\n".join([*lines, T]), "campaigns/ce-awareness-day.yaml")
    (problem,) = calendar.problems
    assert str(problem) == (
        "campaigns/ce-awareness-day.yaml:14:9: error: "
        "no account named 'mastadon' in config.yaml. Did you mean 'mastodon'?"
    )
    assert problem.line_text == "      - mastadon"
    assert problem.place.width == len("mastadon")


@pytest.mark.parametrize("lines", ["    images: []\n", "    hashtags: []\n", "    variants: {}\n", "    tags: []\n"])
def test_an_empty_list_means_none(lines: str) -> None:
    post = read_post(T + lines)
    assert (post.hashtags, post.targets, post.parts[0].images) == ((), {}, ())


def expected_problems(text: str) -> list[tuple[int, int, str]]:
    """Return the place and some words of each problem, from the notes `# LINE:COLUMN words` of a bad calendar."""
    notes = [line.split(" ", 2) for line in text.splitlines() if line.startswith("# ") and ":" in line.split(" ", 2)[1]]
    return [(*map(int, place.split(":")), words) for _, place, words in notes]  # type: ignore[misc]


def read_file(path: Path) -> CalendarFile:
    return read(path.read_bytes(), str(path))


@pytest.mark.parametrize("path", sorted(CALENDARS.glob("bad/*.yaml")), ids=lambda path: path.stem)
def test_every_problem_of_a_bad_calendar_is_reported_at_once(path: Path) -> None:
    calendar = read_file(path)
    assert calendar.campaign is None
    expected = expected_problems(path.read_text("utf-8"))
    found = [(problem.place.line, problem.place.column, problem.message) for problem in calendar.problems]
    assert [place[:2] for place in found] == [place[:2] for place in expected]
    assert [words for (*_, message), (*_, words) in zip(found, expected, strict=True) if words not in message] == []


@pytest.mark.parametrize("path", sorted(CALENDARS.glob("good/*.yaml")), ids=lambda path: path.stem)
def test_a_good_calendar_has_no_problem(path: Path) -> None:
    calendar = read_file(path)
    assert calendar.problems == ()
    assert calendar.campaign is not None
    assert calendar.campaign.posts
    assert all(Path(image.path).is_file() for image in calendar.media)


def test_more_problems_than_a_person_mends_are_cut_short() -> None:
    posts = "".join(f"  - id: p{n}\n    when: soon\n{T}" for n in range(MAX_LISTED + 500))
    problems = read(f"{CAMPAIGN}posts:\n{posts}").problems
    assert len(problems) == MAX_LISTED
    assert "the first ones are listed" in problems[-1].message


def test_warnings_however_many_keep_no_calendar_from_being_used_and_hide_no_error() -> None:
    post = "  - {{id: p{}, when: on the day at 9am, text: Tuesday 18 March 2027}}\n"  # it is a Thursday
    stale = "".join(post.format(n) for n in range(MAX_LISTED + 9))
    calendar = read(f"{CAMPAIGN}posts:\n{stale}")
    assert calendar.campaign is not None
    assert {problem.severity for problem in calendar.problems} == {Severity.WARNING}
    assert len(calendar.problems) == MAX_LISTED
    assert "warnings or more" in calendar.problems[-1].message
    broken = read(f"{CAMPAIGN}posts:\n{stale}  - {{id: last, when: soon, text: Hi.}}\n")
    assert broken.campaign is None
    assert ["'soon'" in problem.message for problem in broken.problems if problem.severity is Severity.ERROR] == [True]
