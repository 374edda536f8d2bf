"""What sentry-android sends."""

from datetime import timedelta

from tracker.demo.wire.common import Json, Moment, crumbs_as_json, event_base, iso, trace_of, user_of
from tracker.demo.wire.java import exception_of

SDK_VERSION = "8.52.0"
PACKAGE = "com.tidewater.coffee"
PHONES = (
    ("Google", "Pixel 9", "tokay", "16", 12, 1080, 2424),
    ("Google", "Pixel 7a", "lynx", "15", 8, 1080, 2400),
    ("samsung", "SM-S921B", "e1s", "15", 8, 1080, 2340),
    ("samsung", "SM-A546B", "a54x", "14", 6, 1080, 2340),
    ("samsung", "SM-A146P", "a14x", "13", 4, 1080, 2408),
    ("Xiaomi", "2312DRA50G", "garnet", "14", 8, 1220, 2712),
    ("OnePlus", "CPH2581", "OP595D", "15", 12, 1440, 3168),
    ("HUAWEI", "ANE-LX1", "HWANE", "9", 4, 1080, 2280),
    ("FAIRPHONE", "FP5", "FP5", "14", 8, 1224, 2770),
)
GIB = 1024**3


def event_of(moment: Moment) -> Json:
    """The payload of one event."""
    fault = moment.fault
    event = event_base(moment) | {
        "timestamp": iso(moment.at),
        "platform": "java",
        "dist": moment.release.rpartition("+")[2],
        "sdk": {
            "name": "sentry.java.android",
            "version": SDK_VERSION,
            "packages": [{"name": "maven:io.sentry:sentry-android-core", "version": SDK_VERSION}],
            "integrations": ["ActivityLifecycle", "AnrV2", "Okhttp", "UncaughtExceptionHandler", "UserInteraction"],
        },
        "contexts": {**_contexts(moment), **moment.fill(fault.contexts)},
        "breadcrumbs": crumbs_as_json(moment),
        "user": user_of(moment, fields=("id", "name")),
    }
    if fault.thrown:
        event["exception"] = {"values": [exception_of(moment, thrown) for thrown in fault.thrown]}
    elif fault.message:
        event["message"] = event.pop("logentry")
    if fault.transaction:
        event["transaction"] = fault.transaction
    return event


def _contexts(moment: Moment) -> Json:
    phones = [phone for phone in PHONES if not moment.fault.clients or phone[0] in moment.fault.clients]
    # A person keeps the phone.
    owner = int(moment.person.id) if moment.person else 0
    maker, model, code, version, memory, width, height = phones[owner // 7 % len(phones)]
    name, _, build = moment.release.partition("@")[2].partition("+")
    return {
        "app": {
            "app_identifier": PACKAGE,
            "app_name": "Tidewater",
            "app_version": name,
            "app_build": build,
            "in_foreground": True,
            "app_start_time": iso(moment.at - timedelta(seconds=moment.random.randint(3, 900))),
        },
        "device": {
            "manufacturer": maker,
            "brand": maker.lower(),
            "model": model,
            "model_id": code,
            "family": model.partition(" ")[0],
            "archs": ["arm64-v8a"],
            "battery_level": float(moment.random.randint(4, 100)),
            "charging": moment.random.random() < 0.2,
            "orientation": "portrait",
            "simulator": False,
            "memory_size": memory * GIB,
            "free_memory": int(memory * GIB * moment.random.uniform(0.08, 0.4)),
            "screen_width_pixels": width,
            "screen_height_pixels": height,
            "locale": (moment.person.locale if moment.person else "en-GB").replace("-", "_"),
            "connection_type": moment.random.choice(("wifi", "wifi", "cellular")),
        },
        "os": {"name": "Android", "version": version, "rooted": False},
        "trace": trace_of(moment, "ui.load", "auto.ui.activity"),
    }
