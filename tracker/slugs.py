"""Slugs: short names for addresses, unique where they must be."""

from collections.abc import Callable

from django.utils.text import slugify

LONGEST_SLUG = 50


def make_slug(name: str, fallback: str, is_taken: Callable[[str], bool]) -> str:
    """A free slug for the name: `shop`, else `shop-2`, `shop-3` …

    Never digits alone, because the API takes a slug and a numeric id in the same place.
    """
    stem = slugify(name)[:LONGEST_SLUG].strip("-_") or fallback
    if stem.isdigit():
        stem = f"{fallback}-{stem}"[:LONGEST_SLUG]
    slug, number = stem, 1
    while is_taken(slug):
        number += 1
        suffix = f"-{number}"
        slug = stem[: LONGEST_SLUG - len(suffix)] + suffix
    return slug
