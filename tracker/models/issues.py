"""Issues, and the rows between an event and its issue."""

from django.db import models
from django.utils import timezone

from tracker.models.accounts import User
from tracker.models.projects import Project
from tracker.models.ranks import TimeSlot, magnitude
from tracker.models.releases import Release


class Status(models.IntegerChoices):
    UNRESOLVED = 0, "unresolved"
    RESOLVED = 1, "resolved"
    ARCHIVED = 2, "archived"


class Level(models.IntegerChoices):
    DEBUG = 10, "debug"
    INFO = 20, "info"
    WARNING = 30, "warning"
    ERROR = 40, "error"
    FATAL = 50, "fatal"


LEVEL_BY_NAME: dict[str, int] = {level.label: level.value for level in Level}
MAX_NUMBER = 2**31 - 1
"""Of an issue within its project."""


class Issue(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="issues")
    number = models.PositiveIntegerField()
    """The number of the short id; counts up within the project."""
    title = models.CharField(max_length=255)
    type = models.CharField(max_length=255, blank=True, default="")
    value = models.CharField(max_length=1024, blank=True, default="")
    culprit = models.CharField(max_length=255, blank=True, default="")
    platform = models.CharField(max_length=30, blank=True, default="")
    logger = models.CharField(max_length=100, blank=True, default="")
    level = models.PositiveSmallIntegerField(choices=Level.choices, default=Level.ERROR)
    is_unhandled = models.BooleanField(default=False)

    status = models.PositiveSmallIntegerField(choices=Status.choices, default=Status.UNRESOLVED)
    is_regressed = models.BooleanField(default=False)
    status_changed_at = models.DateTimeField(null=True)
    resolution = models.JSONField(null=True)
    """`tracker.issues.resolution.Resolution` as JSON; null unless resolved."""
    archival = models.JSONField(null=True)
    """`tracker.issues.status.Archival` as JSON: until when; null unless archived, `{}` forever."""
    assigned_to = models.ForeignKey(User, models.SET_NULL, null=True, related_name="assigned_issues")

    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    times_seen = models.PositiveBigIntegerField(default=0)
    users_affected = models.PositiveBigIntegerField(default=0)
    expected_since_resolved = models.PositiveBigIntegerField(default=0)
    """Events since the resolution that the fix does not cover."""
    first_release = models.ForeignKey(Release, models.SET_NULL, null=True, related_name="new_issues")
    last_release = models.ForeignKey(Release, models.SET_NULL, null=True, related_name="+", db_index=False)

    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, related_name="merged_issues")
    base = models.ForeignKey("PayloadBase", models.SET_NULL, null=True, related_name="+", db_index=False)
    """What the payloads of new events are stored as the difference to."""
    compared_at = models.DateTimeField(null=True)
    """When it was compared with the project's other issues; null until then."""

    last_seen_bucket = models.GeneratedField(
        expression=TimeSlot("last_seen_at"), output_field=models.BigIntegerField(), db_persist=True
    )
    events_bucket = models.GeneratedField(
        expression=magnitude(models.F("times_seen")), output_field=models.SmallIntegerField(), db_persist=True
    )
    users_bucket = models.GeneratedField(
        expression=magnitude(models.F("users_affected")), output_field=models.SmallIntegerField(), db_persist=True
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="issue_number_once")]
        indexes = [
            # The status comes last: so they serve lists of every status, and skip the others without a look at the row.
            models.Index(fields=["project", "-last_seen_bucket", "status"], name="issue_last_seen"),
            models.Index(fields=["project", "-first_seen_at", "-id", "status"], name="issue_first_seen"),
            models.Index(fields=["project", "-events_bucket", "status"], name="issue_events"),
            models.Index(fields=["project", "-users_bucket", "status"], name="issue_users"),
            models.Index(fields=["id"], name="issue_to_compare", condition=models.Q(compared_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def short_id(self) -> str:
        """`SHOP-42`."""
        return f"{self.project.short_prefix}-{self.number}"


class GroupKey(models.Model):
    """One key (see `grouping.group.Key`) and the one issue to which it belongs."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+", db_index=False)
    issue = models.ForeignKey(Issue, models.CASCADE, related_name="keys")
    config = models.CharField(max_length=8)
    kind = models.CharField(max_length=4)
    digest = models.BinaryField(max_length=16)
    base = models.BinaryField(max_length=16, null=True)
    origin = models.CharField(max_length=10, default="ingest")
    """How the key came to its issue: `ingest` on its own; `sys` or `raw` by that other key of the same event; `legacy`
    by a key under earlier rules; `rules` when new rules were activated; `guard` because the base has too many issues
    already."""
    merged_from = models.ForeignKey(Issue, models.SET_NULL, null=True, related_name="+", db_index=False)
    pinned_to = models.ForeignKey(Issue, models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "digest", "kind", "config"], name="group_key_once")]
        indexes = [
            models.Index(fields=["project", "base"], name="group_key_by_base", condition=models.Q(base__isnull=False))
        ]


class Tag(models.Model):
    """A key with a value that was seen in a project."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=32)
    value = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "key", "value"], name="tag_once")]


class IssueTag(models.Model):
    """How often a tag was seen on an issue; the primary key is the pair. Deleted through `tracker.deletion.cascade`."""

    pk = models.CompositePrimaryKey("issue_id", "tag_id")
    issue = models.ForeignKey(Issue, models.DO_NOTHING, related_name="tags", db_index=False, db_constraint=False)
    tag = models.ForeignKey(Tag, models.DO_NOTHING, related_name="issues", db_constraint=False)
    times_seen = models.PositiveBigIntegerField(default=0)
    last_seen_at = models.DateTimeField()


class EventUser(models.Model):
    """A user of the app, as its SDK names them; `identity` is `grouping.event.User.identity`."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+", db_index=False)
    identity = models.CharField(max_length=210)
    email = models.CharField(max_length=200, blank=True, default="")
    username = models.CharField(max_length=200, blank=True, default="")
    ip_address = models.CharField(max_length=45, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "identity"], name="event_user_once")]


class IssueUser(models.Model):
    """A user whom an issue affected; the primary key is the pair. Deleted through `tracker.deletion.cascade`."""

    pk = models.CompositePrimaryKey("issue_id", "event_user_id")
    issue = models.ForeignKey(Issue, models.DO_NOTHING, related_name="users", db_index=False, db_constraint=False)
    event_user = models.ForeignKey(EventUser, models.DO_NOTHING, related_name="+", db_constraint=False)
