"""Which family of rules reads the frames of which platform."""

from grouping.frames.common import UNUSABLE_FUNCTIONS, location_of_path, usable_module
from grouping.frames.site import Draft, Site


def describe(site: Site) -> Draft:
    draft = Draft()
    draft.location = site.module if usable_module(site.module) else location_of_path(site.path, draft)
    draft.function = "" if site.function in UNUSABLE_FUNCTIONS else site.function
    draft.library = any(
        part in (site.abs_path or site.filename) for part in ("site-packages", "dist-packages", "node_modules")
    )
    return draft
