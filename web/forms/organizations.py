"""Forms about an organization, its members and its tokens."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django import forms
from django.core.exceptions import ValidationError

from tracker.accounts.access import SCOPES, Power
from tracker.models import Organization, Role, User


class WelcomeForm(forms.Form):
    """The account of somebody who holds an invitation."""

    name = forms.CharField(max_length=100, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(max_length=254, label="Email", widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        max_length=200,
        label="Password",
        strip=False,
        help_text="At least 8 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": 8}),
    )


class FirstRunForm(WelcomeForm):
    """The owner's account, with the first organization."""

    organization = forms.CharField(
        max_length=100,
        label="Organization",
        help_text="Your company or team. Projects and people belong to it; it can be renamed.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    field_order = ["organization", "name", "email", "password"]


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ["name"]


class AddressForm(forms.ModelForm):  # type: ignore[type-arg]
    """The address that one signs in with."""

    class Meta:
        model = User
        fields = ["email"]
        labels = {"email": "Email"}

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit)
        # django-allauth remembers addresses of its own; an old one must not open the account any longer.
        EmailAddress.objects.filter(user=user).delete()
        return user


ROLE_SENTENCES = {
    Role.OWNER: "Owner: everything, people and tokens included",
    Role.ADMIN: "Admin: projects, keys and rules",
    Role.MEMBER: "Member: resolves, archives and assigns issues",
    Role.VIEWER: "Viewer: looks and changes nothing",
}
ROLE_CHOICES = [(role.value, sentence) for role, sentence in ROLE_SENTENCES.items()]

SCOPE_SENTENCES = {
    "org:read": "Read the organization",
    "org:write": "Change the organization",
    "org:admin": "Administer the organization",
    "org:ci": "Releases and source maps from a build (sentry-cli)",
    "project:read": "Read projects",
    "project:write": "Change projects",
    "project:admin": "Create and delete projects",
    "project:releases": "Create releases and deploys",
    "team:read": "Read teams",
    "team:write": "Change teams",
    "team:admin": "Administer teams",
    "event:read": "Read issues and events",
    "event:write": "Resolve, archive and assign issues",
    "event:admin": "Delete issues",
    "member:read": "Read members",
    "member:write": "Invite members",
    "member:admin": "Remove members",
}
USUAL_SCOPES = ("org:read", "project:read", "project:releases", "event:read")


class OrganizationForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Organization
        fields = ["name", "slug"]
        help_texts = {"slug": "The part of addresses that names the organization. Old links stop working."}

    def clean_slug(self) -> str:
        return _no_digits_alone(str(self.cleaned_data["slug"]).lower())


class NewOrganizationForm(forms.Form):
    name = forms.CharField(max_length=100)


class InvitationForm(forms.Form):
    role = forms.ChoiceField(choices=ROLE_CHOICES, initial=Role.MEMBER)
    email = forms.EmailField(
        required=False,
        max_length=254,
        label="Email",
        help_text="Only to remember whom the link is for: nothing is sent.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=[(role.value, role.label) for role in Role])


class TokenForm(forms.Form):
    """A new token; its scopes are those that the person's own powers allow."""

    name = forms.CharField(
        max_length=100, help_text="What will use it.", widget=forms.TextInput(attrs={"placeholder": "Deploys from CI"})
    )
    scopes = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, error_messages={"required": "Choose what the token may do."}
    )

    def __init__(self, *args: object, powers: Iterable[Power], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        allowed = set(powers)
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.MultipleChoiceField)
        scopes.choices = [
            (scope, sentence) for scope, sentence in SCOPE_SENTENCES.items() if SCOPES.get(scope) in allowed
        ]
        scopes.initial = [scope for scope, _ in scopes.choices if scope in USUAL_SCOPES]


def _no_digits_alone(slug: str) -> str:
    """The API takes a slug and a numeric id in the same place, so that a slug must not look like an id."""
    if slug.isdigit():
        raise ValidationError("Use at least one letter.")
    return slug
