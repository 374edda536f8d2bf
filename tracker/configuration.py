"""What people configure of a project: keys, rate limits, rules. Each change is noticed by every process."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from tracker.models import GroupingRules, Project, ProjectKey, RateLimit, User


def raise_version(project: Project) -> None:
    """Let caches in other processes notice that the project's keys, limits or rules have changed."""
    Project.objects.filter(pk=project.pk).update(grouping_version=F("grouping_version") + 1)


def set_key_active(key: ProjectKey, is_active: bool) -> None:
    """Let a key send, or refuse what it sends."""
    with transaction.atomic():
        ProjectKey.objects.filter(pk=key.pk).update(is_active=is_active)
        raise_version(key.project)


def delete_key(key: ProjectKey) -> None:
    """Remove a key with its limits; events that came in with it stay."""
    with transaction.atomic():
        project = key.project
        key.delete()
        raise_version(project)


def limit_key(key: ProjectKey, category: str, limit: int | None, window_seconds: int) -> None:
    """At most `limit` items of the category in the window, in place of what was set; None lifts the limit."""
    with transaction.atomic():
        RateLimit.objects.filter(key=key, category=category).delete()
        if limit is not None:
            RateLimit.objects.create(
                project=key.project, key=key, category=category, limit=limit, window_seconds=window_seconds
            )
        raise_version(key.project)


@dataclass(slots=True, frozen=True)
class RuleTexts:
    """Both rule texts of a project; version 0 where it never had any."""

    fingerprint_rules: str = ""
    stacktrace_rules: str = ""
    version: int = 0


def rules_of(project: Project) -> RuleTexts:
    """The rule texts in force."""
    newest = project.grouping_rules.order_by("-version").first()
    if newest is None:
        return RuleTexts()
    return RuleTexts(newest.fingerprint_rules, newest.stacktrace_rules, newest.version)


def save_rules(project: Project, texts: RuleTexts, *, by: User | None, now: datetime) -> GroupingRules:
    """Put the texts in force as a new version; events that come from now on are grouped by them."""
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        rules = GroupingRules.objects.create(
            project=project,
            version=rules_of(project).version + 1,
            fingerprint_rules=texts.fingerprint_rules,
            stacktrace_rules=texts.stacktrace_rules,
            author=by,
            created_at=now,
        )
        raise_version(project)
    return rules
