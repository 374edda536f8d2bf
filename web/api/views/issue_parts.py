"""What hangs on one issue: tags, comments, activity, keys."""

from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.counters.stats import TagShare, tag_shares, tag_totals, tag_values
from tracker.issues.comments import MAX_COMMENT, change_comment
from tracker.issues.results import Commented
from tracker.issues.triage import Actor, TriageCommand, apply
from tracker.models import Activity, ActivityKind, Event, GroupKey
from tracker.storage.numbers import number_in
from web.api.base import EVENT_READ, EVENT_WRITE, IssueView, Shape
from web.api.errors import NOT_FOUND
from web.api.pagination import limit_of, offset_of, offset_response, page_response
from web.api.shapes.events import event_summary
from web.api.shapes.issues import activity_shape, note_shape, tag_shape, tag_value_shape

TOP_VALUES = 10
MAX_EVENTS_SAMPLED = 1_000


class IssueTags(IssueView):
    """The tags of an issue's events, each with its most frequent values."""

    scopes = {"GET": EVENT_READ}

    def get(self, request: Request, issue: str, organization: str = "") -> Response:
        asked = set(request.query_params.getlist("key"))
        top = tag_shares(self.issue, values_per_key=min(TOP_VALUES, limit_of(request, TOP_VALUES)))
        totals = [total for total in tag_totals(self.issue) if not asked or total.key in asked]
        return Response([tag_shape(total, top.get(total.key, [])) for total in totals])


class IssueTag(IssueView):
    """One tag of an issue."""

    scopes = {"GET": EVENT_READ}

    def get(self, request: Request, issue: str, key: str, organization: str = "") -> Response:
        total = next((total for total in tag_totals(self.issue) if total.key == key), None)
        if total is None:
            raise NotFound(NOT_FOUND)
        return Response(tag_shape(total, tag_values(self.issue, key, limit=TOP_VALUES)))


class IssueTagValues(IssueView):
    """The values of one tag of an issue, the most frequent first."""

    scopes = {"GET": EVENT_READ}

    def get(self, request: Request, issue: str, key: str, organization: str = "") -> Response:
        limit = limit_of(request, 100)
        offset = offset_of(request)
        found: list[TagShare] = tag_values(self.issue, key, offset=offset, limit=limit + 1)
        if not found and not offset and not any(total.key == key for total in tag_totals(self.issue)):
            raise NotFound(NOT_FOUND)
        return page_response(
            request,
            [tag_value_shape(share) for share in found[:limit]],
            previous=f"0:{max(0, offset - limit)}:1" if offset else None,
            next_=f"0:{offset + limit}:0" if len(found) > limit else None,
        )


class IssueActivities(IssueView):
    """What happened to an issue, the newest first."""

    scopes = {"GET": EVENT_READ}

    def get(self, request: Request, issue: str, organization: str = "") -> Response:
        activities = self.issue.activities.select_related("user").order_by("-created_at", "-id")
        response = offset_response(request, activities, lambda found: [activity_shape(one) for one in found])
        response.data = {"activity": response.data}
        return response


class NoteInput(serializers.Serializer[dict[str, str]]):
    text = serializers.CharField(
        allow_blank=True, trim_whitespace=False, help_text=f"At most {MAX_COMMENT:,} characters, and not only spaces."
    )


class IssueNotes(IssueView):
    """The comments on an issue, the newest first, and a new one."""

    scopes = {"GET": EVENT_READ, "POST": EVENT_WRITE}
    inputs = {"POST": NoteInput}

    def get(self, request: Request, issue: str, organization: str = "") -> Response:
        notes = self.issue.activities.filter(kind=ActivityKind.COMMENTED).select_related("user")
        return offset_response(
            request, notes.order_by("-created_at", "-id"), lambda found: [note_shape(note) for note in found]
        )

    def post(self, request: Request, issue: str, organization: str = "") -> Response:
        command = TriageCommand(comment=self.read(request)["text"])
        result = apply(command, [self.issue], self.issue.project.organization, Actor(self.me, self.now))
        note_ids = [
            id_ for each in result.results if isinstance(each.effect, Commented) for id_ in each.effect.note_ids
        ]
        return Response(note_shape(Activity.objects.select_related("user").get(pk__in=note_ids)), status=201)


class IssueNote(IssueView):
    """One comment: its author may change it or take it back."""

    scopes = {"PUT": EVENT_WRITE, "DELETE": EVENT_WRITE}
    inputs = {"PUT": NoteInput}

    def find(self, note: str) -> Activity:
        found = self.issue.activities.filter(kind=ActivityKind.COMMENTED, pk=number_in(note) or 0).first()
        if found is None:
            raise NotFound(NOT_FOUND)
        if found.user_id != self.me.pk:
            raise PermissionDenied
        return found

    def put(self, request: Request, issue: str, note: str, organization: str = "") -> Response:
        found = self.find(note)
        change_comment(found, self.read(request)["text"])
        return Response(note_shape(found))

    def delete(self, request: Request, issue: str, note: str, organization: str = "") -> Response:
        self.find(note).delete()
        return Response(status=204)


class IssueHashes(IssueView):
    """The keys by which events come to an issue, each with its newest event where that is among the issue's newest."""

    scopes = {"GET": EVENT_READ}

    def get(self, request: Request, issue: str, organization: str = "") -> Response:
        return offset_response(request, self.issue.keys.order_by("id"), self._shapes, limit=min(25, limit_of(request)))

    def _shapes(self, keys: list[GroupKey]) -> list[Shape]:
        latest = {id_: event_summary(event, self.issue) for id_, event in self._latest_events(keys).items()}
        return [{"id": bytes(key.digest).hex(), "kind": key.kind, "latestEvent": latest.get(key.pk)} for key in keys]

    def _latest_events(self, keys: list[GroupKey]) -> dict[int | None, Event]:
        """By key: two queries, however many keys and events there are."""
        events = Event.objects.filter(issue=self.issue).order_by("-occurred_at", "-id")
        newest_first = list(events.values_list("group_key_id", "id")[:MAX_EVENTS_SAMPLED])
        latest = dict(reversed(newest_first))
        wanted = [latest[key.pk] for key in keys if key.pk in latest]
        return {event.group_key_id: event for event in events.filter(pk__in=wanted).select_related("release")}


class ExternalIssues(IssueView):
    """Issues of other trackers that are linked to an issue: none are kept here."""

    scopes = {"GET": EVENT_READ}

    def get(self, request: Request, issue: str, organization: str = "") -> Response:
        return Response([])


class UserReports(ExternalIssues):
    """What users wrote about an issue's events: not kept here."""
