"""Settings of the organization itself."""

from django.conf import settings as django_settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from tracker.access import Power
from tracker.deletion import hand_over_organization
from tracker.models import Organization
from web.forms.deletion import DeletionForm
from web.forms.organizations import OrganizationForm
from web.guards import organization_page, require
from web.htmx import PageRequest


@organization_page
def organization_settings(request: PageRequest, organization: Organization) -> HttpResponse:
    form = OrganizationForm(request.POST or None, instance=Organization.objects.get(pk=organization.pk))
    if request.method == "POST":
        require(request, organization, Power.ADMINISTER)
        if form.is_valid():
            saved = form.save()
            messages.success(request, "Saved.")
            return redirect("organization_settings", saved.slug)
    context = {"form": form, "organization": organization, "base_url": django_settings.BASE_URL}
    return render(request, "settings/organization.html", context)


@organization_page(needs=Power.ADMINISTER)
def organization_delete(request: PageRequest, organization: Organization) -> HttpResponse:
    """In a worker: an organization may hold millions of events."""
    form = DeletionForm(request.POST or None, slug=organization.slug)
    projects = list(organization.projects.all())
    if request.method == "POST" and form.is_valid():
        messages.success(request, hand_over_organization(organization))
        return redirect("/")
    context = {"form": form, "organization": organization, "projects": projects}
    return render(request, "settings/delete_organization.html", context)
