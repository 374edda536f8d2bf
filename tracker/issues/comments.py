"""What people write about issues."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count

from tracker.errors import DomainError, Refusal
from tracker.issues.details import CommentedDetails, new_activity
from tracker.issues.results import ActionResult, Commented, ids_of
from tracker.models import Activity, ActivityKind, Issue, User

MAX_COMMENT = 20_000
"""Characters."""


def checked_comment(text: str) -> str:
    """The text as it is kept: trimmed, each line break one character. Raises DomainError for none or too long a one."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise DomainError(Refusal.EMPTY_COMMENT)
    if len(text) > MAX_COMMENT:
        raise DomainError(Refusal.COMMENT_TOO_LONG, most=MAX_COMMENT)
    if "\0" in text:
        raise DomainError(Refusal.HOLDS_NUL)
    return text


def comment_on(issues: Sequence[Issue], text: str, *, by: User | None, now: datetime) -> ActionResult:
    """Write the same comment about each of the issues. Raises DomainError."""
    details = CommentedDetails(checked_comment(text))
    made = Activity.objects.bulk_create(
        new_activity(details, project_id=issue.project_id, issue_id=issue.pk, by=by, now=now) for issue in issues
    )
    return ActionResult(Commented(ids_of(made)), len(issues), tuple(issue.short_id for issue in issues))


def change_comment(comment: Activity, text: str) -> None:
    """Write it again. Raises DomainError."""
    comment.details = CommentedDetails(checked_comment(text)).as_json()
    comment.save(update_fields=["details"])


def comment_counts(issues: Sequence[Issue]) -> dict[int, int]:
    """How many comments each of the issues has, by its id: one query."""
    comments = Activity.objects.filter(issue__in=[issue.pk for issue in issues], kind=ActivityKind.COMMENTED)
    counted = dict(comments.order_by().values_list("issue").annotate(count=Count("id")))
    return {issue.pk: counted.get(issue.pk, 0) for issue in issues}
