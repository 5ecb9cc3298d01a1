"""The first tables, and the triggers that keep the promises.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SQLITE_RULES = """
CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TRIGGER posted_is_final BEFORE UPDATE ON delivery WHEN OLD.status = 'posted' AND NEW.status <> 'posted'
BEGIN SELECT RAISE(ABORT, 'what is posted stays posted'); END;
CREATE TRIGGER delivery_is_never_deleted BEFORE DELETE ON delivery
BEGIN SELECT RAISE(ABORT, 'deliveries are never deleted'); END;
CREATE TRIGGER receipt_is_final BEFORE UPDATE ON part WHEN OLD.state = 'posted' AND NEW.state <> 'posted'
BEGIN SELECT RAISE(ABORT, 'what is posted stays posted'); END;
CREATE TRIGGER receipt_is_never_deleted BEFORE DELETE ON part WHEN OLD.state = 'posted'
BEGIN SELECT RAISE(ABORT, 'receipts are never deleted'); END
"""

_POSTGRES_RULES = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'this row of % is final', TG_TABLE_NAME; END $$;
CREATE TRIGGER event_is_never_changed BEFORE UPDATE OR DELETE ON event
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER posted_is_final BEFORE UPDATE ON delivery
FOR EACH ROW WHEN (OLD.status = 'posted' AND NEW.status <> 'posted') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER delivery_is_never_deleted BEFORE DELETE ON delivery
FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_is_final BEFORE UPDATE ON part
FOR EACH ROW WHEN (OLD.state = 'posted' AND NEW.state <> 'posted') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_is_never_deleted BEFORE DELETE ON part
FOR EACH ROW WHEN (OLD.state = 'posted') EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    """Make every table of the first version."""
    _make_delivery()
    _make_part()
    _make_event()
    _make_hold()
    _make_revision()
    _make_states()
    if op.get_bind().dialect.name == "sqlite":
        for rule in _SQLITE_RULES.split("END;"):
            op.execute(rule.strip().removesuffix("END") + " END")
    else:
        op.execute(_POSTGRES_RULES)


def _text(name: str, *, null: bool = True, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null, server_default=default)


def _make_delivery() -> None:
    required = ("campaign", "post", "occurrence", "account", "tags", "status", "due", "not_after", "settled_at")
    op.create_table(
        "delivery",
        sa.Column("key", sa.Text, primary_key=True),
        *[_text(name, null=False) for name in required],
        sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
        *[_text(name) for name in ("owner", "prepared", "digest", "created_at", "next_try")],
        sa.Column("looks", sa.Integer, nullable=False, server_default="0"),
        sa.Column("even_late", sa.Integer, nullable=False, server_default="0"),
        _text("doubt_since"),
        _text("error_kind", null=False, default=""),
        _text("error", null=False, default=""),
    )
    claimed = sa.text("status = 'claimed'")
    op.create_index(
        "one_claim_a_lane", "delivery", ["account"], unique=True, sqlite_where=claimed, postgresql_where=claimed
    )
    op.create_index("delivery_status", "delivery", ["status"])


def _make_part() -> None:
    op.create_table(
        "part",
        sa.Column("key", sa.Text, sa.ForeignKey("delivery.key"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        _text("account", null=False),
        _text("state", null=False),
        *[_text(name) for name in ("sending_at", "sent_at", "remote_id", "url", "data")],
    )
    op.create_index("part_remote_id", "part", ["account", "remote_id"])


def _make_event() -> None:
    op.create_table(
        "event",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        _text("at", null=False),
        _text("kind", null=False),
        _text("key"),
        *[_text(name, null=False) for name in ("who", "detail", "hash")],
    )
    op.create_index("event_key", "event", ["key"])


def _make_hold() -> None:
    op.create_table(
        "hold",
        sa.Column("id", sa.Integer, primary_key=True),
        *[_text(name, null=False) for name in ("placed_at", "placed_by", "reason")],
        *[_text(name) for name in ("campaign", "account", "tag")],
        _text("exempt", null=False),
        *[_text(name) for name in ("released_at", "released_by", "release_reason")],
    )


def _make_revision() -> None:
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer, primary_key=True),
        *[_text(name, null=False) for name in ("file", "campaign", "digest", "loaded_at")],
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("plan", sa.LargeBinary, nullable=False),
    )
    op.create_index("revision_file", "revision", ["file", "id"])


def _make_states() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.Text, primary_key=True),
        *[_text(name, null=False) for name in ("state", "since", "error")],
    )
    op.create_table(
        "heartbeat",
        sa.Column("owner", sa.Text, primary_key=True),
        _text("host", null=False),
        sa.Column("process", sa.Integer, nullable=False),
        *[_text(name, null=False) for name in ("started_at", "beat_at")],
        _text("next_due"),
        _text("detail", null=False),
    )
