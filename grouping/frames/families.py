"""Which family of rules reads the frames of which platform."""

from collections.abc import Callable, Mapping

from grouping.frames import apple, dart, dotnet, elixir, go, javascript, jvm, native, php, python, ruby, rust
from grouping.frames.common import UNUSABLE_FUNCTIONS, location_of_path, usable_module
from grouping.frames.site import Draft, Site


def other(site: Site) -> Draft:
    """A platform without rules of its own: module or file, and the function as it is."""
    draft = Draft()
    draft.location = site.module if usable_module(site.module) else location_of_path(site.path, draft)
    draft.function = "" if site.function in UNUSABLE_FUNCTIONS else site.function
    return draft


FAMILIES: Mapping[str, Callable[[Site], Draft]] = {
    "python": python.describe,
    "javascript": javascript.browser,
    "node": javascript.node,
    "java": jvm.describe,
    "android": jvm.describe,
    "kotlin": jvm.describe,
    "groovy": jvm.describe,
    "csharp": dotnet.describe,
    "ruby": ruby.describe,
    "php": php.describe,
    "go": go.describe,
    "rust": rust.describe,
    "cocoa": apple.describe,
    "objc": apple.describe,
    "swift": apple.describe,
    "dart": dart.describe,
    "elixir": elixir.describe,
    "native": native.describe,
    "c": native.describe,
}


def describe(site: Site) -> Draft:
    """Read a frame under its platform's rules."""
    return FAMILIES.get(site.platform, other)(site)
