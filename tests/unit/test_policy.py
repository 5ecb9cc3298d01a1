"""What is decided about a delivery, row by row: the table the whole product stands on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from scheduler.domain.campaign import Campaign, Part, Post
from scheduler.domain.delivery import Delivery, PartRecord, PartState, Receipt, Record, Status
from scheduler.domain.hold import Hold
from scheduler.domain.policy import Action, decide
from scheduler.domain.problem import Place

DUE = datetime(2027, 3, 18, 8, 0, tzinfo=UTC)
PLACE = Place("a.yaml", 1, 1)
POST = Post("think", DUE, timedelta(hours=2), (Part("Think.", PLACE),), ("board",), PLACE, tags=frozenset({"cse"}))


def make_delivery(post: Post = POST) -> Delivery:
    return Delivery(Campaign("ce", "CE", "a.yaml", date(2027, 3, 18), (post,)), post, "board")


def make_record(status: Status, **values: object) -> Record:
    record = Record("ce/think/2027/board", "board", status, DUE, DUE + timedelta(hours=2), DUE + timedelta(minutes=1))
    return record._replace(**values)  # type: ignore[arg-type]  # a test's own table


def make_hold(placed: int, released: int | None, **scope: object) -> Hold:
    """A hold placed and released so many minutes after the due time."""
    hold = Hold(1, DUE + timedelta(minutes=placed), "duty officer", "mourning")
    until = None if released is None else DUE + timedelta(minutes=released)
    return hold._replace(released_at=until, **scope)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minutes", "action"),
    [(-1, Action.WAIT), (0, Action.SEND), (120, Action.SEND), (121, Action.MISS), (60 * 24 * 30, Action.MISS)],
)
def test_time_alone(minutes: int, action: Action) -> None:
    assert decide(make_delivery(), None, (), DUE + timedelta(minutes=minutes)).action is action


@pytest.mark.parametrize(
    ("status", "action"),
    [
        (Status.POSTED, Action.DONE),
        (Status.SKIPPED, Action.DONE),
        (Status.PAST, Action.DONE),
        (Status.REJECTED, Action.DONE),
        (Status.MISSED, Action.MISS),
        (Status.HELD, Action.HOLD),
        (Status.CLAIMED, Action.WAIT),
        (Status.UNKNOWN, Action.ASK),
        (Status.PLANNED, Action.SEND),
        (Status.PARTIAL, Action.SEND),
    ],
)
def test_each_status_within_its_time(status: Status, action: Action) -> None:
    assert decide(make_delivery(), make_record(status), (), DUE + timedelta(minutes=5)).action is action


@pytest.mark.parametrize("status", [Status.MISSED, Status.HELD, Status.PAST, Status.REJECTED])
def test_moving_the_time_ahead_rebooks(status: Status) -> None:
    later = make_delivery(POST._replace(due=DUE + timedelta(hours=5)))
    assert decide(later, make_record(status), (), DUE + timedelta(hours=5)).action is Action.SEND


@pytest.mark.parametrize("status", [Status.POSTED, Status.UNKNOWN, Status.SKIPPED, Status.CLAIMED])
def test_moving_the_time_never_sends_again(status: Status) -> None:
    later = make_delivery(POST._replace(due=DUE + timedelta(hours=5)))
    assert decide(later, make_record(status), (), DUE + timedelta(hours=5)).action is not Action.SEND


@pytest.mark.parametrize(
    ("hold", "minutes", "action"),
    [
        (make_hold(-10, None), -5, Action.HOLD),
        (make_hold(-10, None), 5, Action.HOLD),
        (make_hold(-10, -5), 5, Action.SEND),
        (make_hold(-10, 4), 5, Action.HOLD),
        (make_hold(1, 4), 5, Action.HOLD),
        (make_hold(-10, None, campaign="other"), 5, Action.SEND),
        (make_hold(-10, None, account="board"), 5, Action.HOLD),
        (make_hold(-10, None, tag="cse"), 5, Action.HOLD),
        (make_hold(-10, None, tag="fraud"), 5, Action.SEND),
        (make_hold(-10, None, exempt=frozenset({"ce/think"})), 5, Action.SEND),
        (make_hold(-10, 200), 300, Action.HOLD),
    ],
)
def test_holds_stop_what_falls_due_in_them_for_good(hold: Hold, minutes: int, action: Action) -> None:
    assert decide(make_delivery(), None, (hold,), DUE + timedelta(minutes=minutes)).action is action


def test_a_draft_is_never_sent() -> None:
    for minutes in (-5, 5, 500):
        draft = make_delivery(POST._replace(draft=True))
        assert decide(draft, None, (), DUE + timedelta(minutes=minutes)).action is Action.HOLD


def test_the_rest_of_a_thread_goes_out_late_but_not_after_a_refusal_or_a_hold() -> None:
    out = PartRecord(0, PartState.POSTED, Receipt("1"))
    partial = make_record(Status.PARTIAL, parts=(out, PartRecord(1, PartState.WAITING)))
    late = DUE + timedelta(hours=9)
    assert decide(make_delivery(), partial, (), late).action is Action.SEND
    assert decide(make_delivery(), partial._replace(error_kind="rejected"), (), late).action is Action.ASK
    assert decide(make_delivery(), partial, (make_hold(2, None),), late).action is Action.HOLD
    assert decide(make_delivery(), partial, (make_hold(2, 3),), late).action is Action.ASK


def test_a_set_try_is_waited_for_and_a_late_one_may_be_ordered() -> None:
    again = DUE + timedelta(minutes=30)
    waiting = make_record(Status.PLANNED, next_try=again)
    assert decide(make_delivery(), waiting, (), again - timedelta(seconds=1)).until == again
    assert decide(make_delivery(), waiting, (), again).action is Action.SEND
    ordered = make_record(Status.PLANNED, even_late=True)
    assert decide(make_delivery(), ordered, (), DUE + timedelta(days=3)).action is Action.SEND
