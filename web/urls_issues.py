"""Addresses of issues and their events."""

from django.urls import path

from web.views import events, issues, triage, why

ISSUES = "o/<slug:organization_slug>/issues/"
ISSUE = ISSUES + "<slug:short_id>/"

urlpatterns = [
    path(ISSUES, issues.issue_list, name="issues"),
    path(ISSUES + "triage/", triage.triage, name="triage"),
    path(ISSUES + "undo/", triage.undo_triage, name="undo-triage"),
    path(ISSUE, issues.issue_detail, name="issue"),
    path(ISSUE + "comment/", triage.comment_on_issue, name="comment"),
    path(ISSUE + "events/", events.event_list, name="issue-events"),
    path(ISSUE + "events/<slug:event_id>/", issues.issue_detail, name="event"),
    path(ISSUE + "events/<slug:event_id>/json/", events.event_json, name="event-json"),
    path(ISSUE + "events/<slug:event_id>/grouping/", why.event_grouping, name="event-grouping"),
]
