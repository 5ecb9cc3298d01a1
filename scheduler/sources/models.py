"""What may stand in a calendar: every value comes as text.

Below each field stands what it is for, and examples as they are typed after its colon: the JSON Schema is made from
them (`json_schema.py`), which finds them in this file, since nothing of them is there when a calendar is read.

Checks across fields are a separate pass (`calendar.py`), so that every problem is reported at once.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic_core import PydanticCustomError

from scheduler.sources.fields import Fields


def as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def as_link(value: Any) -> Any:
    return {"url": value} if isinstance(value, str) else value


def as_comment(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


def as_flag(value: Any) -> Any:
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in {"yes", "true", "on"}:
        return True
    if word in {"no", "false", "off"}:
        return False
    raise PydanticCustomError("flag", "This is neither yes nor no.")


Text = Annotated[str, ("min_length", 1), ("pattern", r"\S")]
Id = Annotated[str, ("pattern", r"^[A-Za-z0-9_-]{1,100}$")]
Hashtag = Annotated[str, ("pattern", r"^#[^\s#]+$")]
Url = Annotated[str, ("pattern", r"^https?://[^\s/]+\S*$")]
Year = Annotated[str, ("pattern", r"^[0-9]{4}$")]
Count = Annotated[str, ("pattern", r"^[1-9][0-9]{0,2}$")]
# BCP 47 (RFC 5646): a language in two or three letters, then a script, a region and the like.
Language = Annotated[str, ("pattern", r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$")]
Flag = Annotated[bool, as_flag]


class LinkFields(Fields):
    """A link with the words of its card."""

    url: Url
    """The whole address, as it will be posted.

    For example: `https://www.example.org/signs`
    """
    title: Text | None = None
    """The headline of the link's card, where the platform does not make its own.

    For example: `"Film one: She noticed"`
    """
    description: Text | None = None
    """The words below that headline.

    For example: `Two minutes, with captions.`
    """


class ImageFields(Fields):
    """A picture beside the calendar, and what it shows in words."""

    file: Text
    """The picture's file, looked for from the folder of the calendar.

    For example: `ce-awareness-day/hands.jpg`
    """
    alt: Text
    """What the picture shows, and every word in it; it is read aloud to people who cannot see it.

    For example: `An open palm with the words think, spot, speak out written on it.`
    """


class VideoFields(Fields):
    """A film beside the calendar, what it shows in words, and the file of its captions."""

    file: Text
    """The film's file, an MP4, looked for from the folder of the calendar.

    For example: `ce-awareness-day/she-noticed.mp4`
    """
    alt: Text
    """What the film shows, for people who cannot see it.

    For example: `A teacher sees a pupil's new phone and asks how she is.`
    """
    captions: Text | None = None
    """The file of its captions, .srt or .vtt, for people who cannot hear it; or `burnt in`, if they are a part of the
    picture; or `no speech`, if nothing is said that must be understood. A film without is not sent.

    For example: `ce-awareness-day/she-noticed.srt`, `burnt in`, `no speech`
    """
    title: Text | None = None
    """Its title, where a channel shows one.

    For example: `She noticed`
    """


LinkField = Annotated[LinkFields, as_link]


class CommentFields(Fields):
    """The first comment below a post."""

    text: Text
    """The words of the comment.

    For example: `Worried about a child? Call 101.`
    """
    link: LinkField | None = None
    """A web address to show with it.

    For example: `https://www.example.org/help`
    """


CommentField = Annotated[CommentFields, as_comment]
Hashtags = Annotated[list[Hashtag], as_list]
Ids = Annotated[list[Id], as_list]


class PartFields(Fields):
    """One message."""

    text: Text | None = None
    """The words of the post. After `|` they may run over several lines, and a # is safe there. {yy} becomes the year.

    For example: `Think. Spot. Speak out.`
    """
    link: LinkField | None = None
    """A web address to show with the post; in its longer form with the words of its card.

    For example: `https://www.example.org/pledge`, `{url: https://www.example.org/films, title: She noticed}`
    """
    images: list[ImageFields] | None = None
    """Pictures from the calendar's folder.

    For example: `[{file: hands.jpg, alt: Six raised hands.}]`
    """
    video: VideoFields | None = None
    """A film from the calendar's folder, in place of pictures.

    For example: `{file: she-noticed.mp4, alt: A teacher asks a pupil how she is., captions: she-noticed.srt}`
    """


class TargetFields(PartFields):
    """What differs for one account."""

    thread: list[PartFields] | None = None
    """Several messages, each a reply to the one before; in place of a text.

    For example: `[{text: Two short films.}, {text: The second one is for adults.}]`
    """
    hashtags: Hashtags | None = None
    """Added at the end of each post that does not hold them already. Each is in quotes. {yy} becomes the year.

    For example: `["#CEADay{yy}", "#HelpingHands"]`, `"#HelpingHands"`
    """
    comment: CommentField | None = None
    """The first comment below the post, on channels that have such. In a variant, `none` takes the post's own out.

    For example: `Worried about a child? Call 101.`
    """
    content_warning: Text | None = None
    """What readers see first and must choose to look behind, on channels that have such warnings. In a variant, `none`
    takes the post's own out.

    For example: `This post is about sexual abuse.`
    """


class PostFields(TargetFields):
    """One message of the campaign, or a thread."""

    id: Id
    """A name of its own for the post: letters, digits, - and _. It never changes once the post is out.

    For example: `think`, `thank-you`
    """
    when: Text
    """When it goes out: counted from the campaign's date, or on a date of its own, day first.

    For example: `on the day at 08:00`, `7 days before at 10:00`, `day 2 at 12:30`, `18 March 2027 08:00`
    """
    accounts: Ids | None = None
    """Where it goes, by the names in config.yaml; left out, to the campaign's accounts.

    For example: `[force-x, force-bluesky]`, `force-x`
    """
    tags: Ids | None = None
    """What it is about, in words of your own, so that all posts on one subject can be stopped at once.

    For example: `[cse]`
    """
    variants: dict[Text, TargetFields] | None = None
    """What differs on one account, by its name: a shorter text, other pictures, other hashtags.

    For example: `{force-x: {text: Think. Spot. Speak out.}}`
    """
    not_after: Text | None = None
    """How late it may still go out; later than that it is missed.

    For example: `90 minutes`, `1 day`
    """
    draft: Flag | None = None
    """Yes: it is shown in the preview and never sent.

    For example: `yes`
    """
    language: Language | None = None
    """The code of the language it is in.

    For example: `cy`, `en`
    """
    embargo: Text | None = None
    """Before this moment its words stand in nothing that leaves the team.

    For example: `18 March 2027 00:01`, `on the day at 06:00`
    """
    replies: Annotated[str, ("pattern", r"^(everyone|followers|mentioned|nobody)$")] | None = None
    """Who may answer: everyone, followers, mentioned (those that the post names) or nobody.

    For example: `nobody`
    """


class CalendarFields(Fields):
    """A calendar file."""

    campaign: Id
    """The id of the campaign: letters, digits, - and _. It never changes once something is posted.

    For example: `ce-awareness-day`
    """
    posts: Annotated[list[PostFields], ("min_length", 1)]
    """The messages of the campaign, each with an id, a time and a text.

    For example: `[{id: think, when: on the day at 08:00, text: Think. Spot. Speak out.}]`
    """
    date: Text | None = None
    """The date of the campaign, or its first day; posts count from it. A weekday must agree.

    For example: `18 March 2027`, `Saturday 9 October 2027`
    """
    day: Id | None = None
    """The awareness day that the date is taken from, with `year` below it; `campaign days` lists them.

    For example: `ce-awareness-day`
    """
    year: Year | None = None
    """The year of that day.

    For example: `2027`
    """
    name: Text | None = None
    """The campaign's name, as people say it.

    For example: `National Child Exploitation Awareness Day`
    """
    until: Text | None = None
    """The last day of a campaign that lasts several.

    For example: `Saturday 16 October 2027`
    """
    accounts: Ids | None = None
    """Where its posts go, by the names in config.yaml.

    For example: `[force-x, force-bluesky]`, `force-x`
    """
    hashtags: Hashtags | None = None
    """Added at the end of each post that does not hold them already. Each is in quotes. {yy} becomes the year.

    For example: `["#CEADay{yy}", "#HelpingHands"]`
    """
    tags: Ids | None = None
    """What all its posts are about, in words of your own.

    For example: `[cse]`
    """
    not_after: Text | None = None
    """How late its posts may still go out; later than that they are missed.

    For example: `3 hours`
    """
    timezone: Text | None = None
    """Whose clock its times are on, if not that of the settings.

    For example: `Europe/London`
    """
    draft: Flag | None = None
    """Yes: the campaign is shown in the preview and nothing of it is sent.

    For example: `yes`
    """
    language: Language | None = None
    """The code of the language of its posts; en if left out.

    For example: `cy`
    """
    embargo: Text | None = None
    """Before this moment its words stand in nothing that leaves the team.

    For example: `18 March 2027 00:01`
    """
