"""Every page's address, by room."""

from django.urls import include, path

from web.views.home import home
from web.views.theme import choose_theme

urlpatterns = [
    path("", home, name="home"),
    path("theme/", choose_theme, name="theme"),
    path("", include("web.urls_grouping")),
    path("", include("web.urls_issues")),
    path("", include("web.urls_projects")),
    path("", include("web.urls_settings")),
    path("", include("web.urls_releases")),
    path("", include("web.api.page_redirects")),
]
