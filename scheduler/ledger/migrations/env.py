"""Runs the migrations over the connection that the ledger hands in."""

from __future__ import annotations

from alembic import context

from scheduler.ledger.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
