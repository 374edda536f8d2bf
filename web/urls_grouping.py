"""Addresses of what compares issues: near-duplicates of one, two side by side."""

from django.urls import path

from web.views import compare, near

ISSUES = "o/<slug:organization_slug>/issues/"

urlpatterns = [
    path(ISSUES + "compare/", compare.compare_issues, name="compare"),
    path(ISSUES + "<slug:short_id>/near/", near.near_issues, name="near"),
]
