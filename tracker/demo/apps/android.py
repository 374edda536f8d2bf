"""The app for Android, in Kotlin: what goes wrong, its releases, and what its people did."""

from tracker.demo.parts import click, http, lib, own, screen, unhandled
from tracker.demo.scenario import (
    App,
    Archive,
    Assign,
    Commit,
    Fault,
    Frame,
    Life,
    Release,
    Resolve,
    Say,
    Sessions,
    Stack,
    Thrown,
)
from tracker.issues.claims import ResolveIn

CRASH = "UncaughtExceptionHandler"
PACKAGE = "com.tidewater.coffee"


def _android(name: str, function: str, line: int) -> Frame:
    """A frame of the system or of a library, by its class's full name."""
    ending = "kt" if name.startswith(("kotlinx.", "okhttp3.")) else "java"
    return lib(f"{name.rpartition('.')[2].partition('$')[0]}.{ending}", function, line, "", name)


def _kotlin(name: str, function: str, line: int) -> Frame:
    """A frame of the app itself, by its class's name below the app's package."""
    return own(f"{name.rpartition('.')[2].partition('$')[0]}.kt", function, line, f"{PACKAGE}.{name}")


MAIN: Stack = (
    _android("com.android.internal.os.ZygoteInit", "main", 884),
    _android("com.android.internal.os.RuntimeInit$MethodAndArgsCaller", "run", 598),
    _android("android.app.ActivityThread", "main", 9063),
    _android("android.os.Looper", "loop", 317),
    _android("android.os.Handler", "dispatchMessage", 107),
)
COROUTINE: Stack = (
    lib("CoroutineScheduler.kt", "run", 704, "", "kotlinx.coroutines.scheduling.CoroutineScheduler$Worker"),
    lib("ContinuationImpl.kt", "resumeWith", 33, "", "kotlin.coroutines.jvm.internal.BaseContinuationImpl"),
)
API = "https://tidewater.example/api"

FAULTS = (
    Fault(
        "android.context",
        daily=34,
        thrown=(
            unhandled(
                CRASH,
                "IllegalStateException",
                "Fragment BasketFragment{{hex8}} ({hex8}-41d2-4c0e-9b7a-{hex12}) not attached to a context.",
                (
                    *MAIN,
                    _kotlin("basket.BasketViewModel", "onPriceChanged", 74),
                    _kotlin("basket.BasketFragment", "showTotal", 131),
                    _android("androidx.fragment.app.Fragment", "requireContext", 976),
                ),
                "java.lang",
            ),
        ),
        level="fatal",
        crumbs=(
            screen("CoffeeFragment"),
            click("add_to_basket"),
            screen("BasketFragment"),
            http("GET", f"{API}/basket/", 200, "http"),
            screen("BasketFragment", "destroyed", 0.3),
        ),
        lives=(Life("com.tidewater.coffee@5.12.0+51200", "com.tidewater.coffee@5.12.2+51202"),),
        people=0.7,
    ),
    Fault(
        "android.weight",
        daily=70,
        thrown=(
            unhandled(
                CRASH,
                "JsonDecodingException",
                "Unexpected JSON token at offset {hundreds}: Failed to parse type 'double' for input '250 g' "
                "at path: $.items[0].weight",
                (
                    *COROUTINE,
                    _kotlin("api.ShopApi", "basket", 58),
                    _kotlin("api.Decoder", "decode", 22),
                    _android("kotlinx.serialization.json.internal.AbstractJsonLexer", "fail", 584),
                ),
                "kotlinx.serialization.json.internal",
            ),
        ),
        level="fatal",
        crumbs=(screen("BasketFragment"), http("GET", f"{API}/basket/", 200, "http")),
        # Since the shop's 2.17.1, whatever the app's version.
        starts=0.58,
    ),
    Fault(
        "android.offline",
        daily=46,
        thrown=(
            Thrown(
                "UnknownHostException",
                'Unable to resolve host "tidewater.example": No address associated with hostname',
                (
                    *COROUTINE,
                    _kotlin("sync.FavouritesSync", "push", 41),
                    _kotlin("api.ShopApi", "favourites", 83),
                    _android("okhttp3.internal.connection.RouteSelector", "resetNextInetSocketAddress", 149),
                    _android("java.net.Inet6AddressImpl", "lookupHostByAddress", 156),
                ),
                "java.net",
            ),
        ),
        level="warning",
        crumbs=(screen("HomeFragment"),),
    ),
    Fault(
        "android.anr",
        daily=7,
        thrown=(
            unhandled(
                "AppExitInfo",
                "ApplicationNotResponding",
                "ANR for at least 5000 ms.",
                (
                    *MAIN,
                    _kotlin("store.StoreLocator", "onMapReady", 96),
                    _kotlin("store.StoreRepository", "all", 33),
                    _android("android.database.sqlite.SQLiteConnection", "nativeExecuteForCursorWindow", -2),
                ),
                "io.sentry.android.core",
            ),
        ),
        crumbs=(screen("HomeFragment"), click("find_a_store"), screen("StoreFragment", pause=5.4)),
        people=0.4,
    ),
    Fault(
        "android.memory",
        daily=5,
        thrown=(
            unhandled(
                CRASH,
                "OutOfMemoryError",
                "Failed to allocate a {bytes} byte allocation with 1048576 free bytes and 1021KB until OOM",
                (
                    *MAIN,
                    _kotlin("gallery.GalleryFragment", "onCreateView", 47),
                    _kotlin("gallery.Pictures", "decode", 28),
                    _android("android.graphics.BitmapFactory", "nativeDecodeStream", -2),
                ),
                "java.lang",
            ),
        ),
        level="fatal",
        crumbs=(screen("CoffeeFragment"), click("picture"), screen("GalleryFragment", pause=0.9)),
        clients=("samsung", "HUAWEI"),
        people=0.3,
    ),
    Fault(
        "android.locked",
        daily=11,
        thrown=(
            unhandled(
                CRASH,
                "SQLiteDatabaseLockedException",
                "database is locked (code 5 SQLITE_BUSY)",
                (
                    *COROUTINE,
                    _kotlin("sync.FavouritesSync", "pull", 62),
                    _kotlin("db.FavouriteDao_Impl", "replaceAll", 118),
                    _android("android.database.sqlite.SQLiteConnection", "nativeExecute", -2),
                ),
                "android.database.sqlite",
            ),
        ),
        level="fatal",
        crumbs=(screen("HomeFragment"), http("GET", f"{API}/favourites/", 200, "http")),
        lives=(
            Life("", "com.tidewater.coffee@5.12.0+51200"),
            Life("com.tidewater.coffee@5.12.2+51202", ""),
        ),
        people=0.5,
    ),
    Fault(
        "android.deep-link",
        daily=4,
        message="A link led nowhere: %s",
        parameters=("tidewater://coffee/{slug}?size={small}",),
        level="info",
        crumbs=(screen("HomeFragment"),),
        people=0.3,
    ),
)

SOURCES = "app/src/main/java/com/tidewater/coffee"
RELEASES = (
    Release("com.tidewater.coffee@5.11.3+51103", 44.0),
    Release(
        "com.tidewater.coffee@5.12.0+51200",
        18.2,
        (
            Commit("Haruka Ono", "Basket updates its total while it is open", (f"{SOURCES}/basket/BasketFragment.kt",)),
            Commit(
                "Haruka Ono",
                "One writer for favourites\n\nFixes {android.locked}",
                (f"{SOURCES}/db/FavouriteDao.kt",),
            ),
        ),
        staged=2.0,
    ),
    Release(
        "com.tidewater.coffee@5.12.1+51201",
        13.0,
        (Commit("Inês Carvalho", "Ukrainian, Greek and Hindi", ("app/src/main/res/values-uk/strings.xml",)),),
        staged=1.0,
    ),
    Release(
        "com.tidewater.coffee@5.12.2+51202",
        7.2,
        (
            Commit(
                "Haruka Ono",
                "The basket listens only while it is on screen\n\nFixes {android.context}",
                (f"{SOURCES}/basket/BasketViewModel.kt",),
            ),
            Commit(
                "Inês Carvalho",
                "Favourites are fetched in the background",
                (f"{SOURCES}/sync/FavouritesSync.kt",),
            ),
        ),
        staged=1.0,
    ),
)

ACTIONS = (
    Assign("android.context", 16.8, "Mira Okafor", "Haruka Ono"),
    Say(
        "android.context", 16.1, "Haruka Ono", "The price arrives after the basket was left. Easy to see on slow lines."
    ),
    Assign("android.locked", 6.0, "Haruka Ono", "Inês Carvalho"),
    Archive("android.offline", 23.0, "Haruka Ono"),
    Resolve("android.deep-link", 4.0, "Inês Carvalho", ResolveIn("in_next_minor")),
    Say(
        "android.weight",
        0.4,
        "Paul Brandt",
        "Support here: the first calls about an app that closes when the basket is opened.",
    ),
    Assign("android.weight", 0.35, "Mira Okafor", "Robin Lindqvist"),
)

ANDROID = App(
    "android",
    "Android app",
    "other",
    "android",
    "tidewater.example",
    RELEASES,
    FAULTS,
    ACTIONS,
    adoption_days=2.6,
    staging_share=0.01,
    sessions=Sessions(per_event=40, users=1_500),
)
