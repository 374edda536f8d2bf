"""Absolute addresses of pages, for what leaves the server: mails, command lines, API responses."""

from collections.abc import Callable

from django.conf import settings
from django.urls import get_script_prefix, reverse
from django.utils.text import slugify

MAX_SLUG_LENGTH = 50


def make_slug(name: str, fallback: str, is_taken: Callable[[str], bool]) -> str:
    """A free slug for the name: `shop`, else `shop-2`, `shop-3` …

    Never digits alone, because the API takes a slug and a numeric id in the same place.
    """
    stem = slugify(name)[:MAX_SLUG_LENGTH].strip("-_") or fallback
    if stem.isdigit():
        stem = f"{fallback}-{stem}"[:MAX_SLUG_LENGTH]
    slug, number = stem, 1
    while is_taken(slug):
        number += 1
        suffix = f"-{number}"
        slug = stem[: MAX_SLUG_LENGTH - len(suffix)] + suffix
    return slug


def absolute_url(path: str) -> str:
    """The address of a path below BASE_URL, which may itself have a path: `/welcome/x/` → `https://host/errors/welcome/x/`."""
    return f"{settings.BASE_URL}/{path.lstrip('/')}"


def page_url(name: str, *arguments: object) -> str:
    """The absolute address of a named page."""
    path = reverse(name, args=arguments)
    return absolute_url(path.removeprefix(get_script_prefix().rstrip("/")))
