"""Releases of an organization's projects."""

from django.urls import path

import web.addresses  # noqa: F401  (registers escaped_version)
from web.views import releases

urlpatterns = [
    path("o/<slug:organization_slug>/releases/", releases.release_list, name="releases"),
    path("o/<slug:organization_slug>/releases/new/", releases.release_new, name="release-new"),
    path(
        "o/<slug:organization_slug>/<slug:project_slug>/releases/<escaped_version:version>/",
        releases.release,
        name="release",
    ),
]
