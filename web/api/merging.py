"""`{"merge": 1}`: the chosen issues become one, the one that was seen most often."""

from collections.abc import Sequence

from rest_framework.exceptions import ValidationError

from tracker.lifecycle.merge import merge as merge_into
from tracker.models import Issue
from web.api.shapes.common import Shape
from web.api.triage import Actor


def merge(issues: Sequence[Issue], actor: Actor) -> Shape:
    """Merge; answers parent and children. Raises ValidationError where that cannot be."""
    if len(issues) < 2:
        raise ValidationError({"merge": ["Choose at least two issues."]})
    parent = max(issues, key=lambda issue: (issue.times_seen, -issue.pk))
    children = [issue for issue in issues if issue.pk != parent.pk]
    try:
        merge_into(children, parent, by=actor.user, now=actor.now)
    except ValueError as error:
        raise ValidationError({"merge": [str(error)]}) from error
    return {"parent": str(parent.pk), "children": [str(child.pk) for child in children]}
