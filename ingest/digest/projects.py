"""What the digest must know of a project: its rules and what it wants scrubbed."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from grouping.rules import EMPTY_RULES, RuleError, RuleSet, parse_rules
from ingest.digest.words import ScrubRules
from tracker.models import GroupingRules, Project
from tracker.record.memory import Remembered

logger = logging.getLogger(__name__)


@dataclass(slots=True, frozen=True)
class RulePair:
    """The rules in force, and those before them: issues found by the old ones stay the same issues."""

    current: RuleSet = EMPTY_RULES
    previous: RuleSet | None = None


@dataclass(slots=True, frozen=True)
class ProjectConfig:
    rules: RulePair
    scrub: ScrubRules


NO_RULES = RulePair()
_remembered: Remembered[tuple[int, int], RulePair] = Remembered(500)


def load_configs(project_ids: Iterable[int]) -> dict[int, ProjectConfig]:
    """Configs by project id; a project that is gone is absent. One query, and one more where rules have changed."""
    rows = list(
        Project.objects.filter(id__in=set(project_ids)).values_list(
            "id", "grouping_version", "scrub_fields", "scrub_ip_addresses"
        )
    )
    unknown = [(id_, version) for id_, version, _, _ in rows if _remembered.get((id_, version)) is None]
    fresh = dict(_load_rules(unknown)) if unknown else {}
    configs = {}
    for id_, version, fields, ip_addresses in rows:
        rules = fresh.get(id_) or _remembered.get((id_, version)) or NO_RULES
        scrub = ScrubRules(tuple(name for name in fields if isinstance(name, str)), ip_addresses)
        configs[id_] = ProjectConfig(rules, scrub)
    return configs


def _load_rules(projects: list[tuple[int, int]]) -> Iterable[tuple[int, RulePair]]:
    texts: dict[int, list[tuple[str, str]]] = {id_: [] for id_, _ in projects}
    newest_first = GroupingRules.objects.filter(project_id__in=texts).order_by("-version")
    for id_, fingerprints, stacktraces in newest_first.values_list(
        "project_id", "fingerprint_rules", "stacktrace_rules"
    ):
        if len(texts[id_]) < 2:
            texts[id_].append((fingerprints, stacktraces))
    for id_, version in projects:
        pair = _compile(id_, texts[id_])
        _remembered.put((id_, version), pair)
        yield id_, pair


def _compile(project_id: int, texts: list[tuple[str, str]]) -> RulePair:
    if not texts:
        return NO_RULES
    previous = _parse(project_id, texts[1]) if len(texts) > 1 else EMPTY_RULES
    return RulePair(_parse(project_id, texts[0]), previous)


def _parse(project_id: int, texts: tuple[str, str]) -> RuleSet:
    try:
        return parse_rules(*texts)
    except RuleError as error:
        # They were checked when they were saved; an older version may have taken what this one does not.
        logger.warning("the rules of project %d cannot be read, events are grouped without: %s", project_id, error)
        return EMPTY_RULES
