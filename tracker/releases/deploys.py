"""Deploys as marks on charts."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from tracker.models import Deploy

MOST_MARKS = 200


def deploys_since(project_ids: Iterable[int], since: datetime) -> dict[int, list[Deploy]]:
    """The projects' deploys since a moment, the newest first, with their releases loaded: one query, bounded."""
    found: dict[int, list[Deploy]] = defaultdict(list)
    deploys = Deploy.objects.filter(release__project__in=set(project_ids), finished_at__gte=since)
    for deploy in deploys.select_related("release").order_by("-finished_at", "-id")[:MOST_MARKS]:
        found[deploy.release.project_id].append(deploy)
    return found
