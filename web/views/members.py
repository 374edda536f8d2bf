"""Members of an organization: roles, invitations by link, and links for lost passwords."""

from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.db.models import Value
from django.db.models.functions import Coalesce, Lower, NullIf
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST

from tracker.accounts.access import Power, may_reset_password
from tracker.accounts.people import AccountError, invite, password_reset_link, remove_member, set_role
from tracker.models import Invitation, Member, Organization
from web.forms.organizations import InvitationForm, RoleForm
from web.guards import organization_page
from web.responses import PageRequest, page_of

MAX_INVITATIONS_SHOWN = 200


def _show(
    request: PageRequest, organization: Organization, form: InvitationForm | None = None, **shown_once: object
) -> HttpResponse:
    shown_as = Coalesce(NullIf("user__name", Value("")), "user__email")
    members = organization.memberships.select_related("user").order_by(Lower(shown_as), "id")
    invitations = organization.invitations.filter(used_at__isnull=True, expires_at__gt=timezone.now())
    context = {
        "organization": organization,
        "form": form or InvitationForm(),
        "page": page_of(request, members),
        "invitations": invitations.select_related("created_by").order_by("-created_at")[:MAX_INVITATIONS_SHOWN],
        "roles": RoleForm().fields["role"].choices,  # type: ignore[attr-defined]
        **shown_once,
    }
    return render(request, "settings/members.html", context, status=422 if form and form.errors else 200)


@organization_page
def member_list(request: PageRequest, organization: Organization) -> HttpResponse:
    return _show(request, organization)


@organization_page(needs=Power.ADMINISTER)
@require_POST
def member_invite(request: PageRequest, organization: Organization) -> HttpResponse:
    """Creates a link and shows it once: only its hash is kept."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _show(request, organization, form)
    values = form.cleaned_data
    link = invite(organization, values["role"], by=request.user, now=timezone.now(), email=values["email"])
    mailed_to = _mail_invitation(request, organization, link, values["email"])
    return _show(
        request, organization, invitation_link=link, invited_role=values["role"], invitation_mailed_to=mailed_to
    )


def _mail_invitation(request: PageRequest, organization: Organization, link: str, email: str) -> str:
    """Send the link where an address was given and mail is sent; returns the address."""
    if not email or not settings.SENDS_MAIL:
        return ""
    context = {"organization": organization, "by": request.user, "link": link}
    subject = render_to_string("account/email/invitation_subject.txt", context)
    EmailMessage(
        " ".join(subject.split()), render_to_string("account/email/invitation_message.txt", context), to=[email]
    ).send()
    return email


@organization_page(needs=Power.ADMINISTER)
@require_POST
def member_change(request: PageRequest, organization: Organization, member_id: int) -> HttpResponse:
    """`action` is `role`, `remove` or `reset_password`."""
    member = get_object_or_404(Member.objects.select_related("user"), organization=organization, pk=member_id)
    action = request.POST.get("action")
    try:
        if action == "role":
            _change_role(request, member)
        elif action == "remove":
            remove_member(member)
            messages.success(request, f"{member.user} is no longer a member.")
            if member.user_id == request.user.pk:
                return redirect("/")
        elif action == "reset_password" and may_reset_password(request.user, member):
            return _show(request, organization, reset_link=password_reset_link(member.user), reset_user=member.user)
    except AccountError as error:
        messages.error(request, str(error))
    return redirect("member_list", organization.slug)


def _change_role(request: PageRequest, member: Member) -> None:
    form = RoleForm(request.POST)
    if form.is_valid():
        set_role(member, form.cleaned_data["role"])
        messages.success(request, f"{member.user} is {member.get_role_display().lower()} now.")


@organization_page(needs=Power.ADMINISTER)
@require_POST
def invitation_withdraw(request: PageRequest, organization: Organization, invitation_id: int) -> HttpResponse:
    get_object_or_404(Invitation, organization=organization, pk=invitation_id, used_at__isnull=True).delete()
    messages.success(request, "The link no longer works.")
    return redirect("member_list", organization.slug)
