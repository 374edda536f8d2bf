"""What to say when the demo is there: where to sign in, and what to look at."""

from tracker.accounts.addresses import absolute_url, page_url
from tracker.demo.apps.android import ANDROID
from tracker.demo.organization import SLUG
from tracker.demo.people import OWNER
from tracker.demo.run import Made
from tracker.models import Issue, Status

WIDTH = 14


def summary(made: Made) -> str:
    """The text."""
    lines = [
        f"{made.events:,} events in {made.issues} issues, in {made.seconds:.0f} s.",
        "",
        _line("Look at", absolute_url(f"/o/{SLUG}/issues/")),
        _line("Sign in", OWNER.email),
        _line("Password", made.password),
        "",
    ]
    return "\n".join([*lines, *(_line(what, address) for what, address in sights())])


def _line(name: str, text: str) -> str:
    return f"  {name:<{WIDTH}}{text}"


def sights() -> list[tuple[str, str]]:
    """What is worth a look, each with its address."""
    issues = Issue.objects.filter(project__organization__slug=SLUG, merged_into=None).select_related("project")
    unresolved = issues.filter(status=Status.UNRESOLVED)
    found = (
        ("A spike", unresolved.filter(project__slug="payments").order_by("-times_seen").first()),
        ("A regression", unresolved.filter(is_regressed=True, project__slug="shop").first()),
        ("New today", unresolved.filter(project__slug="android").order_by("-first_seen_at").first()),
        ("Archived", issues.filter(status=Status.ARCHIVED, archival__has_key="until_times_seen").first()),
        ("Fixed", issues.filter(status=Status.RESOLVED).order_by("-expected_since_resolved").first()),
        ("Merged", unresolved.filter(merged_issues__isnull=False).first()),
    )
    shown = [(what, page_url("issue", SLUG, issue.short_id)) for what, issue in found if issue]
    release = ANDROID.releases[-1]
    return [*shown, ("A release", page_url("release", SLUG, ANDROID.slug, release.version))]
