"""What the world consists of: applications, their releases and faults, and what people did about them.

`ago` is a number of days before the end, on a scale of 30 days: a demo of 10 days shortens all of them alike. Negative
ones lie in the future. Texts may hold placeholders such as `{order}`, which `tracker.demo.values` fills for each event.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tracker.issues.claims import ResolveIn

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Frame:
    """One call on a stack."""

    file: str
    function: str
    line: str | int
    """A piece of the source line, looked up in the application's sources; a number where SDKs send no source."""
    module: str = ""
    own: bool = True
    """False for frames of libraries."""
    variables: Texts = field(default_factory=dict)
    source: str = ""
    """The line's text, of a library's frame where SDKs send it."""


Stack = tuple[Frame, ...]
"""The outermost call first, as SDKs send it."""


@dataclass(frozen=True, slots=True)
class Thrown:
    """One exception of a chain."""

    type: str
    value: str
    stack: Stack = ()
    module: str = ""
    mechanism: str = "generic"
    handled: bool = True


@dataclass(frozen=True, slots=True)
class Crumb:
    """A breadcrumb; `pause` is how many seconds passed before what came next."""

    category: str
    message: str = ""
    level: str = "info"
    type: str = "default"
    data: Mapping[str, Any] = field(default_factory=dict)
    pause: float = 0.4


@dataclass(frozen=True, slots=True)
class Call:
    """The HTTP request, or the page, in which it happened."""

    path: str
    method: str = "GET"
    query: str = ""
    body: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Life:
    """Releases that have the fault: from one until another that has it no more; empty for from or to the end."""

    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Spike:
    """A burst: a share of all the demo's events within some hours."""

    ago: float
    hours: float
    share: float


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong again and again, and should be one issue."""

    key: str
    daily: float
    """Events on an ordinary day, of a demo of 20,000 events."""
    thrown: tuple[Thrown, ...] = ()
    """The oldest cause first."""
    message: str = ""
    """Of a logged message; with `%s` for each of `parameters`."""
    parameters: tuple[str, ...] = ()
    logger: str = ""
    level: str = "error"
    transaction: str = ""
    call: Call | None = None
    crumbs: tuple[Crumb, ...] = ()
    lives: tuple[Life, ...] = (Life(),)
    starts: float = 30.0
    """Days ago before which it did not happen, whatever the release."""
    ends: float = 0.0
    spikes: tuple[Spike, ...] = ()
    rhythm: str = ""
    """A rhythm of its own, where it has one."""
    growth: float = 0.0
    """By which it grows over the time: 1.0 doubles it."""
    people: float = 1.0
    """Share of the application's users whom it may affect; 0 where no user is known."""
    is_internal: bool = False
    """It affects the company's own staff, on pages that customers do not see."""
    clients: tuple[str, ...] = ()
    """Beginnings of the names of browsers or devices on which it happens; empty for all."""
    servers: tuple[str, ...] = ()
    runtime: str = ""
    """`node` for what happens on the storefront's server."""
    tags: Texts = field(default_factory=dict)
    extra: Texts = field(default_factory=dict)
    contexts: Mapping[str, Texts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Commit:
    """`message` may name faults that it fixes: `Fixes {shop.stock}` becomes the issue's short id."""

    author: str
    """The name of a member in `tracker.demo.people.MEMBERS`."""
    message: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """`ago` is its deploy to production; it was brought to staging `staged` days earlier."""

    version: str
    ago: float
    commits: tuple[Commit, ...] = ()
    staged: float = 0.8


@dataclass(frozen=True, slots=True)
class Assign:
    fault: str
    ago: float
    by: str
    to: str


@dataclass(frozen=True, slots=True)
class Resolve:
    fault: str
    ago: float
    by: str
    how: ResolveIn = field(default_factory=ResolveIn)


@dataclass(frozen=True, slots=True)
class Archive:
    """Until so many more events (on the scale of 20,000) or users, or for so many days; else permanently."""

    fault: str
    ago: float
    by: str
    events: int = 0
    users: int = 0
    days: float = 0.0


@dataclass(frozen=True, slots=True)
class Say:
    fault: str
    ago: float
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Merge:
    """Into `fault`, whichever of them has more events."""

    fault: str
    others: tuple[str, ...]
    ago: float
    by: str


Action = Assign | Resolve | Archive | Say | Merge


@dataclass(frozen=True, slots=True)
class Sessions:
    """How an SDK reports sessions: summed up by servers, or with the user's id by clients."""

    per_event: float
    """Sessions for each event, which decides how large the crash rate looks."""
    users: int = 0
    """How many people have sessions on a day, of a demo of 20,000 events; 0 where the SDK names nobody."""


@dataclass(frozen=True, slots=True, eq=False)
class App:
    """One project."""

    slug: str
    name: str
    platform: str
    """As the platform picker names it."""
    wire: str
    """The module of `tracker.demo.wire` that knows what its SDK sends."""
    host: str
    releases: tuple[Release, ...]
    """The oldest first."""
    faults: tuple[Fault, ...]
    actions: tuple[Action, ...] = ()
    rhythm: str = "shoppers"
    adoption_days: float = 0.02
    """How long it takes until most run a new release."""
    staging_share: float = 0.05
    servers: tuple[str, ...] = ()
    sessions: Sessions | None = None
    users: str = "customers"
    """`customers`, `staff`, or empty where no user is known."""
