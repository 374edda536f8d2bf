"""Failed jobs become jobs with a status; what waits, failed or is in a worker's hands stays what it was."""

import json
from hashlib import sha256

import django.utils.timezone
from django.db import migrations, models

KINDS = {
    "apply_retention": "apply-retention",
    "compare_issues": "compare-issues",
    "delete_issues_by_id": "delete-issues",
    "delete_organization": "delete-organization",
    "delete_project": "delete-project",
    "follow_keys": "move-events",
    "retry_dead_letter": "retry-dead-letter",
    "retry_set_aside": "retry-dead-letter",
}
"""By the last part of the task's name: modules moved, functions kept their names."""
TASKS = {
    "apply-retention": "tracker.deletion.jobs.apply_retention",
    "compare-issues": "tracker.similar.suggestions.compare_issues",
    "delete-issues": "tracker.deletion.jobs.delete_issues_by_id",
    "delete-organization": "tracker.deletion.jobs.delete_organization",
    "delete-project": "tracker.deletion.jobs.delete_project",
    "move-events": "tracker.issues.unmerge.follow_keys",
    "retry-dead-letter": "ingest.tasks.retry_dead_letter",
}
SCHEDULED = {
    "digest_spool": "digest-spool",
    "reopen_archived": "reopen-archived",
    "retry_failed_jobs": "sweep-jobs",
    "start_retention": "start-retention",
    "suggest_duplicates": "suggest-duplicates",
    "tidy_up": "start-retention",
    "work": "work",
}
"""Tasks without arguments that their schedule starts again by itself."""
SCHEDULED_TASKS = {
    "digest-spool": "ingest.tasks.digest_spool",
    "reopen-archived": "tracker.serve.tasks.reopen_archived",
    "start-retention": "tracker.serve.tasks.start_retention",
    "suggest-duplicates": "tracker.serve.tasks.suggest_duplicates",
    "sweep-jobs": "tracker.serve.tasks.retry_failed_jobs",
    "work": "tracker.serve.tasks.work",
}
IN_HAND = "A worker took it up and never said what became of it: it was killed, or the machine stopped."


def identity_of(kind, arguments):
    return sha256(f"{kind}{json.dumps(arguments)}".encode()).hexdigest()


def forward(apps, schema_editor):
    """Rows that ask for the same thing under an older name become one: what is still to be done wins."""
    Job = apps.get_model("tracker", "Job")
    pending_first = models.F("finished_at").desc(nulls_first=True)
    taken = {}
    for row in Job.objects.order_by(pending_first, models.F("run_at").asc(nulls_last=True), "-pk"):
        give_kind(row)
        give_status(row)
        asked = first_arguments(row)
        row.identity = row.identity if asked is None else identity_of(row.kind, asked)
        taken.setdefault(row.identity, row)
    Job.objects.exclude(pk__in=[row.pk for row in taken.values()]).delete()
    for row in taken.values():
        row.save()


def give_kind(row):
    name = row.kind.rpartition(".")[2]
    args, kwargs = row.payload or [None, {}]
    if name in SCHEDULED:
        row.kind, row.payload = SCHEDULED[name], None
        row.queue = "digest" if row.kind == "digest-spool" else "work"
    elif name in KINDS:
        row.kind, row.payload = KINDS[name], None if args is None else [*args, *kwargs.values()]
    else:
        row.payload = args


def give_status(row):
    was_lost = row.last_error == IN_HAND
    if row.finished_at is not None:
        row.status = "done"
    elif row.run_at is None or (row.payload is not None and row.kind not in TASKS):
        row.status = "failed"
    elif was_lost and row.payload is not None:
        row.status, row.locked_until = "running", row.run_at
        row.last_error = ""
    else:
        row.status = "waiting"
    row.run_at = row.run_at if row.status == "waiting" else row.updated_at


def first_arguments(row):
    """With what it was asked for; None where only the hash of that is left."""
    if row.payload is None:
        return [] if row.kind in SCHEDULED_TASKS else None
    # Retention goes on from where it is, but was asked for with nothing.
    return [] if row.kind == "apply-retention" else row.payload


def backward(apps, schema_editor):
    Job = apps.get_model("tracker", "Job")
    for row in Job.objects.exclude(status="done", failures=0):
        task = TASKS.get(row.kind) or SCHEDULED_TASKS.get(row.kind) or row.kind
        asked = [] if row.kind == "apply-retention" else (row.payload or [])
        is_known = task != row.kind or row.payload is not None
        # Of others, only the hash of their arguments is left.
        row.identity = identity_of(task, asked) if is_known else row.identity
        row.kind, row.payload = task, [row.payload or [], {}] if is_known else None
        if row.status == "running":
            row.run_at, row.last_error = row.locked_until, IN_HAND
        elif row.status in ("failed", "done"):
            row.run_at = None
        row.save()
    # A row of work that went well at once was never kept.
    Job.objects.filter(status="done", failures=0).delete()


class Migration(migrations.Migration):
    dependencies = [("tracker", "0020_words")]

    operations = [
        migrations.RenameModel("FailedJob", "Job"),
        migrations.RenameField("job", "task", "kind"),
        migrations.RenameField("job", "arguments", "payload"),
        migrations.RenameField("job", "error", "last_error"),
        migrations.RenameField("job", "times", "failures"),
        migrations.RenameField("job", "tries", "attempts"),
        migrations.RenameField("job", "first_at", "created_at"),
        migrations.RenameField("job", "last_at", "updated_at"),
        migrations.RenameField("job", "retry_at", "run_at"),
        migrations.RenameField("job", "resolved_at", "finished_at"),
        migrations.AddField(
            "job",
            "status",
            models.CharField(
                choices=[
                    ("waiting", "Waits for a worker, or for its next try."),
                    (
                        "running",
                        "A worker has it; should nothing be heard until its lock expires, another takes it up.",
                    ),
                    ("failed", "Given up after many tries; it runs again when an administrator says so."),
                    ("done", "Went well."),
                ],
                default="waiting",
                max_length=10,
            ),
        ),
        migrations.AddField(
            "job",
            "queue",
            models.CharField(
                choices=[
                    ("digest", "Empties the spool."),
                    ("work", "Does what takes long in the database, a time slice at a time."),
                    ("deliver", "Asks other machines and waits for what they answer."),
                ],
                default="work",
                max_length=10,
            ),
        ),
        migrations.AddField("job", "locked_until", models.DateTimeField(null=True)),
        migrations.AlterField("job", "last_error", models.CharField(blank=True, default="", max_length=300)),
        migrations.RunPython(forward, backward),
        migrations.AlterField("job", "run_at", models.DateTimeField(default=django.utils.timezone.now)),
        migrations.AddIndex(
            "job",
            models.Index(
                condition=models.Q(("status__in", ("waiting", "running"))), fields=["queue", "run_at"], name="job_due"
            ),
        ),
    ]
