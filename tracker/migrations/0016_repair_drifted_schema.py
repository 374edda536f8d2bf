"""Tables that an earlier state of these migrations made are brought to what a new installation has.

0001, 0004 and 0005 were changed after databases had been made with them, and another 0016 came and went. Every step
looks first at what is there: on a new database none has anything to do. Rows are kept.
"""

from hashlib import sha256

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import StateApps

WITHDRAWN = "0016_event_user_by_email"
WITHDRAWN_INDEX = "event_user_by_email"
JOBS_ONCE = "failed_job_once"
ROWS_AT_ONCE = 50


def columns_of(schema_editor: BaseDatabaseSchemaEditor, table: str) -> set[str]:
    with schema_editor.connection.cursor() as cursor:
        return {c.name for c in schema_editor.connection.introspection.get_table_description(cursor, table)}


def constraints_of(schema_editor: BaseDatabaseSchemaEditor, table: str) -> dict[str, dict]:
    """Indexes and constraints by name, as Django's introspection describes them."""
    with schema_editor.connection.cursor() as cursor:
        return schema_editor.connection.introspection.get_constraints(cursor, table)


def index_bases(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Until 21f8ad8, 0001 made no index by which to find the events that a payload's base serves."""
    event = apps.get_model("tracker", "Event")
    found = constraints_of(schema_editor, event._meta.db_table).values()
    if not any(one["index"] and one["columns"] == ["base_id"] for one in found):
        schema_editor.execute(schema_editor._create_index_sql(event, fields=[event._meta.get_field("base")]))


def mark_suggestions_by_rules(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Until 9c10411, 0004 made no column `is_by_rules`.

    On SQLite, 0010 has made the table anew with it since, and has filled it with its own name: SQLite takes a name in
    quotes that it does not know for a text.
    """
    suggestion = apps.get_model("tracker", "Suggestion")
    table = suggestion._meta.db_table
    if "is_by_rules" not in columns_of(schema_editor, table):
        schema_editor.add_field(suggestion, suggestion._meta.get_field("is_by_rules"))
    elif schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(f"UPDATE {table} SET is_by_rules = 0 WHERE typeof(is_by_rules) = 'text'")


def remake_failed_jobs(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Until 84a28e5, 0005 made a table that knew no arguments: a row for each task and error, some 200 at most."""
    job = apps.get_model("tracker", "FailedJob")
    table = job._meta.db_table
    columns = columns_of(schema_editor, table)
    wanted = {field.column for field in job._meta.concrete_fields}
    if columns == wanted and JOBS_ONCE not in constraints_of(schema_editor, table):
        return
    alias = schema_editor.connection.alias
    rows = list(job.objects.using(alias).order_by("pk").values(*sorted((columns & wanted) - {"id"})))
    schema_editor.delete_model(job)
    schema_editor.create_model(job)
    made = (job(**({"identity": identity_of(row)} | row)) for row in rows)
    job.objects.using(alias).bulk_create(made, batch_size=ROWS_AT_ONCE)


def identity_of(row: dict[str, object]) -> str:
    """Like that of a task with its arguments, none of which can be equal to it."""
    return sha256(f"{row['task']}\n{row['error']}".encode()).hexdigest()


def forget_withdrawn(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """289c9eb brought a migration that made an index on users' emails; ad5b90d took the file back."""
    user = apps.get_model("tracker", "EventUser")
    if WITHDRAWN_INDEX in constraints_of(schema_editor, user._meta.db_table):
        schema_editor.remove_index(user, models.Index(fields=["email"], name=WITHDRAWN_INDEX))
    MigrationRecorder(schema_editor.connection).record_unapplied("tracker", WITHDRAWN)


def step(repair) -> migrations.RunPython:
    """Back, there is nothing to do: what earlier migrations make today is what is there now."""
    return migrations.RunPython(repair, migrations.RunPython.noop)


class Migration(migrations.Migration):
    dependencies = [("tracker", "0015_tighter_pages")]

    operations = [
        step(index_bases),
        step(mark_suggestions_by_rules),
        step(remake_failed_jobs),
        step(forget_withdrawn),
    ]
