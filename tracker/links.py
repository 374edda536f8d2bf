"""Absolute addresses of pages, for what leaves the server: mails, command lines, API answers."""

from django.conf import settings
from django.urls import get_script_prefix, reverse


def absolute_url(path: str) -> str:
    """The address of a path below BASE_URL, which may itself have a path: `/welcome/x/` → `https://host/errors/welcome/x/`."""
    return f"{settings.BASE_URL}/{path.lstrip('/')}"


def page_url(name: str, *arguments: object) -> str:
    """The absolute address of a named page."""
    path = reverse(name, args=arguments)
    return absolute_url(path.removeprefix(get_script_prefix().rstrip("/")))
