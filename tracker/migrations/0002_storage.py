"""How the tables of pairs and counters lie on disk."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

PAIRS = ["tracker_issuetag", "tracker_issueuser", "tracker_issuehour", "tracker_releasehour"]
SUFFIX = " WITHOUT ROWID"


def rebuild(schema_editor: BaseDatabaseSchemaEditor, suffix: str) -> None:
    """Make each (still empty or small) table anew with another ending of its definition, rows and indexes kept."""
    with schema_editor.connection.cursor() as cursor:
        for table in PAIRS:
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [table])
            definition = cursor.fetchone()[0].removesuffix(SUFFIX)
            cursor.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL", [table]
            )
            indexes = [sql for (sql,) in cursor.fetchall()]
            cursor.execute(f'ALTER TABLE "{table}" RENAME TO "{table}_old"')
            cursor.execute(definition + suffix)
            cursor.execute(f'INSERT INTO "{table}" SELECT * FROM "{table}_old"')
            cursor.execute(f'DROP TABLE "{table}_old"')
            for sql in indexes:
                cursor.execute(sql)


def pack(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite: no second tree beside the primary key's. PostgreSQL: room for in-page updates of counters."""
    if schema_editor.connection.vendor == "sqlite":
        rebuild(schema_editor, SUFFIX)
    else:
        schema_editor.execute("ALTER TABLE tracker_issuetag SET (fillfactor = 80)")
        schema_editor.execute("ALTER TABLE tracker_event ALTER COLUMN payload SET STORAGE EXTERNAL")


def unpack(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        rebuild(schema_editor, "")
    else:
        schema_editor.execute("ALTER TABLE tracker_issuetag RESET (fillfactor)")
        schema_editor.execute("ALTER TABLE tracker_event ALTER COLUMN payload SET STORAGE EXTENDED")


class Migration(migrations.Migration):
    dependencies = [("tracker", "0001_initial")]
    operations = [migrations.RunPython(pack, unpack)]
