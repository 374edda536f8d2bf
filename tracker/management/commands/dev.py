"""`manage.py dev`: `serve` for people who change the code."""

import os
import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from tracker.serve.reloading import Reloader

PACKAGES = ("grouping", "ingest", "tracker", "web")


class Command(BaseCommand):
    help = (
        "Serve in debug mode, and start web server and worker again whenever a Python file changes. Templates, styles "
        "and scripts are read again for each page. Options are those of `serve`."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workers", type=int, help="worker processes; more than one needs Redis")

    def handle(self, *args: Any, **options: Any) -> None:
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "serve"]
        if options["workers"]:
            command.append(f"--workers={options['workers']}")
        reloader = Reloader(
            command,
            {**os.environ, "DEBUG": "true"},
            [settings.BASE_DIR / package for package in PACKAGES],
            lambda text: self.stdout.write(f"  {text}"),
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: reloader.stop())
        reloader.run()
