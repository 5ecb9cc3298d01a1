"""What changed between two plans, delivery by delivery, and what that means for what goes out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from scheduler.domain.content import Content, ContentPart, Media
from scheduler.domain.delivery import Delivery, Record, Status
from scheduler.domain.hold import Hold
from scheduler.domain.policy import TAKEN_BACK, Action, decide


class Kind(StrEnum):
    """What became of a delivery."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class What(StrEnum):
    """What of a delivery changed; the words are those of the JSON output."""

    TIME = "time"
    NOT_AFTER = "not_after"
    TEXT = "text"
    PARTS = "parts"
    PICTURE = "media"
    ALT = "alt"
    CARD = "link_card"
    WARNING = "content_warning"
    REPLIES = "replies"
    LANGUAGE = "language"
    DRAFT = "draft"
    EMBARGO = "embargo"
    TAGS = "tags"


class Version(NamedTuple):
    """A delivery as one of two plans has it, with what it says as it will be sent."""

    delivery: Delivery
    content: Content


class Change(NamedTuple):
    """One thing that changed; `part` counts from 1, 0 where it is the whole post. Texts may be empty."""

    what: What
    old: str
    new: str
    part: int = 0


class Difference(NamedTuple):
    """What became of one delivery.

    `delivery` is as the new plan has it, or the old one if it is removed; `before` as the old plan had what is changed.
    Of what is added or removed, `changes` tell the words and pictures, from nothing or to nothing.
    `is_account` says that the post is in both plans, so that it is an account that was added or removed. `status` is
    the ledger's; None if it has no row. `outcome` says what will come of it, and is empty if it will be sent in its
    time. `twin` is the key of a removed delivery with the same words on the same account: only its ids were changed.
    """

    kind: Kind
    delivery: Delivery
    before: Delivery | None = None
    changes: tuple[Change, ...] = ()
    is_account: bool = False
    status: Status | None = None
    outcome: str = ""
    twin: str = ""


class Standing(NamedTuple):
    """What the ledger knows, and the time (aware): what is posted already, and what stops the rest."""

    records: Mapping[str, Record]
    holds: Sequence[Hold]
    now: datetime


_NOTHING = Content(())
_NOT = "will not be sent"
_OUT = frozenset({Status.POSTED, Status.PARTIAL, Status.HANDED, Status.UNKNOWN, Status.CLAIMED})
_OUT_WORDS = {
    Status.POSTED: "posted already",
    Status.PARTIAL: "some of its parts are posted already",
    Status.HANDED: "a person has it already, to post by hand",
    Status.UNKNOWN: "it may be posted already",
    Status.CLAIMED: "it is being sent at this moment",
}


Post = tuple[str, str, str]  # its campaign, that one's occurrence, and its id


def compare_plans(old: Iterable[Version], new: Iterable[Version], standing: Standing) -> list[Difference]:
    """Return every delivery that differs between two plans, in order of the new one, then what is removed.

    A delivery is the same one as long as its key is: its text, its time and all else may have changed.
    """
    before = {version.delivery.key: version for version in old}
    after = {version.delivery.key: version for version in new}
    removed = [version for key, version in before.items() if key not in after]
    twins = {(version.delivery.account, _words_of(version)): version.delivery.key for version in removed}
    posts = ({_post_of(version) for version in before.values()}, {_post_of(version) for version in after.values()})
    differences = []
    for key, version in after.items():
        if key not in before:
            differences.append(_add(version, twins.get((version.delivery.account, _words_of(version)), ""), standing))
        elif changes := tuple(_list_changes(before[key], version)):
            differences.append(_change(before[key], version, changes, standing))
    differences += [_remove(version, standing) for version in removed]
    return [_mark_account(difference, *posts) for difference in differences]


def _post_of(version: Version) -> Post:
    campaign = version.delivery.campaign
    return campaign.id, campaign.occurrence, version.delivery.post.id


def _mark_account(difference: Difference, before: Collection[Post], after: Collection[Post]) -> Difference:
    """Return a difference, marked if its post is in both plans."""
    post = _post_of(Version(difference.delivery, _NOTHING))
    return difference._replace(is_account=True) if post in before and post in after else difference


def _words_of(version: Version) -> tuple[str, ...]:
    return tuple(part.text for part in version.content.parts)


def _add(version: Version, twin: str, standing: Standing) -> Difference:
    delivery = version.delivery
    record = standing.records.get(delivery.key)
    outcome = _say_outcome(delivery, record, standing)
    other = standing.records.get(twin)
    is_out = other is not None and other.status in _OUT and other.retracted_at is None
    if other is not None and is_out and not outcome.startswith(_NOT):
        outcome = f"the same words were {twin} ({_OUT_WORDS[other.status]}): they will be sent a second time"
    status = record.status if record is not None else None
    changes = tuple(_compare_contents(_NOTHING, version.content))
    return Difference(Kind.ADDED, delivery, None, changes, status=status, outcome=outcome, twin=twin)


def _change(before: Version, after: Version, changes: tuple[Change, ...], standing: Standing) -> Difference:
    delivery = after.delivery
    record = standing.records.get(delivery.key)
    if record is not None and record.retracted_at is not None:
        outcome = f"{_NOT}: {TAKEN_BACK}"
    elif record is not None and record.status is Status.POSTED:
        outcome = "posted already: this edit will not be sent"
    elif record is not None and (record.status in _OUT or (record.is_under_way and record.receipts)):
        outcome = f"{_OUT_WORDS.get(record.status, 'it is under way')}: it goes on as it was before this edit"
    else:
        outcome = _say_outcome(delivery, record, standing)
    status = record.status if record is not None else None
    return Difference(Kind.CHANGED, delivery, before.delivery, changes, status=status, outcome=outcome)


def _remove(version: Version, standing: Standing) -> Difference:
    delivery = version.delivery
    record = standing.records.get(delivery.key)
    status = record.status if record is not None else None
    if record is not None and record.retracted_at is not None:
        outcome = f"{_NOT} ({TAKEN_BACK})"
    elif status is Status.POSTED:
        outcome = "posted already: it stays out"
    elif status in _OUT:
        outcome = f"{_OUT_WORDS[status]}: what is out stays out"
    elif status in {Status.MISSED, Status.SKIPPED, Status.PAST, Status.REJECTED}:
        outcome = f"{_NOT} (it was {status})"
    elif delivery.not_after < standing.now:
        outcome = f"{_NOT}: its time is over"
    else:
        outcome = _NOT
    changes = tuple(_compare_contents(version.content, _NOTHING))
    return Difference(Kind.REMOVED, delivery, None, changes, status=status, outcome=outcome)


def _say_outcome(delivery: Delivery, record: Record | None, standing: Standing) -> str:
    """Return what will come of a delivery of the new plan, in plain words; nothing if it will be sent in its time."""
    if record is not None and record.status is Status.POSTED and record.retracted_at is None:
        return "posted already: it is not sent again"
    decision = decide(delivery, record, standing.holds, standing.now)
    match decision.action:
        case Action.WAIT:
            return ""
        case Action.SEND:
            return "due already: it will be sent at once"
        case Action.MISS:
            return f"{_NOT}: its time is over"
        case _:
            return f"{_NOT}: {decision.reason}"


def _list_changes(old: Version, new: Version) -> Iterator[Change]:
    before, after = old.delivery.post, new.delivery.post
    if before.due != after.due:
        yield Change(What.TIME, _write(before.due), _write(after.due))
    if before.not_after != after.not_after:
        yield Change(What.NOT_AFTER, str(before.not_after), str(after.not_after))
    yield from _compare_contents(old.content, new.content)
    if old.delivery.withheld != new.delivery.withheld:
        yield Change(What.DRAFT, old.delivery.withheld, new.delivery.withheld)
    if before.embargo != after.embargo:
        yield Change(What.EMBARGO, _write(before.embargo), _write(after.embargo))
    if before.tags != after.tags:
        yield Change(What.TAGS, ", ".join(sorted(before.tags)), ", ".join(sorted(after.tags)))


def _write(moment: datetime | None) -> str:
    """Return a moment in ISO 8601, in its own zone."""
    return "" if moment is None else moment.isoformat(timespec="minutes")


def _compare_contents(old: Content, new: Content) -> Iterator[Change]:
    if len(old.parts) != len(new.parts) and old.parts and new.parts:
        yield Change(What.PARTS, str(len(old.parts)), str(len(new.parts)))
    for number in range(max(len(old.parts), len(new.parts))):
        before = old.parts[number] if number < len(old.parts) else None
        after = new.parts[number] if number < len(new.parts) else None
        yield from _compare_parts(before, after, number + 1)
    if old.content_warning != new.content_warning:
        yield Change(What.WARNING, old.content_warning, new.content_warning)
    if old.replies != new.replies:
        yield Change(What.REPLIES, old.replies or "", new.replies or "")
    if old.language != new.language and old.parts and new.parts:
        yield Change(What.LANGUAGE, old.language, new.language)


def _compare_parts(old: ContentPart | None, new: ContentPart | None, number: int) -> Iterator[Change]:
    before, after = (part.text if part is not None else "" for part in (old, new))
    if before != after:
        yield Change(What.TEXT, before, after, number)
    cards = [_write_card(part) for part in (old, new)]
    if old is not None and new is not None and cards[0] != cards[1]:
        yield Change(What.CARD, cards[0], cards[1], number)
    media = [part.media if part is not None else () for part in (old, new)]
    yield from _compare_media(media[0], media[1], number)


def _write_card(part: ContentPart | None) -> str:
    """Return what a link's card says, its address apart: that stands in the text."""
    link = part.link if part is not None else None
    return "" if link is None else " · ".join(words for words in (link.title, link.description) if words)


def _compare_media(old: Sequence[Media], new: Sequence[Media], number: int) -> Iterator[Change]:
    if [_identity(media) for media in old] != [_identity(media) for media in new]:
        yield Change(What.PICTURE, *_name_media(old, new), number)
    alts = {media.path: media.alt for media in old}
    for media in new:
        if media.path in alts and alts[media.path] != media.alt:
            yield Change(What.ALT, alts[media.path], media.alt, number)


def _identity(media: Media) -> tuple[str, str, str, str]:
    return media.path, media.digest, media.captions, media.captions_digest


def _name_media(old: Sequence[Media], new: Sequence[Media]) -> tuple[str, str]:
    """Return the names of files before and after; of one whose content only is another, that it is so."""
    names = [", ".join(media.path for media in side) for side in (old, new)]
    if names[0] != names[1]:
        return names[0], names[1]
    other = [after.path for before, after in zip(old, new, strict=True) if _identity(before) != _identity(after)]
    return ", ".join(other), f"{', '.join(other)} (another picture under the same name)"
