"""Was the record tampered with on disk? The chain of events, and every row held against what the events say of it."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from scheduler.domain.delivery import PartState, Status
from scheduler.ledger import tables
from scheduler.ledger.prepared import digest_prepared
from scheduler.ledger.reading import Reader
from scheduler.ledger.transactions import hash_event

_AFTER: Mapping[str, frozenset[str]] = {
    "claimed": frozenset({Status.CLAIMED}),
    "posted": frozenset({Status.POSTED, Status.CLAIMED, Status.PARTIAL, Status.UNKNOWN}),
    "unsure": frozenset({Status.UNKNOWN}),
    "absent": frozenset({Status.PLANNED, Status.PARTIAL}),
    "taken-over": frozenset({Status.UNKNOWN, Status.PARTIAL, Status.PLANNED}),
    "resolved": frozenset({Status.POSTED, Status.PLANNED, Status.PARTIAL, Status.SKIPPED}),
}
"""What a delivery may be after the last event about it; an event that is called as a status leaves it in that."""


class Verifier(Reader):
    """Looks at a whole ledger, without a network and without changing it."""

    def find_tampering(self) -> list[str]:
        """Return a sentence for each row that is not as it was written; empty if the record is whole."""
        events = [dict(row._mapping) for row in self._rows(select(tables.event).order_by(tables.event.c.seq))]
        by_key: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for event in events:
            by_key[event["key"] or ""].append(event)
        return [
            *_check_chain(events),
            *self._check_deliveries(by_key),
            *self._check_parts(by_key),
            *self._check_revisions(events),
        ]

    def _check_deliveries(self, events: Mapping[str, list[dict[str, Any]]]) -> Iterator[str]:
        for row in self._rows(select(tables.delivery).order_by(tables.delivery.c.key)):
            own = events.get(row.key, [])
            if not own:
                if row.status != Status.PAST:  # those have one event for all
                    yield f"delivery {row.key}: it is {row.status}, and no event says why"
                continue
            last = own[-1]["kind"]
            if row.status not in _AFTER.get(last, frozenset({last})):
                yield f"delivery {row.key}: it is {row.status}, but the last event, {own[-1]['seq']}, is '{last}'"
            digests = [json.loads(event["detail"])["digest"] for event in own if event["kind"] == "claimed"]
            if row.prepared and digests and digest_prepared(row.prepared) != digests[-1]:
                yield f"delivery {row.key}: what was sent is not what was claimed"

    def _check_parts(self, events: Mapping[str, list[dict[str, Any]]]) -> Iterator[str]:
        query = select(tables.part).where(tables.part.c.state == PartState.POSTED)
        for row in self._rows(query.order_by(tables.part.c.key, tables.part.c.number)):
            details = [json.loads(event["detail"]) for event in events.get(row.key, [])]
            told = [
                detail
                for detail in details
                if (detail.get("part") == row.number and detail.get("id") == row.remote_id)
                or (row.remote_id == "" and detail.get("posted") == row.url)
            ]
            if not told or all(detail.get("url", row.url) != row.url for detail in told):
                yield f"part {row.number} of {row.key}: no event says that it is at {row.url or row.remote_id}"

    def _check_revisions(self, events: list[dict[str, Any]]) -> Iterator[str]:
        loaded = {json.loads(event["detail"])["digest"] for event in events if event["kind"] == "loaded"}
        for row in self._rows(select(tables.revision).order_by(tables.revision.c.id)):
            try:
                digest = hashlib.sha256(zlib.decompress(row.content) + zlib.decompress(row.plan)).hexdigest()
            except zlib.error:
                digest = ""
            if digest != row.digest or digest not in loaded:
                yield f"revision {row.id} of {row.file}: it is not what was loaded at {row.loaded_at}"


def _check_chain(events: list[dict[str, Any]]) -> Iterator[str]:
    before, expected = "", 1
    for event in events:
        if event["seq"] != expected:
            yield f"event {expected}: it is missing, and all up to {event['seq'] - 1}"
        elif hash_event(before, event) != event["hash"]:
            about = f" of {event['key']}" if event["key"] else ""
            yield f"event {event['seq']} ('{event['kind']}'{about}, {event['at']}): it was changed"
        before, expected = event["hash"], event["seq"] + 1
