"""Settings of an organization and of a project, and the administration of the installation."""

from django.urls import include, path

from web.views import administration, grouping, keys, members, project_settings, settings, tokens

organization = [
    path("", settings.organization_settings, name="organization_settings"),
    path("delete/", settings.organization_delete, name="organization_delete"),
    path("members/", members.member_list, name="member_list"),
    path("members/invite/", members.member_invite, name="member_invite"),
    path("members/<int:member_id>/", members.member_change, name="member_change"),
    path("members/invitations/<int:invitation_id>/", members.invitation_withdraw, name="invitation_withdraw"),
    path("tokens/", tokens.token_list, name="token_list"),
    path("tokens/<int:token_id>/", tokens.token_revoke, name="token_revoke"),
]

project = [
    path("", project_settings.project_settings, name="project_settings"),
    path("keys/", keys.key_list, name="key_list"),
    path("keys/<int:key_id>/", keys.key_change, name="key_change"),
    path("storage/", project_settings.project_storage, name="project_storage"),
    path("grouping/", grouping.grouping_rules, name="grouping_rules"),
    path("grouping/preview/", grouping.grouping_preview, name="grouping_preview"),
    path("delete/", project_settings.project_delete, name="project_delete"),
]

administer = [
    path("", administration.health, name="administration"),
    path("set-aside/", administration.set_aside_list, name="set_aside_list"),
    path("set-aside/<int:entry_id>/", administration.set_aside_change, name="set_aside_change"),
    path("jobs/", administration.job_list, name="job_list"),
    path("jobs/<int:job_id>/", administration.job_change, name="job_change"),
    path("accounting/", administration.accounting, name="accounting"),
    path("organizations/", administration.organization_list, name="organization_list"),
    path("users/", administration.user_list, name="user_list"),
    path("users/<int:user_id>/", administration.user_change, name="user_change"),
]

urlpatterns = [
    path("o/<slug:organization_slug>/settings/", include(organization)),
    path("o/<slug:organization_slug>/<slug:project_slug>/settings/", include(project)),
    path("administration/", include(administer)),
]
