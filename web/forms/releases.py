"""Forms about releases and deploys."""

from collections.abc import Iterable

from django import forms

from tracker.models import Project
from tracker.releases.registry import check_version


class NewReleaseForm(forms.Form):
    project = forms.ChoiceField()
    version = forms.CharField(
        max_length=250,
        help_text="As your SDK reports it.",
        widget=forms.TextInput(attrs={"placeholder": "shop@1.4.2", "autocomplete": "off", "spellcheck": "false"}),
    )
    url = forms.URLField(
        required=False, max_length=500, label="Link", assume_scheme="https", help_text="To the changelog or the build."
    )
    ref = forms.CharField(
        required=False, max_length=250, label="Commit", widget=forms.TextInput(attrs={"class": "mono"})
    )
    is_finalized = forms.BooleanField(required=False, label="Released: set its release date to now", initial=True)

    def __init__(self, *args: object, projects: Iterable[Project], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        project = self.fields["project"]
        assert isinstance(project, forms.ChoiceField)
        project.choices = [(one.slug, one.name) for one in projects]

    def clean_version(self) -> str:
        try:
            return check_version(str(self.cleaned_data["version"]))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class DeployForm(forms.Form):
    environment = forms.CharField(
        max_length=64, initial="production", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(required=False, max_length=200, label="Name")
    url = forms.URLField(required=False, max_length=500, label="Link", assume_scheme="https")

    def clean_environment(self) -> str:
        environment = str(self.cleaned_data["environment"])
        if not environment.isprintable():
            raise forms.ValidationError("An environment's name has no control characters.")
        return environment
