"""The tables. Times are text, ISO 8601 with microseconds, always UTC, so that they sort and anyone can read them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

delivery = Table(
    "delivery",
    metadata,
    Column("key", Text, primary_key=True),
    Column("campaign", Text, nullable=False),
    Column("post", Text, nullable=False),
    Column("occurrence", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("due", Text, nullable=False),
    Column("not_after", Text, nullable=False),
    Column("settled_at", Text, nullable=False),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("owner", Text),
    Column("prepared", Text),
    Column("digest", Text),
    Column("created_at", Text),
    Column("next_try", Text),
    Column("looks", Integer, nullable=False, server_default="0"),
    Column("even_late", Integer, nullable=False, server_default="0"),
    Column("error_kind", Text, nullable=False, server_default=""),
    Column("error", Text, nullable=False, server_default=""),
)
# At most one delivery of an account is being sent at any time, whoever sends it: the unique index one_claim_a_lane
# keeps that. It is made by the migration only, for to name it here would load PostgreSQL's dialect for every ledger.
Index("delivery_status", delivery.c.status)

part = Table(
    "part",
    metadata,
    Column("key", Text, ForeignKey("delivery.key"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("account", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("sending_at", Text),
    Column("sent_at", Text),
    Column("remote_id", Text),
    Column("url", Text),
    Column("data", Text),
)
Index("part_remote_id", part.c.account, part.c.remote_id)

event = Table(
    "event",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text),
    Column("who", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
Index("event_key", event.c.key)

hold = Table(
    "hold",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("placed_at", Text, nullable=False),
    Column("placed_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("campaign", Text),
    Column("account", Text),
    Column("tag", Text),
    Column("exempt", Text, nullable=False),
    Column("released_at", Text),
    Column("released_by", Text),
    Column("release_reason", Text),
)

revision = Table(
    "revision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("file", Text, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("loaded_at", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("plan", LargeBinary, nullable=False),
)
Index("revision_file", revision.c.file, revision.c.id)

account = Table(
    "account",
    metadata,
    Column("name", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("error", Text, nullable=False),
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("process", Integer, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("beat_at", Text, nullable=False),
    Column("next_due", Text),
    Column("detail", Text, nullable=False),
)


def write_time(moment: datetime) -> str:
    """Return an aware moment as the ledger keeps it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read_time(words: str | None) -> datetime | None:
    """Return the moment that the ledger keeps, aware, UTC."""
    return None if words is None else datetime.fromisoformat(words)
