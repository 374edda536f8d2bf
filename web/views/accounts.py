"""One's own account: the name, and the address one signs in with."""

from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from tracker.accounts.people import AccountError, accept_invitation, join, open_invitation
from tracker.models import Invitation, Member, User
from web.forms.organizations import AddressForm, FirstRunForm, ProfileForm, WelcomeForm
from web.responses import page_of


@never_cache
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Make an account and sign in; somebody who is signed in already joins with the account they have."""
    invitation = open_invitation(token)
    if invitation is None:
        return render(request, "welcome/closed.html", status=404)
    if request.user.is_authenticated:
        return _join(request, token, invitation)
    form = _form_for(request, invitation)
    if request.method == "POST" and form.is_valid():
        user = _accept(token, form)
        if user is not None:
            get_adapter().login(request, user)
            return _first_page(user)
    return render(request, "welcome/welcome.html", {"form": form, "invitation": invitation})


def _form_for(request: HttpRequest, invitation: Invitation) -> WelcomeForm:
    form = WelcomeForm if invitation.organization else FirstRunForm
    return form(request.POST if request.method == "POST" else None, initial={"email": invitation.email})


def _accept(token: str, form: WelcomeForm) -> User | None:
    values = form.cleaned_data
    try:
        return accept_invitation(
            token,
            values["email"],
            values["name"],
            values["password"],
            organization_name=values.get("organization", ""),
        )
    except ValidationError as error:
        form.add_error("password", error)
    except AccountError as error:
        form.add_error("email", str(error))
    return None


def _join(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    if request.method == "POST":
        try:
            organization = join(token, cast(User, request.user), now=timezone.now())
        except AccountError as error:
            messages.error(request, str(error))
            return redirect("/")
        messages.success(request, f"You are a member of {organization.name}.")
        return redirect("project_list", organization.slug)
    return render(request, "welcome/join.html", {"invitation": invitation})


def _first_page(user: User) -> HttpResponse:
    organization = user.organizations.order_by("id").first()
    if organization is None:
        return redirect("/")
    if organization.projects.exists():
        return redirect("/")
    return redirect("project_new", organization.slug)


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """The name, and the organizations one belongs to."""
    user = _own_account(request)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("profile")
    memberships = Member.objects.filter(user=user).select_related("organization").order_by("organization__name", "id")
    context = {"form": form, "page": page_of(request, memberships), "account_tab": "profile"}
    return render(request, "account/profile.html", context)


@login_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def address(request: HttpRequest) -> HttpResponse:
    """Asks for the password again: the one who sets the address can set the password by mail."""
    form = AddressForm(request.POST or None, instance=_own_account(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "You sign in with your new address from now on.")
        return redirect("profile")
    return render(request, "account/address.html", {"form": form, "account_tab": "profile"})


def _own_account(request: HttpRequest) -> User:
    """A copy of the account for a form to write on, so that a refused value does not show in the page's frame."""
    return User.objects.get(pk=cast(User, request.user).pk)
