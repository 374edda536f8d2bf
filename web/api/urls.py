"""Addresses under /api/0/."""

from django.urls import URLPattern, path, re_path, register_converter
from django.urls.converters import StringConverter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from web.api.unknown import answer_unknown
from web.api.views import (
    accounting,
    events,
    grouping,
    issue_parts,
    issues,
    keys,
    organizations,
    projects,
    releases,
    root,
)


class VersionConverter(StringConverter):
    """A release's version, which may hold anything but a line break: `shop@1.0/beta+7`."""

    regex = r"[^\n]+?"


register_converter(VersionConverter, "version")

ORGANIZATION = "organizations/<str:organization>/"
PROJECT = "projects/<str:organization>/<str:project>/"
ISSUE_PARTS = (
    ("", issues.IssueDetail),
    ("events/", events.IssueEvents),
    ("events/<str:event>/", events.IssueEvent),
    ("events/<str:event>/json/", events.IssueEventJson),
    ("events/<str:event>/grouping-info/", grouping.IssueEventGroupingInfo),
    ("tags/", issue_parts.IssueTags),
    ("tags/<str:key>/", issue_parts.IssueTag),
    ("tags/<str:key>/values/", issue_parts.IssueTagValues),
    ("activities/", issue_parts.IssueActivities),
    ("notes/", issue_parts.IssueNotes),
    ("notes/<str:note>/", issue_parts.IssueNote),
    ("comments/", issue_parts.IssueNotes),
    ("comments/<str:note>/", issue_parts.IssueNote),
    ("hashes/", issue_parts.IssueHashes),
    ("external-issues/", issue_parts.ExternalIssues),
    ("user-reports/", issue_parts.UserReports),
)
RELEASE_PARTS = (
    ("commits/", releases.ReleaseCommits, releases.ProjectReleaseCommits),
    ("previous-with-commits/", releases.PreviousWithCommits, releases.ProjectPreviousWithCommits),
    ("deploys/", releases.Deploys, releases.ProjectDeploys),
    # Last, because a version may hold slashes.
    ("", releases.ReleaseDetail, releases.ProjectReleaseDetail),
)


def issue_urls(prefix: str) -> list[URLPattern]:
    return [path(f"{prefix}<str:issue>/{part}", view.as_view()) for part, view in ISSUE_PARTS]


def release_urls() -> list[URLPattern]:
    of_organization = [
        path(f"{ORGANIZATION}releases/<version:version>/{part}", view.as_view()) for part, view, _ in RELEASE_PARTS
    ]
    return of_organization + [
        path(f"{PROJECT}releases/<version:version>/{part}", view.as_view()) for part, _, view in RELEASE_PARTS
    ]


urlpatterns = [
    path("", root.Root.as_view()),
    path("auth/", root.WhoAmI.as_view()),
    path("users/me/", root.Me.as_view()),
    path("users/me/regions/", root.Regions.as_view()),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("schema/page/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-page"),
    path("organizations/", organizations.Organizations.as_view()),
    path(ORGANIZATION, organizations.OrganizationDetail.as_view()),
    path(f"{ORGANIZATION}members/", organizations.Members.as_view()),
    path(f"{ORGANIZATION}teams/", organizations.Teams.as_view()),
    path(f"{ORGANIZATION}projects/", projects.OrganizationProjectList.as_view()),
    path(f"{ORGANIZATION}accounting/", accounting.Accounting.as_view()),
    path(f"{ORGANIZATION}repos/", releases.Repositories.as_view()),
    path(f"{ORGANIZATION}environments/", organizations.Environments.as_view()),
    path(f"{ORGANIZATION}issues/", issues.OrganizationIssues.as_view()),
    path(f"{ORGANIZATION}eventids/<str:event>/", events.EventById.as_view()),
    path(f"{ORGANIZATION}releases/", releases.OrganizationReleases.as_view()),
    path("teams/<str:organization>/<str:team>/", organizations.TeamDetail.as_view()),
    path("teams/<str:organization>/<str:team>/projects/", projects.TeamProjects.as_view()),
    path("projects/", projects.Projects.as_view()),
    path(PROJECT, projects.ProjectDetail.as_view()),
    path(f"{PROJECT}keys/", keys.Keys.as_view()),
    path(f"{PROJECT}keys/<str:key>/", keys.KeyDetail.as_view()),
    path(f"{PROJECT}issues/", issues.ProjectIssues.as_view()),
    path(f"{PROJECT}events/", events.ProjectEvents.as_view()),
    path(f"{PROJECT}events/<str:event>/", events.ProjectEvent.as_view()),
    path(f"{PROJECT}events/<str:event>/json/", events.ProjectEventJson.as_view()),
    path(f"{PROJECT}events/<str:event>/committers/", events.ProjectEventCommitters.as_view()),
    path(f"{PROJECT}events/<str:event>/grouping-info/", grouping.ProjectEventGroupingInfo.as_view()),
    path(f"{PROJECT}releases/", releases.ProjectReleases.as_view()),
    *issue_urls("issues/"),
    *issue_urls(f"{ORGANIZATION}issues/"),
    *release_urls(),
    re_path(r"^(?P<rest>(?s:.*))\Z", answer_unknown),
]
