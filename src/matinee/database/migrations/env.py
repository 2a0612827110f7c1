"""How alembic runs our revisions: on the connection, and in the transaction, of `migrate`."""

from alembic import context

from matinee.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite changes most of a table only by copying it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
