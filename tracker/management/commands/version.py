"""`manage.py version`: which version of Stacktale this is."""

from typing import Any

from django.core.management.base import BaseCommand

from tracker.health.version import VERSION


class Command(BaseCommand):
    help = "Print the version of Stacktale."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(VERSION)
