"""What sentry-sdk sends from Django and Celery."""

from typing import Any

from tracker.demo.scenario import Frame, Thrown
from tracker.demo.wire.common import (
    Json,
    Moment,
    crumbs_as_json,
    event_base,
    iso,
    request_of,
    source_of,
    trace_of,
    user_of,
)

SDK_VERSION = "2.75.0"
ROOT = "/srv/shop"
PACKAGES = "/srv/venv/lib/python3.13/site-packages"
MODULES = {
    "celery": "5.5.3",
    "django": "5.2.8",
    "gunicorn": "23.0.0",
    "psycopg": "3.2.12",
    "redis": "6.4.0",
    "requests": "2.32.5",
    "sentry-sdk": SDK_VERSION,
    "urllib3": "2.5.0",
}
INTEGRATIONS = ("argv", "atexit", "celery", "dedupe", "django", "excepthook", "logging", "modules", "redis", "stdlib")
RUNTIME = {"name": "CPython", "version": "3.13.9", "build": "3.13.9 (main, Oct 21 2025, 12:01:22) [GCC 14.2.0]"}


def event_of(moment: Moment) -> Json:
    """The payload of one event."""
    fault = moment.fault
    is_task = bool(fault.thrown) and fault.thrown[-1].mechanism == "celery"
    operation, origin = ("queue.task.celery", "auto.queue.celery") if is_task else ("http.server", "auto.http.django")
    event = event_base(moment) | {
        "timestamp": iso(moment.at),
        "platform": "python",
        "server_name": moment.server,
        "sdk": {
            "name": "sentry.python.django",
            "version": SDK_VERSION,
            "packages": [{"name": "pypi:sentry-sdk", "version": SDK_VERSION}],
            "integrations": list(INTEGRATIONS),
        },
        "modules": MODULES,
        "contexts": {"trace": trace_of(moment, operation, origin), "runtime": RUNTIME, **moment.fill(fault.contexts)},
        "breadcrumbs": {"values": crumbs_as_json(moment)},
    }
    if fault.thrown:
        event["exception"] = {"values": _exceptions(moment)}
    if fault.transaction:
        event |= {
            "transaction": fault.transaction,
            "transaction_info": {"source": "task" if is_task else "route"},
        }
    if fault.call:
        event["request"] = request_of(moment, moment.person.client.agent if moment.person else "")
        event["request"]["env"] = {"SERVER_NAME": moment.server, "SERVER_PORT": "8000"}
    if user := user_of(moment):
        event["user"] = user
    return event


def _exceptions(moment: Moment) -> list[Json]:
    """The oldest cause first; ids count from the one that was thrown."""
    chain = moment.fault.thrown
    return [_exception(moment, thrown, len(chain) - 1 - place) for place, thrown in enumerate(chain)]


def _exception(moment: Moment, thrown: Thrown, id_: int) -> Json:
    mechanism: dict[str, Any] = {"type": thrown.mechanism, "handled": thrown.handled}
    if len(moment.fault.thrown) > 1:
        mechanism["exception_id"] = id_
        if id_:
            mechanism |= {"type": "chained", "parent_id": id_ - 1, "source": "__cause__"}
    return {
        "mechanism": mechanism,
        "module": thrown.module or None,
        "type": thrown.type,
        "value": moment.fill(thrown.value),
        "stacktrace": {"frames": [_frame(moment, frame) for frame in thrown.stack]},
    }


def _frame(moment: Moment, frame: Frame) -> Json:
    shown: Json = {
        "filename": frame.file,
        "abs_path": f"{ROOT if frame.own else PACKAGES}/{frame.file}",
        "function": frame.function,
        "module": frame.module or frame.file.removesuffix(".py").replace("/", "."),
        "in_app": frame.own,
        **source_of(moment, frame),
    }
    if frame.variables:
        shown["vars"] = moment.fill(frame.variables)
    return shown
