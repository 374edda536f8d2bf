"""One's own account."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from tracker.models import Member, User
from web.forms.accounts import ProfileForm
from web.htmx import PageRequest


@login_required
def profile(request: PageRequest) -> HttpResponse:
    """Name and address, and the organizations one belongs to."""
    # A form over `request.user` itself would show a refused name in the page's frame.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("profile")
    memberships = Member.objects.filter(user=request.user).select_related("organization").order_by("organization__name")
    context = {"form": form, "memberships": memberships, "account_tab": "profile"}
    return render(request, "account/profile.html", context)
