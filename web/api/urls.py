"""Addresses under /api/0/."""

from collections.abc import Sequence

from django.urls import URLPattern, path, re_path, register_converter
from django.urls.converters import StringConverter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from web.api.base import ApiView
from web.api.errors import unknown_address
from web.api.views import events, issue_parts, issues, organizations, projects, release_parts, releases


class VersionConverter(StringConverter):
    """A release's version, which may hold anything but a line break: `shop@1.0/beta+7`."""

    regex = r"[^\n]+?"


register_converter(VersionConverter, "version")

ORGANIZATION = "organizations/<str:organization>/"
PROJECT = "projects/<str:organization>/<str:project>/"
TEAM = "teams/<str:organization>/<str:team>/"
RELEASE = "releases/<version:version>/"

Parts = Sequence[tuple[str, type[ApiView]]]
"""What stands below an address, and the view that answers there."""

ORGANIZATION_PARTS: Parts = (
    ("", organizations.OrganizationDetail),
    ("members/", organizations.Members),
    ("teams/", organizations.Teams),
    ("projects/", projects.OrganizationProjectList),
    ("accounting/", organizations.Accounting),
    ("repos/", releases.Repositories),
    ("environments/", organizations.Environments),
    ("issues/", issues.OrganizationIssues),
    ("eventids/<str:event>/", events.EventById),
    ("releases/", releases.OrganizationReleases),
    (f"{RELEASE}commits/", release_parts.ReleaseCommits),
    (f"{RELEASE}previous-with-commits/", release_parts.PreviousWithCommits),
    (f"{RELEASE}deploys/", release_parts.Deploys),
    # Last, because a version may hold slashes.
    (RELEASE, releases.ReleaseDetail),
)
PROJECT_PARTS: Parts = (
    ("", projects.ProjectDetail),
    ("keys/", projects.Keys),
    ("keys/<str:key>/", projects.KeyDetail),
    ("issues/", issues.ProjectIssues),
    ("events/", events.ProjectEvents),
    ("events/<str:event>/", events.ProjectEvent),
    ("events/<str:event>/json/", events.ProjectEventJson),
    ("events/<str:event>/committers/", events.ProjectEventCommitters),
    ("events/<str:event>/grouping-info/", events.ProjectEventGroupingInfo),
    ("releases/", releases.ProjectReleases),
    (f"{RELEASE}commits/", release_parts.ProjectReleaseCommits),
    (f"{RELEASE}previous-with-commits/", release_parts.ProjectPreviousWithCommits),
    (f"{RELEASE}deploys/", release_parts.ProjectDeploys),
    (RELEASE, releases.ProjectReleaseDetail),
)
ISSUE_PARTS: Parts = (
    ("", issues.IssueDetail),
    ("events/", events.IssueEvents),
    ("events/<str:event>/", events.IssueEvent),
    ("events/<str:event>/json/", events.IssueEventJson),
    ("events/<str:event>/grouping-info/", events.IssueEventGroupingInfo),
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


def below(address: str, parts: Parts) -> list[URLPattern]:
    return [path(f"{address}{part}", view.as_view()) for part, view in parts]


urlpatterns = [
    path("", organizations.Root.as_view()),
    path("auth/", organizations.WhoAmI.as_view()),
    path("users/me/", organizations.Me.as_view()),
    path("users/me/regions/", organizations.Regions.as_view()),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("schema/page/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-page"),
    path("organizations/", organizations.Organizations.as_view()),
    *below(ORGANIZATION, ORGANIZATION_PARTS),
    path(TEAM, organizations.TeamDetail.as_view()),
    path(f"{TEAM}projects/", projects.TeamProjects.as_view()),
    path("projects/", projects.Projects.as_view()),
    *below(PROJECT, PROJECT_PARTS),
    *below("issues/<str:issue>/", ISSUE_PARTS),
    *below(f"{ORGANIZATION}issues/<str:issue>/", ISSUE_PARTS),
    re_path(r"^(?P<rest>(?s:.*))\Z", unknown_address),
]
