"""The URL table. SDKs' addresses are not here: `ingest.door` answers them before Django is asked."""

from django.urls import include, path

urlpatterns = [
    path("api/0/", include("web.api.urls")),
    path("accounts/", include("web.accounts_urls")),
    path("", include("web.urls")),
]

handler404 = "web.views.errors.not_found"
handler500 = "web.views.errors.server_error"
