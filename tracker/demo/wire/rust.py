"""What the sentry crate sends."""

from tracker.demo.scenario import Frame, Thrown
from tracker.demo.wire.common import Json, Moment, crumbs_as_json, epoch, event_base, source_of, trace_of

SDK_VERSION = "0.49.5"
STANDARD_LIBRARY = "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860"
CRATES = "/build/vendor"


def event_of(moment: Moment) -> Json:
    """The payload of one event."""
    fault = moment.fault
    event = event_base(moment) | {
        "timestamp": epoch(moment.at),
        "platform": "native",
        "server_name": moment.server,
        "sdk": {
            "name": "sentry.rust",
            "version": SDK_VERSION,
            "integrations": ["attach-stacktrace", "contexts", "panic", "process-stacktrace", "tracing"],
            "packages": [{"name": "cargo:sentry", "version": SDK_VERSION}],
        },
        "contexts": {
            "device": {"type": "device", "arch": "aarch64"},
            "os": {"type": "os", "name": "Debian GNU/Linux", "version": "13", "kernel_version": "6.12.48"},
            "rust": {"type": "runtime", "name": "rustc", "version": "1.95.0", "channel": "stable"},
            "trace": {"type": "trace", **trace_of(moment)},
            **moment.fill(fault.contexts),
        },
        "breadcrumbs": {"values": crumbs_as_json(moment, numbers=True)},
    }
    if fault.thrown:
        event["exception"] = {"values": [_exception(moment, thrown) for thrown in fault.thrown]}
    elif fault.message:
        event["message"] = event.pop("logentry")["formatted"]
    return event


def _exception(moment: Moment, thrown: Thrown) -> Json:
    shown: Json = {"type": thrown.type, "value": moment.fill(thrown.value)}
    if thrown.stack:
        shown["stacktrace"] = {"frames": [_frame(moment, frame) for frame in thrown.stack]}
    if thrown.mechanism == "panic":
        shown["mechanism"] = {"type": "panic", "handled": False}
    return shown


def _frame(moment: Moment, frame: Frame) -> Json:
    root = "/build" if frame.own else CRATES if frame.file.startswith("tokio") else STANDARD_LIBRARY
    return {
        "function": frame.function,
        "package": frame.function.lstrip("<").partition("::")[0],
        "filename": frame.file.rpartition("/")[2],
        "abs_path": f"{root}/{frame.file}",
        "in_app": frame.own,
        "instruction_addr": f"0x5{moment.random.getrandbits(44):011x}",
        **source_of(moment, frame),
    }
