"""Similar issues of new issues, found in the background and only ever proposed: people merge, similarity does not.

A new issue is looked up by its rarest frames in an inverted index; at most `MAX_CANDIDATES` others are then compared
with it. Source: the grouping specification, "Near-duplicate suggestions".
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from grouping.similarity import VERY_LIKELY, WORTH_SHOWING, rarest
from tracker.jobs.kinds import Steps, job
from tracker.models import GroupKey, Issue, IssueSignature, SignatureToken, Suggestion, TokenCount, User
from tracker.rules.samples import newest_event, read_stored
from tracker.similar.signatures import (
    MAX_INDEXED,
    Signature,
    Similarity,
    as_number,
    pack_stack,
    signature_of,
    similarity,
    unpack_stack,
)
from tracker.storage.sql import write_rows

MAX_CANDIDATES = 200
TOKENS_ASKED = 8
FEWEST_ISSUES = 1_000
"""In a young project nothing is known to be common yet: it is reckoned as if it had this many issues."""
KEPT = 5
"""Suggestions of one issue, the likeliest."""
SHOWN = 5
MAX_UNITED = 199
"""With the issue itself, as many as one merge takes."""
ISSUES_PER_BATCH = 10


@dataclass(slots=True, frozen=True)
class SimilarIssue:
    """A similar issue of an issue."""

    suggestion: Suggestion
    issue: Issue

    @property
    def is_very_likely(self) -> bool:
        return self.suggestion.score >= VERY_LIKELY

    @property
    def reasons(self) -> list[str]:
        """In words, the strongest first."""
        found = self.suggestion
        if found.is_by_rules:
            return ["the project's rules would make them one"]
        if found.is_by_keys:
            return ["an event belongs to both, by different parts of its stack"]
        words = []
        if found.stack is not None:
            alike = max(0.0, found.stack)
            words.append("the same stack" if alike > 0.999 else f"stacks {alike:.0%} alike")
            words.append("the same type" if found.is_same_type else "another type")
        words.append("the same message" if found.template > 0.999 else f"messages {found.template:.0%} alike")
        return words


def similar_issues_of(issue: Issue) -> list[SimilarIssue]:
    """What was found to be like the issue and is neither dismissed, nor merged, nor taken apart by a person."""
    return _near(issue, _open(issue).filter(dismissed_at=None))


def dismissed_issues_of(issue: Issue) -> list[SimilarIssue]:
    return _near(issue, _open(issue).exclude(dismissed_at=None))


def united_by_rules(issue: Issue) -> list[Issue]:
    """All issues that the project's rules would make one with this one."""
    suggestions = _open(issue).filter(dismissed_at=None, is_by_rules=True)
    return [near.issue for near in _near(issue, suggestions, MAX_UNITED)]


def dismiss(suggestion: Suggestion, *, by: User, now: datetime) -> None:
    """Never show it again."""
    Suggestion.objects.filter(pk=suggestion.pk).update(dismissed_at=now, dismissed_by=by)


def bring_back(suggestion: Suggestion) -> None:
    Suggestion.objects.filter(pk=suggestion.pk).update(dismissed_at=None, dismissed_by=None)


def compare_new_issues(now: datetime) -> None:
    """All of `comparison` at once."""
    for _ in comparison(now):
        pass


def comparison(now: datetime) -> Iterator[object]:
    """Compare issues that have not been compared yet, the oldest first; yields after each."""
    while waiting := list(_uncompared().order_by("id").select_related("project")[:ISSUES_PER_BATCH]):
        for issue in waiting:
            compare_issue(issue, now)
            yield None


def is_any_new() -> bool:
    """Whether an issue has not been compared yet."""
    return _uncompared().exists()


def _uncompared() -> QuerySet[Issue]:
    return Issue.objects.filter(compared_at=None)


def compare_issue(issue: Issue, now: datetime) -> None:
    """Find the issue's similar issues and make it findable itself; once, even if two workers try at the same time."""
    event = newest_event(issue)
    signature = signature_of(read_stored(event)) if event else None
    found = _find(issue, signature) if signature and issue.merged_into_id is None and not _is_pinned(issue) else []
    with transaction.atomic():
        if not Issue.objects.filter(pk=issue.pk, compared_at=None).update(compared_at=now):
            return
        if signature is not None:
            _remember(issue, signature)
        Suggestion.objects.bulk_create(
            [
                Suggestion(
                    issue=issue,
                    other_id=other_id,
                    score=like.score,
                    stack=like.stack,
                    template=like.template,
                    is_same_type=like.is_same_type,
                    created_at=now,
                )
                for other_id, like in found
            ],
            ignore_conflicts=True,
        )


def _find(issue: Issue, signature: Signature) -> list[tuple[int, Similarity]]:
    """The most similar issues, with how similar they are."""
    indexed = signature.tokens[:MAX_INDEXED]
    frequency = _frequency(issue.project_id, indexed)
    candidates = _candidates(issue, rarest(indexed, frequency, TOKENS_ASKED))
    signatures = {
        row.issue_id: Signature(row.type, row.template, unpack_stack(bytes(row.stack)))
        for row in IssueSignature.objects.filter(issue_id__in=candidates)
    }
    frames = {token for other in (signature, *signatures.values()) for token in other.stack}
    frequency |= _frequency(issue.project_id, frames)
    issues = max(issue.project.last_issue_number, FEWEST_ISSUES)
    scored = [(id_, similarity(signature, other, frequency, issues)) for id_, other in signatures.items()]
    worth = [(id_, like) for id_, like in scored if like.score >= WORTH_SHOWING]
    return sorted(worth, key=lambda pair: (-pair[1].score, pair[0]))[:KEPT]


def _candidates(issue: Issue, tokens: Iterable[Hashable]) -> list[int]:
    """The newest issues that share one of the tokens, those that share more of them first."""
    shared: dict[int, int] = {}
    for token in tokens:
        assert isinstance(token, bytes)
        rows = SignatureToken.objects.filter(project=issue.project_id, token=as_number(token)).exclude(issue=issue.pk)
        for id_ in rows.order_by("-issue_id").values_list("issue_id", flat=True)[:MAX_CANDIDATES]:
            shared[id_] = shared.get(id_, 0) + 1
    likely = sorted(shared, key=lambda id_: (-shared[id_], -id_))[:MAX_CANDIDATES]
    there = Issue.objects.filter(id__in=likely, merged_into=None)
    return list(there.exclude(Exists(_pinned_keys())).values_list("id", flat=True))


def _frequency(project_id: int, tokens: Collection[bytes]) -> dict[Hashable, int]:
    by_number = {as_number(token): token for token in tokens}
    rows = TokenCount.objects.filter(project=project_id, token__in=list(by_number))
    return {by_number[number]: count for number, count in rows.values_list("token", "issues")}


def _remember(issue: Issue, signature: Signature) -> None:
    """Write the signature and the tokens by which later issues find it."""
    IssueSignature.objects.bulk_create(
        [
            IssueSignature(
                issue=issue, type=signature.type, template=signature.template, stack=pack_stack(signature.stack)
            )
        ],
        ignore_conflicts=True,
    )
    tokens = signature.tokens
    write_rows(
        "tracker_signaturetoken",
        (("project_id", "bigint"), ("token", "bigint"), ("issue_id", "bigint")),
        sorted((issue.project_id, as_number(token), issue.pk) for token in tokens[:MAX_INDEXED]),
        "ON CONFLICT DO NOTHING",
    )
    write_rows(
        "tracker_tokencount",
        (("project_id", "bigint"), ("token", "bigint"), ("issues", "bigint")),
        sorted((issue.project_id, as_number(token), 1) for token in tokens),
        "ON CONFLICT (project_id, token) DO UPDATE SET issues = tracker_tokencount.issues + excluded.issues",
    )


def _pinned_keys() -> QuerySet[GroupKey]:
    """Keys that a person took out of another issue: nothing automatic joins them again, nor proposes to."""
    return GroupKey.objects.filter(issue=OuterRef("pk"), pinned_to__isnull=False)


def _is_pinned(issue: Issue) -> bool:
    return issue.keys.filter(pinned_to__isnull=False).exists()


def _open(issue: Issue) -> QuerySet[Suggestion]:
    found = Suggestion.objects.filter(Q(issue=issue, other__merged_into=None) | Q(other=issue, issue__merged_into=None))
    return found.select_related("issue__project", "other__project").order_by("-score", "-id")


def _near(issue: Issue, suggestions: QuerySet[Suggestion], most: int = SHOWN) -> list[SimilarIssue]:
    if issue.merged_into_id is not None or _is_pinned(issue):
        return []
    pairs = [
        SimilarIssue(each, each.other if each.issue_id == issue.pk else each.issue) for each in suggestions[: 4 * most]
    ]
    pinned = _pinned_among([near.issue for near in pairs])
    return [near for near in pairs if near.issue.pk not in pinned][:most]


def _pinned_among(issues: Sequence[Issue]) -> set[int]:
    keys = GroupKey.objects.filter(issue__in=issues, pinned_to__isnull=False)
    return set(keys.values_list("issue_id", flat=True))


@job("compare-issues")
def compare_issues() -> Steps:
    """Look for similar issues of new issues."""
    yield from comparison(timezone.now())
