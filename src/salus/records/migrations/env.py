"""What alembic runs for each upgrade; the connection is handed in, its transaction is the caller's."""

from __future__ import annotations

from alembic import context

from salus.records.tables import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
context.run_migrations()
