"""Issues are found by tag and by user from an index alone; lists of issues of every status come from an index, too."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

PAIRS = (
    ("tracker_issuetag", "tag_id", "tracker_issuetag_tag_id_d84ce633", "issuetag_by_issue"),
    ("tracker_issueuser", "event_user_id", "tracker_issueuser_event_user_id_412dfb7f", "issueuser_by_issue"),
)
"""Table, the column beside `issue_id`, the index on that column, the index on `issue_id`."""


def lead_with_the_other(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """PostgreSQL: the primary key answers who has a tag; SQLite's index on the tag holds the whole pair anyway."""
    if schema_editor.connection.vendor == "postgresql":
        for table, other, index_on_other, index_on_issue in PAIRS:
            lead(schema_editor, table, (other, "issue_id"), drop=index_on_other, make=(index_on_issue, "issue_id"))


def lead_with_the_issue(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for table, other, index_on_other, index_on_issue in PAIRS:
            lead(schema_editor, table, ("issue_id", other), drop=index_on_issue, make=(index_on_other, other))


def lead(
    schema_editor: BaseDatabaseSchemaEditor, table: str, key: tuple[str, str], *, drop: str, make: tuple[str, str]
) -> None:
    schema_editor.execute(
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD CONSTRAINT {table}_pkey PRIMARY KEY ({', '.join(key)})"
    )
    schema_editor.execute(f"CREATE INDEX {make[0]} ON {table} ({make[1]})")
    schema_editor.execute(f"DROP INDEX {drop}")


def sorted_by(*fields: str, name: str) -> migrations.AddIndex:
    return migrations.AddIndex(model_name="issue", index=models.Index(fields=["project", *fields, "status"], name=name))


class Migration(migrations.Migration):
    dependencies = [("tracker", "0013_issue_ranks")]

    operations = [
        migrations.RunPython(lead_with_the_other, lead_with_the_issue),
        migrations.RemoveIndex(model_name="issue", name="issue_by_last_slot"),
        migrations.RemoveIndex(model_name="issue", name="issue_by_first_seen"),
        migrations.RemoveIndex(model_name="issue", name="issue_by_events_rank"),
        migrations.RemoveIndex(model_name="issue", name="issue_by_users_rank"),
        sorted_by("-last_seen_slot", name="issue_last_seen"),
        sorted_by("-first_seen_at", "-id", name="issue_first_seen"),
        sorted_by("-events_rank", name="issue_events"),
        sorted_by("-users_rank", name="issue_users"),
    ]
