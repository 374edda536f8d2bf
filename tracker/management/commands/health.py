"""`manage.py health web|worker|beat`: exits 0 where this machine's part answers, 1 with the reason where not."""

import http.client
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tracker.serve.alive import find_silent
from tracker.serve.watches import local_host

TIMEOUT_SECONDS = 3.0


class Command(BaseCommand):
    help = "Does this machine's web server, worker or beat answer? For health checks of containers."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("part", choices=["web", "worker", "beat"])

    def handle(self, *args: Any, **options: Any) -> None:
        part: str = options["part"]
        problems = find_problems_of_web() if part == "web" else find_silent(settings.RUN_DIR, part)
        if problems:
            raise CommandError("; ".join(problems))


def find_problems_of_web() -> list[str]:
    """Why the web server is not well; empty where it is."""
    connection = http.client.HTTPConnection(local_host(settings.HOST), settings.PORT, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return [f"the web server does not answer: {error}"]
    finally:
        connection.close()
    return [] if status == 200 else [f"the web server answers with status {status}"]
