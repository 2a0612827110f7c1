"""The SQL database under the catalogue and the accounts: engine, tables, migrations."""
