import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

KEY = dict(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING)


class Migration(migrations.Migration):
    dependencies = [("tracker", "0003_digest_receipts")]

    operations = [
        migrations.CreateModel(
            name="IssueSketch",
            fields=[
                (
                    "issue",
                    models.OneToOneField(
                        **KEY, primary_key=True, related_name="sketch", serialize=False, to="tracker.issue"
                    ),
                ),
                ("type", models.CharField(blank=True, default="", max_length=255)),
                ("template", models.CharField(blank=True, default="", max_length=1024)),
                ("stack", models.BinaryField(default=b"")),
            ],
        ),
        migrations.CreateModel(
            name="SketchToken",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id", "token", "issue_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("project", models.ForeignKey(**KEY, db_index=False, related_name="+", to="tracker.project")),
                ("token", models.BigIntegerField()),
                ("issue", models.ForeignKey(**KEY, related_name="+", to="tracker.issue")),
            ],
        ),
        migrations.CreateModel(
            name="TokenCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_id", "token", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("project", models.ForeignKey(**KEY, db_index=False, related_name="+", to="tracker.project")),
                ("token", models.BigIntegerField()),
                ("issues", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Suggestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="suggestions", to="tracker.issue"
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="suggested_by", to="tracker.issue"
                    ),
                ),
                ("score", models.FloatField()),
                ("stack", models.FloatField(null=True)),
                ("template", models.FloatField()),
                ("is_same_type", models.BooleanField()),
                ("is_by_rules", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("dismissed_at", models.DateTimeField(null=True)),
                (
                    "dismissed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="suggestion",
            constraint=models.UniqueConstraint(fields=("issue", "other"), name="suggestion_once"),
        ),
        migrations.AddField(
            model_name="groupingrules", name="parts_existing", field=models.BooleanField(default=False)
        ),
        migrations.AddField(model_name="issue", name="compared_at", field=models.DateTimeField(null=True)),
        migrations.AddIndex(
            model_name="issue",
            index=models.Index(
                condition=models.Q(("compared_at__isnull", True)), fields=["id"], name="issue_to_compare"
            ),
        ),
    ]
