"""Query → SQL. Every term becomes one condition on the issue; for other tables see `tracker.search.related`.

No term joins, so that terms neither multiply rows nor get in each other's way, and the database may begin with
whichever is rarest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import and_, or_

from django.db.models import Q

from tracker.issues.known_releases import latest_of
from tracker.models import Project, Release, Status, User
from tracker.models.issues import LEVEL_BY_NAME, MAX_NUMBER
from tracker.search.patterns import is_match
from tracker.search.query import Query, Term
from tracker.search.related import MAX_IDS, IssueListParams, ids_of, with_tags, with_users
from tracker.search.vocabulary import TEXTS, USERS, time_bounds
from tracker.storage.numbers import number_in

ANYTHING = Q()
NOTHING = Q(pk__in=())
LATEST = "latest"
"""As a release: the newest of each project."""

IS: Mapping[str, Q] = {
    "unresolved": Q(status=Status.UNRESOLVED),
    "resolved": Q(status=Status.RESOLVED),
    "archived": Q(status=Status.ARCHIVED),
    "regressed": Q(status=Status.UNRESOLVED, is_regressed=True),
    "assigned": Q(assigned_to__isnull=False),
    "unassigned": Q(assigned_to__isnull=True),
    "unhandled": Q(is_unhandled=True),
    "handled": Q(is_unhandled=False),
}
NUMBER_COLUMNS = {"times_seen": "times_seen", "users": "users_affected"}
TIME_COLUMNS = {"first_seen": "first_seen_at", "last_seen": "last_seen_at"}
COMPARISONS = {"=": "", ">": "__gt", ">=": "__gte", "<": "__lt", "<=": "__lte"}


Ask = Callable[[Term, "Scope"], Q]
"""Turns a term into a condition, whether it is negated or not."""


@dataclass(slots=True, frozen=True)
class Scope:
    """Where and when a query is asked, and by whom."""

    projects: Sequence[Project]
    me: User | None
    now: datetime

    @property
    def project_ids(self) -> list[int]:
        return [project.pk for project in self.projects]


def narrow_projects(query: Query, projects: Sequence[Project]) -> list[Project]:
    """The projects that the query's `project:` terms leave."""
    kept = list(projects)
    for term in query.terms:
        if term.key == "project" and not term.is_tag:
            kept = [project for project in kept if _is_meant(project, term) != term.is_negated]
    return kept


def _is_meant(project: Project, term: Term) -> bool:
    names = (project.slug, str(project.pk))
    return any(
        any(is_match(choice.value, name) for name in names) if choice.has_wildcard else choice.value in names
        for choice in term.choices
    )


def condition_of(query: Query, scope: Scope) -> Q:
    """The query as one condition on `Issue`; `project:` is left to `narrow_projects`."""
    terms = (term for term in query.terms if term.is_tag or term.key != "project")
    return reduce(and_, (_condition(term, scope) for term in terms), ANYTHING)


def _condition(term: Term, scope: Scope) -> Q:
    ask = _tagged if term.is_tag else ASK.get(term.key, _tagged)
    condition = ask(term, scope)
    return ~condition if term.is_negated else condition


def _free_text(term: Term, scope: Scope) -> Q:
    pattern = f"*{term.value}*" if term.has_wildcard else "*" + term.value.replace("*", "\\*") + "*"
    condition = Q(title__matches=pattern) | Q(culprit__matches=pattern) | Q(value__matches=pattern)
    return condition | _numbered(term, scope)


def _numbered(term: Term, scope: Scope) -> Q:
    """The issue of a short id, in whichever project has its prefix."""
    prefix, dash, digits = term.value.upper().rpartition("-")
    number = number_in(digits, MAX_NUMBER) if dash else None
    if number is None:
        return NOTHING
    ids = [project.pk for project in scope.projects if project.short_prefix == prefix]
    return Q(project__in=ids, number=number) if ids else NOTHING


def _issue(term: Term, scope: Scope) -> Q:
    number = number_in(term.value)
    return _numbered(term, scope) if number is None else Q(pk=number)


def _is(term: Term, scope: Scope) -> Q:
    return IS[term.value]


def _level(term: Term, scope: Scope) -> Q:
    return Q(level=LEVEL_BY_NAME[term.value])


def _assigned(term: Term, scope: Scope) -> Q:
    if term.value in {"none", "nobody"}:
        return Q(assigned_to__isnull=True)
    if term.value == "me":
        return Q(assigned_to=scope.me) if scope.me else NOTHING
    return Q(assigned_to__in=User.objects.filter(email=term.value.lower()).values("pk"))


def _number(term: Term, scope: Scope) -> Q:
    return Q(**{NUMBER_COLUMNS[term.key] + COMPARISONS[term.operator]: int(term.value)})


def _time(term: Term, scope: Scope) -> Q:
    column = TIME_COLUMNS[term.key]
    start, end = time_bounds(term.operator, term.value, scope.now)
    return (Q(**{f"{column}__gte": start}) if start else ANYTHING) & (Q(**{f"{column}__lt": end}) if end else ANYTHING)


def _text(term: Term, scope: Scope) -> Q:
    return _valued(TEXTS[term.key], term)


def _valued(column: str, term: Term) -> Q:
    return Q(**{f"{column}__matches" if term.has_wildcard else column: term.value})


def _released(term: Term, scope: Scope) -> Q:
    releases = Release.objects.filter(_versions(term, scope, "version")(""), project__in=scope.project_ids)
    ids = ids_of(releases, MAX_IDS)
    return Q(**{f"{term.key}__in": releases.values("pk")} if ids is None else {f"{term.key}__id__among": ids})


def _versions(term: Term, scope: Scope, column: str) -> IssueListParams:
    """The values of a term one of which may be the newest release: that of each project, of the latest package."""
    newest: list[tuple[int, str]] = []
    if any(choice.value == LATEST for choice in term.choices):
        for project_id in scope.project_ids:
            release = latest_of(Release.objects.filter(project=project_id, is_archived=False))
            newest += [(project_id, release.version)] if release else []
    others = [choice for choice in term.choices if choice.value != LATEST]

    def wanted(prefix: str) -> Q:
        named = (_valued(prefix + column, choice) for choice in others)
        latest = (Q(**{f"{prefix}project": id_, prefix + column: version}) for id_, version in newest)
        return reduce(or_, (*named, *latest), NOTHING)

    return wanted


def _has(term: Term, scope: Scope) -> Q:
    return _with_keys([choice.value for choice in term.choices], scope, is_negated=term.is_negated)


def _with_keys(keys: Sequence[str], scope: Scope, *, is_negated: bool) -> Q:
    def wanted(prefix: str) -> Q:
        return Q(**{f"{prefix}project__in": scope.project_ids, f"{prefix}key__in": keys})

    return with_tags(wanted, is_negated=is_negated)


def _tagged(term: Term, scope: Scope) -> Q:
    """The issues with the tag; without any of its key where the value is empty."""
    values = _versions(term, scope, "value") if term.key == "release" else _values(term, "value")
    tagged = with_tags(
        lambda prefix: Q(**{f"{prefix}project__in": scope.project_ids, f"{prefix}key": term.key}) & values(prefix),
        is_negated=term.is_negated,
    )
    is_missing_meant = any(not choice.value for choice in term.choices)
    return tagged | ~_with_keys([term.key], scope, is_negated=True) if is_missing_meant else tagged


def _values(term: Term, column: str) -> IssueListParams:
    return lambda prefix: reduce(or_, (_valued(prefix + column, choice) for choice in term.choices))


def _by_user(term: Term, scope: Scope) -> Q:
    """The issues that affected a user."""
    field = USERS[term.key]
    if field == "id":
        field, choices = "identity", [replace(choice, value=f"id:{choice.value}") for choice in term.choices]
        term = replace(choices[0], others=tuple(choices[1:]))
    named = _values(term, field)
    return with_users(lambda prefix: Q(**{f"{prefix}project__in": scope.project_ids}) & named(prefix))


def _each(ask: Ask) -> Ask:
    """For terms each of whose values is a condition by itself."""
    return lambda term, scope: reduce(or_, (ask(choice, scope) for choice in term.choices))


ASK: Mapping[str, Ask] = {
    "": _each(_free_text),
    "is": _each(_is),
    "level": _each(_level),
    "assigned": _each(_assigned),
    "issue": _each(_issue),
    "has": _has,
    "first_release": _released,
    "last_release": _released,
    **dict.fromkeys(NUMBER_COLUMNS, _each(_number)),
    **dict.fromkeys(TIME_COLUMNS, _each(_time)),
    **dict.fromkeys(TEXTS, _each(_text)),
    **dict.fromkeys(USERS, _by_user),
}
