"""Every page's address, by what it is about."""

from urllib.parse import unquote

from allauth.account import views as account
from django.urls import include, path, re_path, register_converter
from django.urls.converters import StringConverter
from django.views.generic import RedirectView

from web.views import (
    accounts,
    administration,
    deliveries,
    events,
    grouping_rules,
    issues,
    members,
    organizations,
    project_settings,
    projects,
    releases,
    similar,
    triage,
)
from web.views.site import choose_theme, home


class VersionConverter(StringConverter):
    """Links escape slashes, and a name of dots alone, once more than addresses are (`%252F`).

    Browsers and proxies read `a/../b` and `a//b` as other addresses. Slashes that stand as they are are understood too.
    """

    regex = r"(?s:.+)"

    def to_python(self, value: str) -> str:
        return unquote(value)

    def to_url(self, value: str) -> str:
        escaped = value.replace("%", "%25").replace("/", "%2F")
        return escaped.replace(".", "%2E") if value in (".", "..") else escaped


register_converter(VersionConverter, "escaped_version")


account_patterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("2fa/", include("allauth.mfa.urls")),
    path("", accounts.profile, name="profile"),
    path("email/", accounts.address, name="account_email"),
    # django-allauth's sign-in page names it.
    path("signup/", RedirectView.as_view(pattern_name="account_login"), name="account_signup"),
]


ISSUES = "o/<slug:organization_slug>/issues/"
ISSUE = ISSUES + "<slug:short_id>/"

issue_patterns = [
    path(ISSUES, issues.issue_list, name="issues"),
    path(ISSUES + "triage/", triage.triage, name="triage"),
    path(ISSUES + "undo/", triage.undo_triage, name="undo-triage"),
    path(ISSUE, issues.issue_detail, name="issue"),
    path(ISSUE + "comment/", triage.comment_on_issue, name="comment"),
    path(ISSUE + "events/", events.event_list, name="issue-events"),
    path(ISSUE + "events/<slug:event_id>/", issues.issue_detail, name="event"),
    path(ISSUE + "events/<slug:event_id>/json/", events.event_json, name="event-json"),
    path(ISSUE + "events/<slug:event_id>/grouping/", events.event_grouping, name="event-grouping"),
]


grouping_patterns = [
    path(ISSUES + "compare/", similar.compare_issues, name="compare"),
    path(ISSUES + "<slug:short_id>/similar/", similar.similar_issues, name="similar"),
]


project_patterns = [
    path("welcome/<str:token>/", accounts.welcome, name="welcome"),
    path("o/<slug:organization_slug>/projects/", projects.project_list, name="project_list"),
    path("o/<slug:organization_slug>/projects/new/", projects.project_new, name="project_new"),
    path("o/<slug:organization_slug>/<slug:project_slug>/start/", projects.project_start, name="project_start"),
    path(
        "o/<slug:organization_slug>/<slug:project_slug>/start/waiting/",
        projects.project_waiting,
        name="project_waiting",
    ),
]


release_patterns = [
    path("o/<slug:organization_slug>/releases/", releases.release_list, name="releases"),
    path("o/<slug:organization_slug>/releases/new/", releases.release_new, name="release-new"),
    path(
        "o/<slug:organization_slug>/<slug:project_slug>/releases/<escaped_version:version>/",
        releases.release,
        name="release",
    ),
]


organization = [
    path("", organizations.organization_settings, name="organization_settings"),
    path("delete/", organizations.organization_delete, name="organization_delete"),
    path("members/", members.member_list, name="member_list"),
    path("members/invite/", members.member_invite, name="member_invite"),
    path("members/<int:member_id>/", members.member_change, name="member_change"),
    path("members/invitations/<int:invitation_id>/", members.invitation_withdraw, name="invitation_withdraw"),
    path("tokens/", organizations.token_list, name="token_list"),
    path("tokens/<int:token_id>/", organizations.token_revoke, name="token_revoke"),
]

project = [
    path("", project_settings.project_settings, name="project_settings"),
    path("keys/", project_settings.key_list, name="key_list"),
    path("keys/<int:key_id>/", project_settings.key_change, name="key_change"),
    path("storage/", project_settings.project_storage, name="project_storage"),
    path("grouping/", grouping_rules.grouping_rules, name="grouping_rules"),
    path("grouping/preview/", grouping_rules.grouping_preview, name="grouping_preview"),
    path("delete/", project_settings.project_delete, name="project_delete"),
]

administer = [
    path("", administration.health, name="administration"),
    path("dead-letters/", administration.dead_letter_list, name="dead_letter_list"),
    path("dead-letters/<int:entry_id>/", administration.dead_letter_change, name="dead_letter_change"),
    path("jobs/", administration.job_list, name="job_list"),
    path("jobs/<int:job_id>/", administration.job_change, name="job_change"),
    path("deliveries/", deliveries.delivery_list, name="delivery_list"),
    path("deliveries/<uuid:message_id>/", deliveries.delivery_send_again, name="delivery_send_again"),
    path("notices/", deliveries.notice_list, name="notice_list"),
    path("notices/read/", deliveries.notice_read, name="notice_read"),
    path("accounting/", administration.accounting, name="accounting"),
    path("organizations/", administration.organization_list, name="organization_list"),
    path("users/", administration.user_list, name="user_list"),
    path("users/<int:user_id>/", administration.user_change, name="user_change"),
]

settings_patterns = [
    path("o/<slug:organization_slug>/settings/", include(organization)),
    path("o/<slug:organization_slug>/<slug:project_slug>/settings/", include(project)),
    path("administration/", include(administer)),
]


urlpatterns = [
    path("", home, name="home"),
    path("theme/", choose_theme, name="theme"),
    path("accounts/", include(account_patterns)),
    *grouping_patterns,
    *issue_patterns,
    *release_patterns,
    *project_patterns,
    *settings_patterns,
    path("", include("web.api.page_redirects")),
]
