"""Static files are collected when they are missing or old, and pages work whatever is missing."""

import fcntl
import json
import logging
import os
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.templatetags.static import static
from django.test import Client
from pytest_django import Settings

from tests.running import ROOT
from tracker.serve.static_files import MANIFEST, collect_static_files

OURS = {path.relative_to(ROOT / "web/static").as_posix() for path in (ROOT / "web/static").rglob("*") if path.is_file()}
FROM_PACKAGES = {
    "django_htmx/htmx-2.min.js",
    "drf_spectacular_sidecar/swagger-ui-dist/favicon-32x32.png",
    "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js",
    "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-standalone-preset.js",
    "drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css",
}

HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")
REFERENCE = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)|url\(["']?([./][^"')]+)""")


@pytest.fixture
def root(settings: Settings, tmp_path: Path) -> Path:
    """Where files are collected: not there yet."""
    settings.STATIC_ROOT = tmp_path / "collected"
    return tmp_path / "collected"


@pytest.fixture
def extra(settings: Settings, tmp_path: Path) -> Path:
    """The only file to be collected, which is quick."""
    folder = tmp_path / "extra"
    folder.mkdir()
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS = [folder]
    (folder / "extra.svg").write_text("<svg/>")
    return folder / "extra.svg"


def paths_in(root: Path) -> dict[str, str]:
    paths: dict[str, str] = json.loads((root / MANIFEST).read_text())["paths"]
    return paths


def test_what_pages_use_is_collected_under_hashed_names_and_nothing_else(root: Path) -> None:
    collect_static_files()
    paths = paths_in(root)
    assert paths.keys() == OURS | FROM_PACKAGES
    assert all(HASHED.search(name) for name in paths.values())
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert {name.removesuffix(".br").removesuffix(".gz") for name in found} == {*paths.values(), MANIFEST}
    for name in ("css/pages.css", "js/page.js", "icons.svg", "django_htmx/htmx-2.min.js"):
        assert {f"{paths[name]}.br", f"{paths[name]}.gz"} <= found


def test_scripts_and_styles_of_ours_refer_to_hashed_names_only(root: Path) -> None:
    collect_static_files()
    addresses: list[str] = []
    for name, hashed in paths_in(root).items():
        if name in OURS:
            found = REFERENCE.finditer((root / hashed).read_text())
            addresses += [match[1] or match[2] for match in found]
    assert len(addresses) >= 6
    assert [address for address in addresses if not HASHED.search(address)] == []


def test_what_was_collected_before_is_left_alone(root: Path) -> None:
    collect_static_files()
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    collect_static_files()
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def lose_the_manifest(root: Path, extra: Path) -> None:
    (root / MANIFEST).unlink()


def break_the_manifest(root: Path, extra: Path) -> None:
    (root / MANIFEST).write_text('{"paths"')


def change_a_file(root: Path, extra: Path) -> None:
    extra.write_text("<svg></svg>")


def add_a_file(root: Path, extra: Path) -> None:
    extra.with_name("more.css").write_text("b { color: blue }")


def cut_a_file_short(root: Path, extra: Path) -> None:
    """As a collection leaves it that was killed while it wrote."""
    lose_the_manifest(root, extra)
    for path in root.glob("extra.*"):
        path.write_text("")


@pytest.mark.parametrize("spoil", [lose_the_manifest, break_the_manifest, change_a_file, add_a_file, cut_a_file_short])
def test_what_is_no_longer_so_is_collected_anew(root: Path, extra: Path, spoil: Callable[[Path, Path], None]) -> None:
    collect_static_files()
    spoil(root, extra)
    collect_static_files()
    paths = paths_in(root)
    assert {path.name for path in extra.parent.iterdir()} == paths.keys()
    assert (root / paths["extra.svg"]).read_text() == extra.read_text()


def test_servers_that_start_together_take_turns_and_collect_once(root: Path, extra: Path) -> None:
    root.mkdir()
    first = os.open(root, os.O_RDONLY)
    fcntl.flock(first, fcntl.LOCK_EX)
    second = threading.Thread(target=collect_static_files)
    second.start()
    second.join(0.5)
    assert not (root / MANIFEST).exists()
    call_command("collectstatic", interactive=False, verbosity=0)
    collected_at = (root / MANIFEST).stat().st_mtime_ns
    os.close(first)
    second.join(60)
    assert (root / MANIFEST).stat().st_mtime_ns == collected_at


@pytest.mark.django_db
def test_where_nothing_can_be_collected_the_log_says_so_and_pages_load_plain_files(
    client: Client, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.STATIC_ROOT = tmp_path / "away" / "collected"
    with caplog.at_level(logging.WARNING):
        collect_static_files()
    assert "cannot be collected" in caplog.text
    page = client.get("/accounts/login/").content.decode()
    addresses = re.findall(r'(?:href|src)="(/static/[^"#]+)', page)
    assert "/static/css/pages.css" in addresses
    for address in addresses:
        assert client.get(address).status_code == 200, address


@pytest.mark.django_db
def test_a_file_that_the_manifest_lacks_is_served_under_its_plain_name(client: Client, root: Path) -> None:
    collect_static_files()
    assert HASHED.search(static("css/pages.css"))
    assert static("django_htmx/htmx-2.js") == "/static/django_htmx/htmx-2.js"
    assert client.get("/static/django_htmx/htmx-2.js").status_code == 200


def test_a_reference_to_a_file_that_is_not_there_stays_and_stops_nothing(root: Path, extra: Path) -> None:
    extra.with_name("style.css").write_text('a { background: url("away.png") } b { background: url("extra.svg") }')
    collect_static_files()
    text = (root / paths_in(root)["style.css"]).read_text()
    assert 'url("away.png")' in text
    assert f'url("{paths_in(root)["extra.svg"]}")' in text


def test_who_develops_gets_files_as_they_are(root: Path, settings: Settings) -> None:
    settings.DEBUG = True
    collect_static_files()
    assert not root.exists()
    assert static("css/pages.css") == "/static/css/pages.css"
