"""Addresses under /api/0/."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from web.api.unknown import answer_unknown

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("schema/page/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-page"),
    re_path(r"^(?P<rest>.*)$", answer_unknown),
]
