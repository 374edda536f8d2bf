"""First run, projects, and what gets a project its first event."""

from django.urls import path

from web.views import projects, welcome

urlpatterns = [
    path("welcome/<str:token>/", welcome.welcome, name="welcome"),
    path("o/<slug:organization_slug>/projects/", projects.project_list, name="project_list"),
    path("o/<slug:organization_slug>/projects/new/", projects.project_new, name="project_new"),
    path("o/<slug:organization_slug>/<slug:project_slug>/start/", projects.project_start, name="project_start"),
    path(
        "o/<slug:organization_slug>/<slug:project_slug>/start/waiting/",
        projects.project_waiting,
        name="project_waiting",
    ),
]
