"""What a platform keeps of a part between its calls, and when a delivery was taken back.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add one column to each of the two tables; rows that are there have nothing in it."""
    op.add_column("part", sa.Column("kept", sa.Text))
    op.add_column("delivery", sa.Column("retracted_at", sa.Text))
