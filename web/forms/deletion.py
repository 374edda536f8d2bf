"""What cannot be taken back is confirmed by typing its name."""

from django import forms
from django.core.exceptions import ValidationError


class DeletionForm(forms.Form):
    """Typing the slug confirms."""

    confirmation = forms.CharField(
        label="Type the slug", widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )

    def __init__(self, *args: object, slug: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.slug = slug

    def clean_confirmation(self) -> str:
        typed = str(self.cleaned_data["confirmation"]).strip()
        if typed != self.slug:
            raise ValidationError(f"This is not “{self.slug}”.")
        return typed
