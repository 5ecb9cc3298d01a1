"""The tables. Times are text, ISO 8601 with microseconds, always UTC, so that they sort and anyone can read them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table

from scheduler.ledger.words import Words

metadata = MetaData()

delivery = Table(
    "delivery",
    metadata,
    Column("key", Words, primary_key=True),
    Column("campaign", Words, nullable=False),
    Column("post", Words, nullable=False),
    Column("occurrence", Words, nullable=False),
    Column("account", Words, nullable=False),
    Column("tags", Words, nullable=False),
    Column("status", Words, nullable=False),
    Column("due", Words, nullable=False),
    Column("not_after", Words, nullable=False),
    Column("settled_at", Words, nullable=False),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("owner", Words),
    Column("prepared", Words),
    Column("digest", Words),
    Column("created_at", Words),
    Column("next_try", Words),
    Column("looks", Integer, nullable=False, server_default="0"),
    Column("even_late", Integer, nullable=False, server_default="0"),
    Column("doubt_since", Words),
    Column("retracted_at", Words),
    Column("error_kind", Words, nullable=False, server_default=""),
    Column("error", Words, nullable=False, server_default=""),
)
# At most one delivery of an account is being sent at any time, whoever sends it: the unique index one_claim_a_lane
# keeps that. It is made by the migration only, for to name it here would load PostgreSQL's dialect for every ledger.
Index("delivery_status", delivery.c.status)

part = Table(
    "part",
    metadata,
    Column("key", Words, ForeignKey("delivery.key"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("account", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("sending_at", Words),
    Column("sent_at", Words),
    Column("remote_id", Words),
    Column("url", Words),
    Column("data", Words),
    Column("kept", Words),
)
Index("part_remote_id", part.c.account, part.c.remote_id)

event = Table(
    "event",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("key", Words),
    Column("who", Words, nullable=False),
    Column("detail", Words, nullable=False),
    Column("hash", Words, nullable=False),
)
Index("event_key", event.c.key)

hold = Table(
    "hold",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("placed_at", Words, nullable=False),
    Column("placed_by", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("campaign", Words),
    Column("account", Words),
    Column("tag", Words),
    Column("exempt", Words, nullable=False),
    Column("released_at", Words),
    Column("released_by", Words),
    Column("release_reason", Words),
)

revision = Table(
    "revision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("file", Words, nullable=False),
    Column("campaign", Words, nullable=False),
    Column("digest", Words, nullable=False),
    Column("loaded_at", Words, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("plan", LargeBinary, nullable=False),
)
Index("revision_file", revision.c.file, revision.c.id)

account = Table(
    "account",
    metadata,
    Column("name", Words, primary_key=True),
    Column("state", Words, nullable=False),
    Column("since", Words, nullable=False),
    Column("error", Words, nullable=False),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("owner", Words, primary_key=True),
    Column("host", Words, nullable=False),
    Column("process", Integer, nullable=False),
    Column("started_at", Words, nullable=False),
    Column("beat_at", Words, nullable=False),
    Column("next_due", Words),
    Column("detail", Words, nullable=False),
)


def write_time(moment: datetime) -> str:
    """Return an aware moment as the ledger keeps it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read_time(words: str | None) -> datetime | None:
    """Return the moment that the ledger keeps, aware, UTC."""
    return None if words is None else datetime.fromisoformat(words)
