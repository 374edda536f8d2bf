"""Tables and columns take the field's words; no row is touched."""

from django.db import migrations, models

INDEXES = {
    "last_seen_slot": ("last_seen_bucket", "issue_last_seen"),
    "events_rank": ("events_bucket", "issue_events"),
    "users_rank": ("users_bucket", "issue_users"),
}


def bucket_columns():
    """Both databases keep an index when one of its columns is renamed; Django's state has to be told."""
    for old, (new, index) in INDEXES.items():
        rename = migrations.RenameField("issue", old, new)
        yield migrations.SeparateDatabaseAndState(
            database_operations=[rename],
            state_operations=[
                migrations.RemoveIndex("issue", index),
                rename,
                migrations.AddIndex("issue", models.Index(fields=["project", f"-{new}", "status"], name=index)),
            ],
        )


class Migration(migrations.Migration):
    dependencies = [("tracker", "0017_reasons_as_codes")]

    operations = [
        migrations.RenameModel("SetAside", "DeadLetter"),
        migrations.RenameField("deadletter", "set_aside_at", "failed_at"),
        migrations.AlterField(
            "deadletter",
            "project",
            models.ForeignKey(null=True, on_delete=models.SET_NULL, related_name="dead_letters", to="tracker.project"),
        ),
        migrations.RenameModel("IssueSketch", "IssueSignature"),
        migrations.AlterField(
            "issuesignature",
            "issue",
            models.OneToOneField(
                db_constraint=False,
                on_delete=models.DO_NOTHING,
                primary_key=True,
                related_name="signature",
                serialize=False,
                to="tracker.issue",
            ),
        ),
        migrations.RenameModel("SketchToken", "SignatureToken"),
        migrations.RenameField("project", "grouping_version", "config_generation"),
        migrations.RenameField("groupingrules", "parts_existing", "splits_existing_issues"),
        *bucket_columns(),
    ]
