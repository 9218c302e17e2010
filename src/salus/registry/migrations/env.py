"""What alembic runs for each upgrade; the connection is handed in, its transaction is the caller's."""

from __future__ import annotations

from alembic import context

from salus.registry.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, transactional_ddl=True)
context.run_migrations()
