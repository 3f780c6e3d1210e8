"""How Alembic runs here: on the connection, and inside the transaction, of whoever calls it."""

from __future__ import annotations

from alembic import context

from storage.schema import metadata

if context.is_offline_mode():
    raise SystemExit("migrations run on a database; open it with storage.database.open_database")

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite's DDL is transactional too, now that BEGIN is ours.
    transactional_ddl=True,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
