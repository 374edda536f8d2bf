"""The worker that prints parcels' labels, in Rust: what goes wrong, its releases, and what its people did."""

from tracker.demo.parts import http, lib, log, own
from tracker.demo.scenario import App, Archive, Assign, Commit, Fault, Life, Release, Resolve, Say, Stack, Thrown
from tracker.issues.claims import ResolveIn

RUNTIME: Stack = (
    lib("library/std/src/sys/backtrace.rs", "std::sys::backtrace::__rust_begin_short_backtrace", 158),
    lib("tokio-1.48.0/src/runtime/task/harness.rs", "tokio::runtime::task::harness::poll_future", 535),
    own("src/main.rs", "label_worker::main::{{closure}}", 47),
    own("src/worker.rs", "label_worker::worker::Worker::run::{{closure}}", 83),
)
PANIC: Stack = (
    lib("library/std/src/panicking.rs", "__rustc::rust_begin_unwind", 697),
    lib("library/core/src/panicking.rs", "core::panicking::panic_fmt", 75),
)
BOUNDS = lib("library/core/src/panicking.rs", "core::panicking::panic_bounds_check", 280)
NONE = lib("library/core/src/option.rs", "core::option::unwrap_failed", 2130)

FAULTS = (
    Fault(
        "labels.bounds",
        daily=9,
        thrown=(
            Thrown(
                "panic",
                "index out of bounds: the len is 4 but the index is 4",
                (
                    *RUNTIME,
                    own("src/layout/address.rs", "label_worker::layout::address::lines", 58),
                    *PANIC,
                    BOUNDS,
                ),
                mechanism="panic",
            ),
        ),
        level="fatal",
        crumbs=(log("label_worker::worker", "parcel {parcel}: 1 label, {carrier}"),),
        tags={"carrier": "{carrier}", "country": "{country}"},
        starts=14.0,
    ),
    Fault(
        "labels.printer",
        daily=22,
        thrown=(
            Thrown("Os", "Connection refused (os error 111)"),
            Thrown("Connect", "cannot reach the printer at 10.20.4.{small}:9100"),
            Thrown(
                "Error",
                "label of parcel {parcel} was not printed",
                (*RUNTIME, own("src/printer/raw.rs", "label_worker::printer::raw::RawPrinter::send::{{closure}}", 71)),
            ),
        ),
        crumbs=(log("label_worker::printer", "printer-{small} is asleep, sending a wake-up", "debug", 2.0),),
        tags={"printer": "printer-{small}", "site": "rotterdam"},
        rhythm="office",
    ),
    Fault(
        "labels.unwrap",
        daily=15,
        thrown=(
            Thrown(
                "panic",
                "called `Option::unwrap()` on a `None` value",
                (
                    *RUNTIME,
                    own("src/carrier/hermod.rs", "label_worker::carrier::hermod::Hermod::route_code", 112),
                    *PANIC,
                    NONE,
                ),
                mechanism="panic",
            ),
        ),
        level="fatal",
        crumbs=(http("POST", "https://api.hermod.example/v3/shipments", 200, "reqwest"),),
        tags={"carrier": "Hermod", "country": "{country}"},
        lives=(Life("", "label-worker@0.9.13"),),
    ),
    Fault(
        "labels.overflow",
        daily=3,
        thrown=(
            Thrown(
                "panic",
                "attempt to subtract with overflow",
                (
                    *RUNTIME,
                    own("src/queue/backoff.rs", "label_worker::queue::backoff::Backoff::remaining", 29),
                    *PANIC,
                ),
                mechanism="panic",
            ),
        ),
        level="fatal",
        lives=(Life("label-worker@0.9.14", ""),),
    ),
    Fault(
        "labels.tracking",
        daily=12,
        message="{} answered with a tracking number that fails its check digit: {}",
        parameters=("Kestrel Express", "{parcel}"),
        logger="label_worker::carrier::kestrel",
        level="error",
        tags={"carrier": "Kestrel Express"},
    ),
    Fault(
        "labels.retry",
        daily=17,
        message="parcel {} waits for its label for {} s",
        parameters=("{parcel}", "{seconds}"),
        logger="label_worker::queue",
        level="warning",
        rhythm="office",
    ),
)

RELEASES = (
    Release("label-worker@0.9.12", 40.0),
    Release(
        "label-worker@0.9.13",
        17.5,
        (Commit("Tomasz Zieliński", "Hermod leaves the route out for islands", ("src/carrier/hermod.rs",)),),
    ),
    Release(
        "label-worker@0.9.14",
        5.5,
        (Commit("Haruka Ono", "Back off from printers that sleep", ("src/queue/backoff.rs", "src/printer/raw.rs")),),
    ),
)

ACTIONS = (
    Resolve("labels.unwrap", 18.9, "Tomasz Zieliński", ResolveIn("in_release", versions=("label-worker@0.9.13",))),
    Assign("labels.bounds", 12.5, "Mira Okafor", "Tomasz Zieliński"),
    Say(
        "labels.bounds",
        12.2,
        "Tomasz Zieliński",
        "Addresses with five lines: a company, a c/o and a second street line. The layout has room for four.",
    ),
    Archive("labels.retry", 16.0, "Haruka Ono", events=400),
    Assign("labels.overflow", 3.2, "Haruka Ono", "Haruka Ono"),
)

LABELS = App(
    "labels",
    "Label worker",
    "rust",
    "rust",
    "labels.internal",
    RELEASES,
    FAULTS,
    ACTIONS,
    rhythm="office",
    servers=("label-rtm-1", "label-rtm-2"),
    users="",
)
