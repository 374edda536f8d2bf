"""What the digest must know of a project: its rules and what it wants scrubbed."""

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.digest.words import ScrubRules
from tracker.groups.rules import Rules, rules_in_force
from tracker.models import Project


@dataclass(slots=True, frozen=True)
class ProjectConfig:
    rules: Rules
    scrub: ScrubRules


def load_configs(project_ids: Iterable[int]) -> dict[int, ProjectConfig]:
    """Configs by project id; a project that is gone is absent. One query, and one more where rules have changed."""
    rows = list(
        Project.objects.filter(id__in=set(project_ids)).values_list(
            "id", "grouping_version", "scrub_fields", "scrub_ip_addresses"
        )
    )
    rules = rules_in_force({id_: version for id_, version, _, _ in rows})
    configs = {}
    for id_, _, fields, ip_addresses in rows:
        names = fields if isinstance(fields, list) else []
        scrub = ScrubRules(tuple(name for name in names if isinstance(name, str)), ip_addresses)
        configs[id_] = ProjectConfig(rules[id_], scrub)
    return configs
