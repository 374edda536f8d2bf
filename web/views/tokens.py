"""API tokens: made here, shown once, revoked here."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from tracker.access import Power, has_power, membership_of, powers_of
from tracker.accounts import create_token
from tracker.models import ApiToken, Organization
from web.forms.organizations import TokenForm
from web.guards import organization_page
from web.htmx import PageRequest
from web.paging import page_of


@organization_page
def token_list(request: PageRequest, organization: Organization) -> HttpResponse:
    """One's own tokens, or everybody's for whoever administers the organization; POST makes one."""
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
