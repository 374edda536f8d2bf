"""API tokens: created here, shown once, revoked here."""

from django.conf import settings as django_settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from tracker.accounts.access import Power, has_power, membership_of, powers_of
from tracker.accounts.people import create_token
from tracker.issues.deletion import queue_organization_deletion
from tracker.models import ApiToken, Organization
from web.forms.organizations import OrganizationForm, TokenForm
from web.forms.projects import DeletionForm
from web.guards import organization_page, require
from web.responses import PageRequest, page_of


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
        messages.success(request, queue_organization_deletion(organization))
        return redirect("/")
    context = {"form": form, "organization": organization, "projects": projects}
    return render(request, "settings/delete_organization.html", context)


@organization_page
def token_list(request: PageRequest, organization: Organization) -> HttpResponse:
    """One's own tokens, or everybody's for those who administer the organization; POST makes one."""
    member = membership_of(request.user, organization)
    powers = powers_of(member) if member else ()
    form = TokenForm(request.POST or None, powers=powers)
    text = ""
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        _, text = create_token(request.user, values["scopes"], organization=organization, name=values["name"])
        form = TokenForm(powers=powers)
    context = {
        "organization": organization,
        "form": form,
        "new_token": text,
        "page": page_of(request, _tokens_shown_to(request, organization)),
    }
    return render(request, "settings/tokens.html", context)


def _tokens_shown_to(request: PageRequest, organization: Organization) -> QuerySet[ApiToken]:
    tokens = organization.api_tokens.select_related("user").order_by("-created_at", "-id")
    if not has_power(request.user, organization, Power.ADMINISTER):
        tokens = tokens.filter(user=request.user)
    return tokens


@organization_page
@require_POST
def token_revoke(request: PageRequest, organization: Organization, token_id: int) -> HttpResponse:
    get_object_or_404(_tokens_shown_to(request, organization), pk=token_id).delete()
    messages.success(request, "The token no longer works.")
    return redirect("token_list", organization.slug)
