"""Forms about a project: the new one, and its settings."""

from django import forms
from django.core.exceptions import ValidationError

from grouping.rules import RuleError, parse_rules
from tracker.models import Project, ProjectKey
from tracker.projects.registry import RESERVED_SLUGS
from web.snippets import PLATFORMS


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


MAX_RULE_TEXT = 100_000
SHORTEST_RETENTION_DAYS, MAX_RETENTION_DAYS = 1, 3650
MAX_EVENTS = 1_000_000_000
LIMITED_CATEGORIES = {
    "error": "Errors and messages",
    "security": "Browser security reports",
    "session": "Sessions",
    "transaction": "Transactions",
    "log_item": "Logs",
    "attachment": "Attachments",
    "feedback": "User feedback",
}
WINDOWS = [(60, "a minute"), (3600, "an hour"), (86400, "a day")]


class NewProjectForm(forms.Form):
    name = forms.CharField(max_length=100, widget=forms.TextInput(attrs={"placeholder": "Shop", "autocomplete": "off"}))
    platform = forms.ChoiceField(
        choices=[(platform.slug, platform.name) for platform in PLATFORMS],
        error_messages={"required": "Choose the platform, so that the next page shows the right code."},
    )


class OfProject(forms.ModelForm):  # type: ignore[type-arg]
    """Writes the columns of its own fields and no others: a project's counters move while a form is open."""

    def save(self, commit: bool = True) -> Project:
        project: Project = super().save(commit=False)
        project.save(update_fields=list(self.fields))
        return project


class ProjectForm(OfProject):
    class Meta:
        model = Project
        fields = ["name", "slug"]
        help_texts = {
            "slug": "Names the project in addresses and short ids. DSNs stay as they are; old links stop working.",
        }

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).lower()
        if slug.isdigit():
            raise ValidationError("Use at least one letter.")
        if slug in RESERVED_SLUGS:
            raise ValidationError(f"“{slug}” is the name of a page: choose another.")
        twins = Project.objects.filter(organization_id=self.instance.organization_id, slug=slug)
        if twins.exclude(pk=self.instance.pk).exists():
            raise ValidationError("Another project has this slug.")
        return slug


class KeyForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = ProjectKey
        fields = ["label"]
        widgets = {"label": forms.TextInput(attrs={"placeholder": "Mobile app", "autocomplete": "off"})}


class RateLimitForm(forms.Form):
    """At most so many items of a category in a window; an empty limit lifts it."""

    category = forms.ChoiceField(choices=list(LIMITED_CATEGORIES.items()))
    limit = forms.IntegerField(required=False, min_value=0, max_value=2_000_000_000, label="At most")
    window_seconds = forms.TypedChoiceField(choices=WINDOWS, coerce=int, label="in")


class RetentionForm(OfProject):
    retention_days = forms.IntegerField(
        min_value=SHORTEST_RETENTION_DAYS,
        max_value=MAX_RETENTION_DAYS,
        label="Days",
        help_text="Events older than this are removed. Issues and their counts stay.",
    )
    retention_events = forms.IntegerField(
        min_value=1,
        max_value=MAX_EVENTS,
        label="Events",
        help_text="Above this number, the oldest events are removed first; each issue keeps its newest ones longest.",
    )

    spike_events_per_hour = forms.IntegerField(
        min_value=0,
        max_value=MAX_EVENTS,
        label="Events of one issue in an hour",
        help_text="Beyond this, a runaway issue keeps its exact count, and one event in a hundred is stored. "
        "0 stores all of them.",
    )

    class Meta:
        model = Project
        fields = ["retention_days", "retention_events", "spike_events_per_hour"]


class ScrubbingForm(OfProject):
    scrub_fields = forms.CharField(
        required=False,
        label="Fields",
        max_length=10_000,
        help_text="One name per line, such as iban. A field with it in its name is not kept, wherever it stands.",
        widget=forms.Textarea(attrs={"rows": 6, "class": "mono", "spellcheck": "false"}),
    )
    scrub_ip_addresses = forms.BooleanField(required=False, label="Keep no IP addresses")

    class Meta:
        model = Project
        fields = ["scrub_fields", "scrub_ip_addresses"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.initial["scrub_fields"] = "\n".join(self.instance.scrub_fields)

    def clean_scrub_fields(self) -> list[str]:
        lines = (line.strip() for line in str(self.cleaned_data["scrub_fields"]).splitlines())
        names = list(dict.fromkeys(line for line in lines if line))
        if too_long := next((name for name in names if len(name) > 100), None):
            raise ValidationError(f"“{too_long[:30]}…” is longer than 100 characters.")
        return names


class GroupingRulesForm(forms.Form):
    fingerprint_rules = forms.CharField(
        required=False,
        max_length=MAX_RULE_TEXT,
        label="Fingerprint rules",
        widget=forms.Textarea(attrs={"rows": 8, "class": "mono", "spellcheck": "false"}),
    )
    stacktrace_rules = forms.CharField(
        required=False,
        max_length=MAX_RULE_TEXT,
        label="Stack-trace rules",
        widget=forms.Textarea(attrs={"rows": 8, "class": "mono", "spellcheck": "false"}),
    )

    splits_existing_issues = forms.BooleanField(
        required=False,
        label="Split existing issues",
        help_text="Events that these rules tell apart leave their issue from now on. Without it, issues stay whole.",
    )

    def clean_fingerprint_rules(self) -> str:
        return self._compiled("fingerprint_rules")

    def clean_stacktrace_rules(self) -> str:
        return self._compiled("stacktrace_rules")

    def _compiled(self, name: str) -> str:
        text = str(self.cleaned_data[name]).replace("\r\n", "\n")
        try:
            if name == "fingerprint_rules":
                parse_rules(fingerprint_text=text)
            else:
                parse_rules(stacktrace_text=text)
        except RuleError as error:
            raise ValidationError(f"Line {error.line}, column {error.column}: {error.message}") from error
        return text
