"""What a rehearsal's table says of faults that were mended: from the events of its ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from scheduler.domain.ports import Event
from scheduler.rehearsal import tell_mended

_LOST = ("unknown", {"error_kind": "unknown"})
_AWAY = ("planned", {"error_kind": "unavailable"})


@pytest.mark.parametrize(("happened", "told"), [
    ([("claimed", {}), ("posted", {})], ()),
    ([_LOST, ("posted", {})], ("its answer was lost, then found",)),
    ([_LOST, ("absent", {}), ("posted", {})], ("its answer was lost, it was not out, and it was sent again",)),
    ([_AWAY, _AWAY, ("posted", {})], ("it was out of reach at first",)),
    ([("taken-over", {"status": "unknown"})], ("the daemon died while it was being sent",)),
    ([("taken-over", {"status": "planned"})], ("the daemon died before it was sent",)),
])  # fmt: skip
def test_what_was_mended_is_told_once(happened: list[tuple[str, Mapping[str, object]]], told: tuple[str, ...]) -> None:
    now = datetime(2027, 3, 18, tzinfo=UTC)
    events = [Event(seq, now, kind, "ce/a/2027/board", "me", detail) for seq, (kind, detail) in enumerate(happened, 1)]
    assert tell_mended(events).get("ce/a/2027/board", ()) == told
