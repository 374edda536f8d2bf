"""`manage.py verify`: do the tables fit, and does the equation balance that they hold? Exits with 1 if not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.health.schema import find_schema_problem
from tracker.health.verify import find_imbalances

MAX_NAMED = 100


class Command(BaseCommand):
    help = (
        "Check that the tables fit this version, that received items equal the sum of their outcomes, and that every "
        "counter equals its rows."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if problem := find_schema_problem(max_named=MAX_NAMED):
            raise CommandError(f"no sum was checked: {problem}")
        found = list(find_imbalances())
        for imbalance in found:
            self.stderr.write(str(imbalance))
        if found:
            raise CommandError(f"{len(found)} sums do not balance")
        self.stdout.write("everything adds up")
