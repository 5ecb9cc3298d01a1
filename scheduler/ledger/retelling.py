"""What the events alone say that every row must be: the record told again from its beginning."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scheduler.domain.delivery import Status
from scheduler.ledger import tables
from scheduler.ledger.desk import PAST_COLUMNS, PAST_WORDS

Row = dict[str, Any]

_IDS = frozenset({"key", "campaign", "post", "occurrence", "account"})
_NEW_ROW: Mapping[str, Any] = {column.name: None for column in tables.delivery.c if column.name not in _IDS} | {
    "attempt": 0,
    "looks": 0,
    "even_late": 0,
    "error_kind": "",
    "error": "",
}
_NEW_HOLD: Mapping[str, Any] = dict.fromkeys(column.name for column in tables.hold.c)


@dataclass
class Retold:
    """Rows as the events tell them, by what finds them: columns by name.

    `deliveries` hold no ids and no `prepared`; `parts` are those that are posted; `last` is the newest event of a key.
    """

    deliveries: dict[str, Row] = field(default_factory=dict)
    parts: dict[tuple[str, int], Row] = field(default_factory=dict)
    holds: dict[int, Row] = field(default_factory=dict)
    revisions: dict[int, Row] = field(default_factory=dict)
    accounts: dict[str, Row] = field(default_factory=dict)
    last: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def hear(self, event: Mapping[str, Any]) -> None:
        """Take in the next event: a row of `event`. One whose words were spoilt is passed over."""
        try:
            detail = json.loads(event["detail"])
            if event["key"] is not None:
                self._hear_of_delivery(event, detail)
            else:
                self._hear_of_others(event, detail)
        except (KeyError, TypeError, ValueError, AttributeError):
            return  # that it was changed is told by the chain of hashes

    def _hear_of_delivery(self, event: Mapping[str, Any], detail: Row) -> None:
        key = event["key"]
        self.last[key] = event
        self.deliveries.setdefault(key, dict(_NEW_ROW)).update(detail.get("row", {}))
        if event["kind"] == "posted" and detail["kept"]:
            receipt = {"remote_id": detail["id"], "url": detail["url"], "data": detail["data"]}
            self.parts.setdefault((key, detail["part"]), {**receipt, "sent_at": detail["sent_at"]})
        for number in detail["parts"] if "posted" in detail else ():
            by_hand = {"remote_id": "", "url": detail["posted"], "data": "{}", "sent_at": event["at"]}
            self.parts.setdefault((key, number), by_hand)

    def _hear_of_others(self, event: Mapping[str, Any], detail: Row) -> None:
        match event["kind"]:
            case "past":
                for columns in detail["rows"]:
                    row = dict(zip(PAST_COLUMNS, columns, strict=True))
                    told = {"status": Status.PAST, "settled_at": event["at"], "error": PAST_WORDS}
                    self.deliveries[row.pop("key")] = {**_NEW_ROW, **told, **row}
            case "held":
                self.holds[detail["hold"]] = {**_NEW_HOLD, **detail["row"]}
            case "released":
                for number in detail["holds"]:
                    self.holds[number].update(detail["row"])
            case "loaded":
                told = {name: detail[name] for name in ("file", "campaign", "digest", "loaded_at")}
                self.revisions[detail["revision"]] = told
            case "paused":
                told = {"state": "unauthorised", "since": event["at"], "error": detail["error"]}
                self.accounts[detail["account"]] = told
            case "resumed":
                self.accounts.pop(detail["account"], None)


def retell(events: Iterable[Mapping[str, Any]]) -> Retold:
    """Return what all these rows of `event`, in order, say."""
    retold = Retold()
    for event in events:
        retold.hear(event)
    return retold
