"""Less room on disk: no index that another one begins with, and no room kept where nothing comes in between."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TIGHTER = (
    # Ids only ever grow.
    "ALTER INDEX tracker_event_pkey SET (fillfactor = 100)",
    "ALTER TABLE tracker_issuetag SET (fillfactor = 90)",
    # zstd has compressed it already.
    "ALTER TABLE tracker_payloadbase ALTER COLUMN payload SET STORAGE EXTERNAL",
)
AS_BEFORE = (
    "ALTER INDEX tracker_event_pkey RESET (fillfactor)",
    "ALTER TABLE tracker_issuetag SET (fillfactor = 80)",
    "ALTER TABLE tracker_payloadbase ALTER COLUMN payload SET STORAGE EXTENDED",
)


def tighten(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in TIGHTER:
            schema_editor.execute(statement)


def loosen(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in AS_BEFORE:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("tracker", "0014_pairs_by_tag_and_by_user")]

    operations = [
        migrations.RunPython(tighten, loosen),
        migrations.AlterField(
            model_name="groupkey",
            name="project",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tracker.project",
            ),
        ),
    ]
