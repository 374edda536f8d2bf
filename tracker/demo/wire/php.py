"""What sentry-laravel sends."""

from tracker.demo.scenario import Frame, Thrown
from tracker.demo.wire.common import (
    Json,
    Moment,
    crumbs_as_json,
    epoch,
    event_base,
    request_of,
    source_of,
    trace_of,
    user_of,
)

SDK_VERSION = "4.17.1"
ROOT = "/var/www/backoffice"
MODULES = {
    "guzzlehttp/guzzle": "7.10.0",
    "laravel/framework": "12.36.1",
    "phpoffice/phpspreadsheet": "5.2.0",
    "sentry/sentry": "4.17.1",
    "sentry/sentry-laravel": SDK_VERSION,
}


def event_of(moment: Moment) -> Json:
    """The payload of one event."""
    fault = moment.fault
    event = event_base(moment) | {
        "timestamp": epoch(moment.at),
        "platform": "php",
        "server_name": moment.server,
        "sdk": {
            "name": "sentry.php.laravel",
            "version": SDK_VERSION,
            "packages": [{"name": "composer:sentry/sentry-laravel", "version": SDK_VERSION}],
        },
        "modules": MODULES,
        "contexts": {
            "os": {"name": "Linux", "version": "6.8.0-86-generic", "kernel_version": "Linux 6.8.0-86-generic x86_64"},
            "runtime": {"name": "php", "version": "8.4.14", "sapi": "fpm-fcgi"},
            "trace": trace_of(moment),
            **moment.fill(fault.contexts),
        },
        "breadcrumbs": {"values": crumbs_as_json(moment, numbers=True)},
    }
    if fault.thrown:
        # The last cause comes first, as everywhere else in the protocol.
        event["exception"] = {"values": [_exception(moment, thrown) for thrown in fault.thrown]}
    elif fault.message:
        event["message"] = event.pop("logentry")
    if fault.transaction:
        event["transaction"] = fault.transaction
    if fault.call:
        event["request"] = request_of(moment, moment.person.client.agent if moment.person else "")
    if user := user_of(moment):
        event["user"] = user
    return event


def _exception(moment: Moment, thrown: Thrown) -> Json:
    return {
        "type": thrown.type,
        "value": moment.fill(thrown.value),
        "stacktrace": {"frames": [_frame(moment, frame) for frame in thrown.stack]},
        "mechanism": {"type": thrown.mechanism, "handled": thrown.handled, "data": {"code": 0}},
    }


def _frame(moment: Moment, frame: Frame) -> Json:
    shown: Json = {
        "filename": f"/{frame.file}",
        "abs_path": f"{ROOT}/{frame.file}",
        "function": frame.function,
        "raw_function": frame.function,
        "in_app": frame.own,
        **source_of(moment, frame),
    }
    if frame.variables:
        shown["vars"] = moment.fill(frame.variables)
    return shown
