"""The front door: on to the issues, or to making what is missing."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from tracker.access import organizations_of
from web.htmx import PageRequest


@login_required
def home(request: PageRequest) -> HttpResponse:
    organization = organizations_of(request.user).order_by("name").first()
    if organization is None:
        return render(request, "no_organization.html")
    return redirect("issues", organization.slug)
