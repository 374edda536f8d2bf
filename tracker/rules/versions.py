"""A project's own rules: saved as versions that never change, and read by every worker as the active set."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F

from grouping.event import Event
from grouping.group import Key, group_event
from grouping.rules import EMPTY_RULES, RuleError, RuleSet, parse_rules
from tracker.models import GroupingRules, Project, User
from tracker.rules.rekeying import register_keys
from tracker.storage.memory import Remembered

logger = logging.getLogger(__name__)

MAX_PREVIOUS = 5
"""Older versions that an event without a known key is tried under."""
MAX_VERSIONS_READ = 50

REMEMBERED_PROJECTS = 500


@dataclass(slots=True, frozen=True)
class RuleTexts:
    """Both rule texts of a project as people write them; version 0 where it never had any."""

    fingerprint_rules: str = ""
    stacktrace_rules: str = ""
    version: int = 0


@dataclass(slots=True, frozen=True)
class Rules:
    """What a project's events are grouped by: the active set, and those before it, newest first."""

    current: RuleSet = EMPTY_RULES
    previous: Sequence[RuleSet] = ()
    """Tried in this order where none of an event's keys is known: so a new rule splits no issue that exists."""
    version: int = 0
    """The active version; 0 where none is, or none can be read."""
    versions: Mapping[int, RuleSet] = field(default_factory=dict)
    """Every set named above by its version."""


NO_RULES = Rules(versions={0: EMPTY_RULES})
_remembered: Remembered[tuple[int, int], Rules] = Remembered(REMEMBERED_PROJECTS)


def forget_rules() -> None:
    """Drop everything remembered (tests)."""
    _remembered.clear()


def rules_of(project: Project) -> RuleTexts:
    """The newest rule texts, as they were saved."""
    newest = project.grouping_rules.order_by("-version").first()
    if newest is None:
        return RuleTexts()
    return RuleTexts(newest.fingerprint_rules, newest.stacktrace_rules, newest.version)


def save_rules(
    project: Project,
    fingerprint_text: str,
    stacktrace_text: str,
    *,
    by: User | None,
    now: datetime,
    splits_existing_issues: bool = False,
) -> GroupingRules:
    """Activate both texts as a new version. Raises RuleError, with line and column, where one cannot be read.

    Issues that exist stay whole, unless `splits_existing_issues`: then events
    that the rules tell apart from now on leave them.
    """
    register_keys(project, parse_rules(fingerprint_text, stacktrace_text), now)
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        saved = GroupingRules.objects.create(
            project=project,
            version=rules_of(project).version + 1,
            fingerprint_rules=fingerprint_text,
            stacktrace_rules=stacktrace_text,
            splits_existing_issues=splits_existing_issues,
            author=by,
            created_at=now,
        )
        Project.objects.filter(pk=project.pk).update(config_generation=F("config_generation") + 1)
    return saved


def rules_in_force(versions: Mapping[int, int]) -> dict[int, Rules]:
    """Compiled rules by project id, for projects given with their `config_generation`.

    From memory where the version is known, the rest by one query. A set that cannot be read is passed over for the
    last one that can.
    """
    rules: dict[int, Rules] = {}
    for project_id, version in versions.items():
        known = _remembered.get((project_id, version))
        if known is not None:
            rules[project_id] = known
    missing = versions.keys() - rules.keys()
    if missing:
        for project_id, found in _load(missing).items():
            rules[project_id] = found
            _remembered.put((project_id, versions[project_id]), found)
    return rules


def rules_for(project: Project) -> Rules:
    """The compiled rules of one project."""
    version = Project.objects.values_list("config_generation", flat=True).get(pk=project.pk)
    return rules_in_force({project.pk: version})[project.pk]


def earlier_keys(event: Event, rules: Rules, known: Sequence[Key]) -> list[Key]:
    """The event's keys under earlier rules, newest first, without those it is known to have."""
    keys = dict.fromkeys(key for previous in rules.previous for key in group_event(event, previous).keys)
    return [key for key in keys if key not in known]


def _load(project_ids: Iterable[int]) -> dict[int, Rules]:
    versions: dict[int, list[GroupingRules]] = defaultdict(list)
    saved = GroupingRules.objects.filter(project_id__in=list(project_ids)).order_by("project_id", "-version")
    for each in saved.iterator(chunk_size=MAX_VERSIONS_READ):
        if len(versions[each.project_id]) < MAX_VERSIONS_READ:
            versions[each.project_id].append(each)
    return {id_: compile_versions(versions[id_]) if id_ in versions else NO_RULES for id_ in project_ids}


def compile_versions(newest_first: Sequence[GroupingRules]) -> Rules:
    """The active set and those before it, out of a project's versions: pure.

    The way back ends at a version that splits existing issues; without one, at the time before the project had rules.
    """
    sets: dict[int, RuleSet] = {}
    seen: set[tuple[str, str]] = set()
    ends = False
    for saved in newest_first:
        texts = (saved.fingerprint_rules, saved.stacktrace_rules)
        compiled = None if texts in seen else _parsed(saved)
        seen.add(texts)
        if compiled is not None:
            sets[saved.version] = compiled
        ends = saved.splits_existing_issues and bool(sets)
        if ends or len(sets) > MAX_PREVIOUS:
            break
    if not ends and len(sets) <= MAX_PREVIOUS and ("", "") not in seen:
        sets[0] = EMPTY_RULES
    (version, current), *rest = sets.items() or [(0, EMPTY_RULES)]
    return Rules(current, tuple(previous for _, previous in rest), version, sets or {0: EMPTY_RULES})


def _parsed(saved: GroupingRules) -> RuleSet | None:
    try:
        return parse_rules(saved.fingerprint_rules, saved.stacktrace_rules)
    except RuleError as error:
        # They were read when they were saved; a later release may know the language otherwise.
        logger.warning(
            "version %d of the rules of project %d is passed over: %s", saved.version, saved.project_id, error
        )
        return None
