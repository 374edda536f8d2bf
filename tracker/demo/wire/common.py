"""What the payloads of all SDKs have in common."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tracker.demo.people import Person
from tracker.demo.scenario import App, Crumb, Fault, Frame
from tracker.demo.sources import excerpt
from tracker.demo.values import Values

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """One occurrence of a fault, with all that was drawn for it."""

    app: App
    fault: Fault
    at: datetime
    release: str
    environment: str
    person: Person | None
    server: str
    event_id: str
    random: Random
    values: Values

    @property
    def host(self) -> str:
        return f"staging.{self.app.host}" if self.environment == "staging" else self.app.host

    def fill(self, content: Any) -> Any:
        """With the occurrence's values in place of placeholders."""
        return self.values.fill_all(content)

    def hexadecimal(self, digits: int) -> str:
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"

    def drift(self) -> int:
        """Lines by which the code has moved down since the first release."""
        return 2 * [release.version for release in self.app.releases].index(self.release)


def iso(at: datetime) -> str:
    """RFC 3339 with microseconds, as most SDKs write it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def epoch(at: datetime) -> float:
    """Seconds since 1970 with milliseconds, as JavaScript's and Rust's SDKs write it."""
    return round(at.timestamp(), 3)


def event_base(moment: Moment) -> Json:
    """What every event has, whatever the SDK."""
    event: Json = {
        "event_id": moment.event_id,
        "level": moment.fault.level,
        "release": moment.release,
        "environment": moment.environment,
    }
    if moment.fault.tags:
        event["tags"] = moment.fill(moment.fault.tags)
    if moment.fault.extra:
        event["extra"] = moment.fill(moment.fault.extra)
    if moment.fault.message:
        event["logentry"] = message_of(moment)
    if moment.fault.logger:
        event["logger"] = moment.fault.logger
    return event


def message_of(moment: Moment) -> Json:
    """A logged message as template, parameters and text."""
    parameters = moment.fill(moment.fault.parameters)
    text = moment.fault.message
    # As Python, Go and PHP write it, or as Java's loggers do.
    for parameter in parameters:
        text = text.replace("%s" if "%s" in text else "{}", parameter, 1)
    return {"message": moment.fault.message, "formatted": text, "params": parameters}


def trace_of(moment: Moment, operation: str = "", origin: str = "") -> Json:
    """The trace context."""
    trace: Json = {"trace_id": moment.hexadecimal(32), "span_id": moment.hexadecimal(16)}
    if operation:
        trace |= {"parent_span_id": None, "op": operation, "origin": origin}
    return trace


def crumbs_of(moment: Moment) -> Iterator[tuple[datetime, Crumb]]:
    """The fault's breadcrumbs, filled, with the times at which they were left."""
    pauses = [crumb.pause * moment.random.uniform(0.4, 1.7) for crumb in moment.fault.crumbs]
    for place, crumb in enumerate(moment.fault.crumbs):
        filled = Crumb(
            category=crumb.category,
            message=moment.fill(crumb.message),
            level=crumb.level,
            type=crumb.type,
            data=moment.fill(crumb.data),
        )
        yield moment.at - timedelta(seconds=sum(pauses[place:])), filled


def crumbs_as_json(moment: Moment, *, numbers: bool = False) -> list[Json]:
    """The breadcrumbs as most SDKs send them; `numbers` for times in seconds since 1970."""
    found = []
    for at, crumb in crumbs_of(moment):
        one: Json = {
            "type": crumb.type,
            "category": crumb.category,
            "level": crumb.level,
            "timestamp": epoch(at) if numbers else iso(at),
        }
        if crumb.message:
            one["message"] = crumb.message
        if crumb.data:
            one["data"] = dict(crumb.data)
        found.append(one)
    return found


def request_of(moment: Moment, agent: str = "") -> Json:
    """The HTTP request, as servers see it."""
    call = moment.fault.call
    if call is None:
        return {}
    headers = {"Accept": "*/*", "Host": moment.host}
    if agent:
        headers["User-Agent"] = agent
    if moment.person and agent == moment.person.client.agent:
        headers |= {"Accept-Language": f"{moment.person.locale},en;q=0.7", "Cookie": "[Filtered]"}
    request: Json = {
        "url": f"{'http' if moment.host.endswith('.internal') else 'https'}://{moment.host}{moment.fill(call.path)}",
        "method": call.method,
        "query_string": moment.fill(call.query),
        "headers": headers,
    }
    if call.body:
        request["data"] = moment.fill(call.body)
    return request


def user_of(moment: Moment, *, fields: tuple[str, ...] = ("id", "email", "name", "ip_address")) -> Json:
    """The affected user; `fields` of `Person` that the application tells its SDK."""
    person = moment.person
    if person is None:
        return {}
    return {"username" if field == "name" else field: getattr(person, field) for field in fields}


def source_of(moment: Moment, frame: Frame) -> Json:
    """A frame's line number, and the lines around it where the SDK sends source."""
    if isinstance(frame.line, int):
        number = frame.line + (moment.drift() if frame.own else 0)
        return {"lineno": number} | ({"context_line": frame.source} if frame.source else {})
    found = excerpt(moment.app.slug, frame.file, frame.line)
    return {
        "lineno": found.number + moment.drift(),
        "pre_context": found.before,
        "context_line": found.line,
        "post_context": found.after,
    }
