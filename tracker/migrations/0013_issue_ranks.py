"""Issues are sorted by coarse columns, so that recording events writes no index of theirs."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import tracker.models.ranks


def leave_room(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """PostgreSQL: an issue's new counters fit beside the old ones."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE tracker_issue SET (fillfactor = 50)")


def leave_none(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE tracker_issue RESET (fillfactor)")


def generated(expression: models.expressions.Combinable, output_field: models.Field) -> models.GeneratedField:
    return models.GeneratedField(expression=expression, output_field=output_field, db_persist=True)


class Migration(migrations.Migration):
    dependencies = [("tracker", "0012_fill_release_order_key")]

    operations = [
        # First, so that the tables that PostgreSQL rewrites for the new columns are laid out so.
        migrations.RunPython(leave_room, leave_none),
        migrations.RemoveIndex(model_name="issue", name="issue_by_last_seen"),
        migrations.RemoveIndex(model_name="issue", name="issue_by_times_seen"),
        migrations.RemoveIndex(model_name="issue", name="issue_by_users"),
        migrations.AlterField(
            model_name="issue",
            name="last_release",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="tracker.release",
            ),
        ),
        migrations.AddField(
            model_name="issue",
            name="last_seen_slot",
            field=generated(tracker.models.ranks.TimeSlot("last_seen_at"), models.BigIntegerField()),
        ),
        migrations.AddField(
            model_name="issue",
            name="events_rank",
            field=generated(tracker.models.ranks.magnitude(models.F("times_seen")), models.SmallIntegerField()),
        ),
        migrations.AddField(
            model_name="issue",
            name="users_rank",
            field=generated(tracker.models.ranks.magnitude(models.F("users_affected")), models.SmallIntegerField()),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(fields=["project", "status", "-last_seen_slot"], name="issue_by_last_slot"),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(fields=["project", "status", "-events_rank"], name="issue_by_events_rank"),
        ),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(fields=["project", "status", "-users_rank"], name="issue_by_users_rank"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["issue", "occurred_at"], name="event_by_time"),
        ),
        migrations.RemoveIndex(model_name="event", name="event_by_issue"),
    ]
