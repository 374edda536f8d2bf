"""`manage.py verify`: recompute the equation from the tables; exit 1 when it does not balance."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.health.verify import find_imbalances


class Command(BaseCommand):
    help = "Check that received items equal the sum of their outcomes, and every counter its rows."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(find_imbalances())
        for imbalance in found:
            self.stderr.write(str(imbalance))
        if found:
            raise CommandError(f"{len(found)} sums do not balance")
        self.stdout.write("everything adds up")
