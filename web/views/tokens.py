"""API tokens: made here, shown once, revoked here."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from tracker.access import Power, has_power, membership_of, powers_of
from tracker.accounts import create_token
from tracker.models import ApiToken, Organization
from web.forms.organizations import TokenForm
from web.guards import organization_page
from web.htmx import PageRequest


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
        "tokens": _tokens_shown_to(request, organization),
    }
    return render(request, "settings/tokens.html", context)


def _tokens_shown_to(request: PageRequest, organization: Organization) -> list[ApiToken]:
    tokens = organization.api_tokens.select_related("user").order_by("-created_at")
    if not has_power(request.user, organization, Power.ADMINISTER):
        tokens = tokens.filter(user=request.user)
    return list(tokens[:200])


@organization_page
@require_POST
def token_revoke(request: PageRequest, organization: Organization, token_id: int) -> HttpResponse:
    tokens = ApiToken.objects.filter(organization=organization)
    if not has_power(request.user, organization, Power.ADMINISTER):
        tokens = tokens.filter(user=request.user)
    get_object_or_404(tokens, pk=token_id).delete()
    messages.success(request, "The token no longer works.")
    return redirect("token_list", organization.slug)
