"""One's own account: the name, and the address one signs in with."""

from typing import cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tracker.models import Member, User
from web.forms.accounts import AddressForm, ProfileForm
from web.paging import page_of


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
    """Asks for the password again: whoever sets the address can set the password by mail."""
    form = AddressForm(request.POST or None, instance=_own_account(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "You sign in with your new address from now on.")
        return redirect("profile")
    return render(request, "account/address.html", {"form": form, "account_tab": "profile"})


def _own_account(request: HttpRequest) -> User:
    """A copy of the account for a form to write on, so that a refused value does not show in the page's frame."""
    return User.objects.get(pk=cast(User, request.user).pk)
