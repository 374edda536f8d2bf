"""What sentry-java sends from Spring Boot."""

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

SDK_VERSION = "8.52.0"
MODULES = {
    "HikariCP": "7.0.2",
    "hibernate-core": "6.6.33.Final",
    "logback-classic": "1.5.20",
    "postgresql": "42.7.8",
    "spring-boot": "3.5.7",
    "spring-webmvc": "6.2.12",
    "tomcat-embed-core": "10.1.48",
}


def event_of(moment: Moment) -> Json:
    """The payload of one event."""
    fault = moment.fault
    event = event_base(moment) | {
        "timestamp": iso(moment.at),
        "platform": "java",
        "server_name": moment.server,
        "sdk": {
            "name": "sentry.java.spring-boot.jakarta",
            "version": SDK_VERSION,
            "packages": [{"name": "maven:io.sentry:sentry-spring-boot-starter-jakarta", "version": SDK_VERSION}],
            "integrations": ["SpringBoot3", "UncaughtExceptionHandler", "ShutdownHook", "Logback"],
        },
        "modules": MODULES,
        "fingerprint": [],
        "contexts": {
            "runtime": {"name": "Eclipse Adoptium", "version": "21.0.9"},
            "spring": {"active_profiles": [moment.environment]},
            "trace": trace_of(moment, "http.server", "auto.http.spring_jakarta.webmvc"),
            **moment.fill(fault.contexts),
        },
        "breadcrumbs": crumbs_as_json(moment),
        "user": user_of(moment, fields=("id", "email")),
    }
    if fault.thrown:
        event["exception"] = {"values": [exception_of(moment, thrown) for thrown in fault.thrown]}
    elif fault.message:
        event["message"] = event.pop("logentry")
    if fault.transaction:
        event["transaction"] = fault.transaction
    if fault.call:
        event["request"] = request_of(moment, "python-requests/2.32.5")
    return event


def exception_of(moment: Moment, thrown: Thrown) -> Json:
    """One exception; `module` is its package."""
    last = thrown is moment.fault.thrown[-1]
    return {
        "type": thrown.type,
        "value": moment.fill(thrown.value),
        "module": thrown.module,
        "thread_id": int(moment.values["thread"]) + 20,
        "stacktrace": {"frames": [frame_of(moment, frame) for frame in thrown.stack]},
        **({"mechanism": {"type": thrown.mechanism, "handled": thrown.handled, "exception_id": 0}} if last else {}),
    }


def frame_of(moment: Moment, frame: Frame) -> Json:
    """Java tells a file's bare name and the class; in_app only where the package is configured as the app's."""
    shown: Json = {
        "filename": frame.file,
        "function": frame.function,
        "module": frame.module,
        "native": False,
        **source_of(moment, frame),
    }
    return shown | ({"in_app": True} if frame.own else {})
