#!/usr/bin/env python
"""Django's command line: `serve`, `setup`, `migrate`, `verify`, `version` and the rest."""

import os
import sys

from django.core.management import execute_from_command_line

from tracker.management.commands.version import Command as Version

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.config.settings")
    if sys.argv[1:] == ["version"]:
        # Django would answer with its own before it looks at the commands of others.
        Version().run_from_argv(sys.argv)
    else:
        execute_from_command_line(sys.argv)
