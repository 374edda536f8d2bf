"""Query → SQL. Every term becomes one condition on the issue; what lies in other tables is asked by `IN (subquery)`.

No term joins, so that terms neither multiply rows nor get in each other's way, and the database may begin with
whichever is rarest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_, or_

from django.db.models import Q

from tracker.models import EventUser, IssueTag, IssueUser, Project, Release, Status, Tag, User
from tracker.models.issues import LEVEL_BY_NAME
from tracker.release_order import latest_of
from tracker.search.patterns import is_match
from tracker.search.query import Query, Term
from tracker.search.vocabulary import TEXTS, USERS, time_bounds

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
    condition = reduce(or_, (ask(choice, scope) for choice in term.choices))
    return ~condition if term.is_negated else condition


def _free_text(term: Term, scope: Scope) -> Q:
    pattern = f"*{term.value}*" if term.has_wildcard else "*" + term.value.replace("*", "\\*") + "*"
    condition = Q(title__matches=pattern) | Q(culprit__matches=pattern) | Q(value__matches=pattern)
    return condition | _numbered(term, scope)


def _numbered(term: Term, scope: Scope) -> Q:
    """The issue of a short id, in whichever project has its prefix."""
    prefix, dash, number = term.value.upper().rpartition("-")
    if not dash or not number.isdecimal() or len(number) > 9:
        return NOTHING
    ids = [project.pk for project in scope.projects if project.short_prefix == prefix]
    return Q(project__in=ids, number=int(number)) if ids else NOTHING


def _issue(term: Term, scope: Scope) -> Q:
    return Q(pk=int(term.value)) if term.value.isdecimal() and len(term.value) < 18 else _numbered(term, scope)


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
    wanted = _latest("version", scope) if term.value == LATEST else _valued("version", term)
    releases = Release.objects.filter(wanted, project__in=scope.project_ids)
    return Q(**{f"{term.key}__in": releases.values("pk")})


def _latest(column: str, scope: Scope) -> Q:
    """The newest release of each project, of the package that was released last."""
    found = NOTHING
    for project_id in scope.project_ids:
        newest = latest_of(Release.objects.filter(project=project_id, is_archived=False))
        found |= Q(**{"project": project_id, column: newest.version}) if newest else NOTHING
    return found


def _has(term: Term, scope: Scope) -> Q:
    tagged = IssueTag.objects.filter(tag__key=term.value, tag__project__in=scope.project_ids)
    return Q(pk__in=tagged.values("issue_id"))


def _tagged(term: Term, scope: Scope) -> Q:
    """The issues with the tag: two look-ups in indexes, of the tags and then of their issues."""
    is_latest = term.key == "release" and term.value == LATEST
    wanted = _latest("value", scope) if is_latest else _valued("value", term)
    tags = Tag.objects.filter(wanted, project__in=scope.project_ids, key=term.key)
    tagged = Q(pk__in=IssueTag.objects.filter(tag__in=tags.values("pk")).values("issue_id"))
    return tagged if term.value else ~_has(Term("has", "=", term.key), scope)


def _by_user(term: Term, scope: Scope) -> Q:
    """The issues that affected a user."""
    field = USERS[term.key]
    if field == "id":
        wanted = _valued("identity", Term("", "=", f"id:{term.value}", has_wildcard=term.has_wildcard))
    else:
        wanted = _valued(field, term)
    users = EventUser.objects.filter(wanted, project__in=scope.project_ids)
    return Q(pk__in=IssueUser.objects.filter(event_user__in=users.values("pk")).values("issue_id"))


ASK: Mapping[str, Callable[[Term, Scope], Q]] = {
    "": _free_text,
    "is": _is,
    "level": _level,
    "assigned": _assigned,
    "issue": _issue,
    "has": _has,
    "first_release": _released,
    "last_release": _released,
    **dict.fromkeys(NUMBER_COLUMNS, _number),
    **dict.fromkeys(TIME_COLUMNS, _time),
    **dict.fromkeys(TEXTS, _text),
    **dict.fromkeys(USERS, _by_user),
}
