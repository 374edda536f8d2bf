"""What sentry-go sends."""

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

SDK_VERSION = "0.36.1"
MODULE = "tidewater.example/payments"
MODULES = {
    "github.com/getsentry/sentry-go": f"v{SDK_VERSION}",
    "github.com/go-chi/chi/v5": "v5.2.3",
    "github.com/jackc/pgx/v5": "v5.7.6",
    "github.com/redis/go-redis/v9": "v9.16.0",
}
RUNTIME = {"name": "go", "version": "go1.25.3", "go_maxprocs": 4, "go_numcgocalls": 0}
INTEGRATIONS = ("ContextifyFrames", "Environment", "GlobalTags", "IgnoreErrors", "IgnoreTransactions", "Modules")


def event_of(moment: Moment) -> Json:
    """The payload of one event."""
    fault = moment.fault
    event = event_base(moment) | {
        "timestamp": iso(moment.at),
        "platform": "go",
        "server_name": moment.server,
        "sdk": {
            "name": "sentry.go",
            "version": SDK_VERSION,
            "integrations": list(INTEGRATIONS),
            "packages": [{"name": "sentry-go", "version": SDK_VERSION}],
        },
        "modules": MODULES,
        "contexts": {
            "device": {"arch": "amd64", "num_cpu": 4},
            "os": {"name": "linux"},
            "runtime": {**RUNTIME, "go_numroutines": moment.random.randint(18, 240)},
            "trace": trace_of(moment),
            **moment.fill(fault.contexts),
        },
        "breadcrumbs": crumbs_as_json(moment),
        "user": user_of(moment, fields=("id",)),
    }
    if fault.thrown:
        event["exception"] = [_exception(moment, thrown) for thrown in fault.thrown]
    elif fault.message:
        event["message"] = event.pop("logentry")["formatted"]
    if fault.transaction:
        event["transaction"] = fault.transaction
    if fault.call:
        event["request"] = request_of(moment, "python-requests/2.32.5")
        event["request"]["env"] = {"REMOTE_ADDR": "10.42.0.17", "REMOTE_PORT": moment.values["port"]}
    return event


def _exception(moment: Moment, thrown: Thrown) -> Json:
    shown: Json = {"type": thrown.type, "value": moment.fill(thrown.value)}
    if thrown.stack:
        shown["stacktrace"] = {"frames": [_frame(moment, frame) for frame in thrown.stack]}
    return shown


def _frame(moment: Moment, frame: Frame) -> Json:
    """`file` is absolute, as Go's binaries know it."""
    folder = frame.file.rpartition("/")[0].removeprefix("/src")
    return {
        "function": frame.function,
        "module": frame.module or f"{MODULE}{folder}",
        "abs_path": frame.file,
        "in_app": frame.own,
        **source_of(moment, frame),
    }
