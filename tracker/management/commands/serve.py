"""`manage.py serve`: everything that one machine needs, in one command; or one part of it, on several machines."""

import logging
import os
import socket
import sys
import time
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from tracker.health.schema import NewerTables
from tracker.jobs.heartbeat import open_heartbeat
from tracker.serve.children import load_all, run_beat, run_worker
from tracker.serve.setup import migrate, owner_link, refuse_newer_tables
from tracker.serve.static_files import collect_static_files
from tracker.serve.supervisor import Child, Supervisor
from tracker.serve.watches import HealthProbe, Pulse, local_host
from tracker.serve.web import run_web

logger = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError)
TRY_SECONDS = 1.0
SAY_SECONDS = 30.0
WEB_SILENT_SECONDS = 20.0
WORKER_SILENT_SECONDS = 20.0
BEAT_SILENT_SECONDS = 20.0


class Command(BaseCommand):
    help = "Serve: web server, worker and beat, started, watched and stopped together."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-migrate", action="store_true", help="leave the tables as they are")
        parser.add_argument(
            "--workers",
            type=int,
            default=2 if settings.REDIS_URL else 1,
            help="worker processes; more than one needs Redis (default: 2 with Redis, else 1)",
        )
        parser.add_argument("--only", choices=["web", "worker", "beat"], help="serve one part; needs Redis")

    def handle(self, *args: Any, **options: Any) -> None:
        workers: int = options["workers"]
        only: str | None = options["only"]
        if workers < 1 or ((workers > 1 or only) and not settings.REDIS_URL):
            raise CommandError("more than one worker, or one part alone, needs Redis: set REDIS_URL")
        children = _children(workers, only)
        if children[0].name == "web":
            _check_port()
        settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)
        prepare = partial(self._prepare, is_to_migrate=not options["no_migrate"], is_web=children[0].name == "web")
        if not _is_done_in_a_process_of_its_own(prepare):
            children.append(Child("prepare", partial(_prepare_when_it_is_back, prepare), is_once=True))
        load_all()
        Supervisor(children, settings.RUN_DIR).run()

    def _prepare(self, *, is_to_migrate: bool, is_web: bool) -> None:
        if is_web:
            collect_static_files()
        if not settings.REDIS_URL:
            # A worker's sign of life from before this start would make us look ready.
            open_heartbeat().forget()
        if is_to_migrate:
            migrate()
        else:
            refuse_newer_tables()
        if not is_web:
            return
        lines = ["", f"  Stacktale is at {settings.BASE_URL}"]
        if (link := owner_link()) is not None:
            lines += ["", "  Create the owner's account with this link, which works once:", f"  {link}"]
        self.stdout.write("\n".join([*lines, ""]))


def _children(workers: int, only: str | None) -> list[Child]:
    """The web server first."""
    if only == "beat":
        pulse = Pulse(BEAT_SILENT_SECONDS)
        return [Child("beat", partial(run_beat, pulse), pulse, needs_once=True)]
    probe = HealthProbe(local_host(settings.HOST), settings.PORT, WEB_SILENT_SECONDS)
    web = [Child("web", run_web, probe)] if only != "worker" else []
    return web if only == "web" else [*web, *(_worker(number) for number in range(1, workers + 1))]


def _worker(number: int) -> Child:
    # Beyond its own hard limit, which tells the place to blame.
    pulse = Pulse(WORKER_SILENT_SECONDS + 2 * settings.DIGEST_HARD_SECONDS)
    return Child(f"worker-{number}", partial(run_worker, pulse), pulse, needs_once=True)


def _check_port() -> None:
    """Say at once, and once, that somebody else listens there. Raises CommandError."""
    family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.HOST, settings.PORT))
        except OSError as error:
            reason = error.strerror or error
            raise CommandError(f"{settings.HOST}:{settings.PORT} cannot be listened on ({reason}); set PORT") from error


def _is_done_in_a_process_of_its_own(work: "partial[None]") -> bool:
    """Run something whose memory and connections the children must not inherit; false where the database is away.

    Raises CommandError.
    """
    pid = os.fork()
    if not pid:
        status = 1
        try:
            work()
            status = 0
        except AWAY as error:
            _say_what_it_waits_for(error)
            status = os.EX_TEMPFAIL
        except (DatabaseError, NewerTables) as error:
            sys.stderr.write(f"The database cannot be used: {error}\n")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, os.EX_TEMPFAIL):
        raise CommandError("the start failed", returncode=1)
    return code == 0


def _prepare_when_it_is_back(prepare: "partial[None]") -> None:
    """Try until the database is there, and say so now and then."""
    say_at = time.monotonic() + SAY_SECONDS
    while True:
        try:
            prepare()
        except (*AWAY, NewerTables) as error:
            connection.close()
            if time.monotonic() >= say_at:
                _say_what_it_waits_for(error)
                say_at = time.monotonic() + SAY_SECONDS
            time.sleep(TRY_SECONDS)
        else:
            logger.warning("the database is there, the tables are up to date and the workers start")
            return


def _say_what_it_waits_for(error: Exception) -> None:
    reason = "cannot be used" if isinstance(error, NewerTables) else "is away"
    text = "the database %s; the web server is up and everything else waits for it: %s"
    logger.warning(text, reason, " ".join(str(error).split()))
