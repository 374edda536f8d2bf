"""What to paste into an app so that it reports here: one text per platform, with the project's own DSN in it.

The texts lie in `templates/projects/snippets/<platform>.txt`. A step begins with a line `=== what to do | language |
file`, the file being optional; the code follows until the next such line.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from tracker.models import ProjectKey
from tracker.projects.registry import dsn_of

TEXTS = Path(__file__).parent / "templates" / "projects" / "snippets"


@dataclass(slots=True, frozen=True)
class Platform:
    """A choice of the platform picker; `slug` is the name that Sentry's API gives it."""

    slug: str
    name: str
    mark: str
    """The mark on its tile: two or three letters."""


PLATFORMS = (
    Platform("python", "Python", "Py"),
    Platform("python-django", "Django", "dj"),
    Platform("python-flask", "Flask", "Fl"),
    Platform("python-fastapi", "FastAPI", "FA"),
    Platform("python-celery", "Celery", "Ce"),
    Platform("node", "Node.js", "No"),
    Platform("node-express", "Express", "ex"),
    Platform("javascript", "Browser JavaScript", "JS"),
    Platform("javascript-react", "React", "Re"),
    Platform("php", "PHP", "php"),
    Platform("ruby", "Ruby", "Rb"),
    Platform("go", "Go", "Go"),
    Platform("java", "Java", "Ja"),
    Platform("dotnet", ".NET", "C#"),
    Platform("rust", "Rust", "Rs"),
    Platform("other", "HTML or HTTP", "</>"),
)
PLATFORM_BY_SLUG = {platform.slug: platform for platform in PLATFORMS}
FALLBACK = PLATFORM_BY_SLUG["other"]


@dataclass(slots=True, frozen=True)
class Step:
    """One thing to do: a sentence, and the code to paste."""

    title: str
    language: str
    """A name that Pygments knows."""
    filename: str
    """Where the code belongs; empty for a command."""
    code: str

    @property
    def place(self) -> str:
        """Where it is typed, if not into a file."""
        return "Terminal" if self.language == "shell" else ""


def find_platform(slug: str) -> Platform:
    """The platform of that slug, else of its beginning (`python-tornado` → `python`), else plain HTTP."""
    while slug:
        if platform := PLATFORM_BY_SLUG.get(slug):
            return platform
        slug = slug.rpartition("-")[0]
    return FALLBACK


def steps_for(platform: Platform, key: ProjectKey) -> list[Step]:
    """The platform's steps, with the key's DSN in the code."""
    filled_in = {
        "__DSN__": dsn_of(key),
        "__STORE_URL__": f"{settings.BASE_URL}/api/{key.project_id}/store/",
        "__PUBLIC_KEY__": key.public_key,
    }
    return [
        Step(step.title, step.language, step.filename, _fill_in(step.code, filled_in))
        for step in _read_steps(platform.slug)
    ]


def _fill_in(code: str, values: dict[str, str]) -> str:
    for placeholder, value in values.items():
        code = code.replace(placeholder, value)
    return code


@cache
def _read_steps(slug: str) -> tuple[Step, ...]:
    text = (TEXTS / f"{slug}.txt").read_text(encoding="utf-8")
    return tuple(_read_step(part) for part in text.split("=== ")[1:])


def _read_step(part: str) -> Step:
    heading, _, code = part.partition("\n")
    title, language, filename = (*(word.strip() for word in heading.split("|")), "")[:3]
    return Step(title, language, filename, code.rstrip())
