"""Static files: collected under names with a hash of their contents, compressed, and listed in a manifest.

`serve` collects them when they are missing or were made of other files, so that nobody has to remember it. Where it may
not write, as in a container, they are collected while the image is built.
"""

import fcntl
import hashlib
import json
import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import brotli
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

logger = logging.getLogger(__name__)

MANIFEST = "staticfiles.json"
SOURCES = "sources"
"""The key in the manifest of what the files were made of."""
LARGE_BYTES = 200_000


class CollectedFiles(StaticFilesConfig):
    """The app of static files, without what packages bring and no page of ours uses: nine tenths of all bytes."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "*.map",
        "account/*",
        "django_htmx/django-htmx.js",
        "django_htmx/ext/*",
        "django_htmx/htm*-4*",
        "django_htmx/htmx-2.js",
        "drf_spectacular_sidecar/redoc/*",
        "drf_spectacular_sidecar/*LICENSE*",
        "drf_spectacular_sidecar/*oauth2*",
        "mfa/*",
        "rest_framework/*",
    ]


class QuickCompressor(Compressor):  # type: ignore[misc]  # whitenoise has no types
    """Brotli at its best takes seconds for a megabyte, and saves a twentieth."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return bytes(brotli.compress(data, quality=11 if len(data) <= LARGE_BYTES else 9))


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """A file that was not collected keeps its plain name, under which it is served from where it lies."""

    support_js_module_import_aggregation = True

    def stored_name(self, name: str) -> str:
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name

    def url_converter(
        self, name: str, hashed_files: dict[str, str], template: str | None = None
    ) -> Callable[[re.Match[str]], str]:
        """What refers to a file that is not collected, as packages do even in comments, stays as it is."""
        convert = super().url_converter(name, hashed_files, template)

        def convert_if_there(match: re.Match[str]) -> str:
            try:
                return str(convert(match))
            except ValueError:
                return match["matched"]

        return convert_if_there

    def create_compressor(self, **options: Any) -> Compressor:
        return QuickCompressor(**options)

    def save_manifest(self) -> None:
        super().save_manifest()
        manifest = Path(self.path(self.manifest_name))
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), SOURCES: fingerprint()}))


def collect_static_files() -> None:
    """Collect them unless they are there as they should be. Where that cannot be done, the log says so; pages work."""
    root = Path(settings.STATIC_ROOT)
    if settings.DEBUG or _is_fresh(root):
        return
    try:
        with _one_at_a_time(root):
            if not _is_fresh(root):
                (root / MANIFEST).unlink(missing_ok=True)
                call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    except OSError as error:
        logger.warning(
            "static files cannot be collected into %s (%s): browsers load more than they need to", root, error
        )


def fingerprint() -> str:
    """A hash of all files that are to be collected, with their names, and of how that is done."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for name, path in sorted(_to_be_collected()):
        content = path.read_bytes()
        digest.update(f"\0{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _to_be_collected() -> Iterator[tuple[str, Path]]:
    patterns: list[str] = apps.get_app_config("staticfiles").ignore_patterns  # type: ignore[attr-defined]
    for finder in get_finders():
        for name, storage in finder.list(patterns):
            yield name, Path(storage.path(name))


def _is_fresh(root: Path) -> bool:
    try:
        manifest = json.loads((root / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return False
    return bool(manifest.get(SOURCES) == fingerprint())


@contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    """Several servers may start together from one folder."""
    root.mkdir(exist_ok=True)
    descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
