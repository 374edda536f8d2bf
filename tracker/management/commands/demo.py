"""`manage.py demo`: an organization full of believable events, to look around in."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.demo.organization import SLUG, DemoError, find_demo, remove_demo
from tracker.demo.people import OWNER
from tracker.demo.run import make_demo
from tracker.demo.summary import summary
from tracker.serve.setup import migrate

MAX_EVENTS = 1_000_000
MAX_DAYS = 30


class Command(BaseCommand):
    help = (
        "Fill the installation with a demo: a company of its own with projects, people, releases and 30 days of "
        "events, sent through the ingest endpoint. Where no server of this installation runs, one does for as long."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--events", type=_whole(MAX_EVENTS), default=20_000, help="about how many (default: 20,000)"
        )
        parser.add_argument("--days", type=_whole(MAX_DAYS), default=30, help="over how many, at most 30 (default)")
        parser.add_argument("--seed", type=int, default=1, help="another one makes other events (default: 1)")
        parser.add_argument("--password", default="", help=f"of {OWNER.email} (default: a new one, which is shown)")
        parser.add_argument("--again", action="store_true", help="replace a demo that is there")
        parser.add_argument("--remove", action="store_true", help="remove a demo that is there, and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        migrate()
        found = find_demo()
        if found and not (options["again"] or options["remove"]):
            raise CommandError(
                f"There is an organization “{SLUG}” already. --again makes it from scratch, --remove removes it."
            )
        try:
            if found:
                self._tell("removing the demo")
                remove_demo(found, self._tell)
            if options["remove"]:
                self._say("The demo is removed." if found else "There is no demo.")
                return
            made = make_demo(
                seed=options["seed"],
                events=options["events"],
                days=options["days"],
                password=options["password"],
                tell=self._tell,
            )
        except DemoError as error:
            self._say("")
            raise CommandError(
                f"{error} --again makes the demo from scratch, --remove removes what there is of it."
            ) from error
        self._say(summary(made))

    def _tell(self, text: str) -> None:
        """Progress: one line that changes on a terminal, else nothing that would fill a log."""
        if sys.stdout.isatty():
            self.stdout.write(f"\r\x1b[2K  {text} …", ending="")
            self.stdout.flush()

    def _say(self, text: str) -> None:
        if sys.stdout.isatty():
            self.stdout.write("\r\x1b[2K", ending="")
        self.stdout.write(text)


def _whole(most: int) -> Any:
    """A number from 1 to `most`, as an option's type."""

    def read(text: str) -> int:
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise ArgumentTypeError(f"a number from 1 to {most:,} is needed")
        return int(text)

    return read
