"""The URL table. SDKs' addresses are not here: `ingest.endpoint` answers them before Django is asked."""

from django.urls import include, path

urlpatterns = [
    path("api/0/", include("web.api.urls")),
    path("", include("web.urls")),
]

handler404 = "web.views.site.not_found"
handler500 = "web.views.site.server_error"
