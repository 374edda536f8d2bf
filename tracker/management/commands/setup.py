"""`manage.py setup`: account, organization, project, DSN and token in one go, for people and for scripts."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.forms import ValidationError

from tracker.serve.setup import migrate, set_up


class Command(BaseCommand):
    help = (
        "Make an account, its organization, a project and an API token where they are missing, and print what a "
        "program needs. Running it again prints the same. The server may run or not."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="the account's address; it signs in with it")
        parser.add_argument("--password", required=True, help="the account's password")
        parser.add_argument("--project", required=True, help="name or slug of the project")
        parser.add_argument("--organization", default="", help="name or slug of the organization")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
        except ValidationError as error:
            raise CommandError(f"--email: {error.messages[0]}") from error
        if not options["password"] or not options["project"].strip():
            raise CommandError("--password and --project must not be empty.")
        migrate()
        made = asdict(
            set_up(
                email=options["email"],
                password=options["password"],
                project=options["project"].strip(),
                organization=options["organization"].strip(),
            )
        )
        if options["json"]:
            self.stdout.write(json.dumps(made))
        else:
            width = max(map(len, made))
            self.stdout.write("\n".join(f"{name:<{width}}  {value}" for name, value in made.items()))
