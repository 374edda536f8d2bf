"""Forms about a person: the first account, and one's own."""

from allauth.account.models import EmailAddress
from django import forms

from tracker.models import User


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
