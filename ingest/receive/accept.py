"""auth → body → envelope → items → limits → spool → response: the way of one request while its client waits."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from ingest.encodings import compress
from ingest.envelope import Envelope, Item, encode_envelope, read_envelope_header
from ingest.errors import Malformed, RateLimited, Rejected, TooLarge, Unauthenticated, Unavailable
from ingest.item_types import ERROR_CATEGORY, category_of, contents_of, quantity_of, type_of
from ingest.receive.adapters import read_envelope
from ingest.receive.auth import authenticate, check_dsn, read_dsn, read_key
from ingest.receive.body import BodyReader, MemoryBudget, Reservation, SentBody
from ingest.receive.items import Checked, check_items
from ingest.receive.keys import KeyInfo, Keys
from ingest.receive.limits import Exhausted, admit, rate_limits_header, retry_after_header
from ingest.receive.losses import Count, Loss, count_losses, count_unchecked, count_unread
from ingest.receive.request import Request, Response
from ingest.receive.windows import Windows
from tracker.outcomes.recording import Outcome
from tracker.spool import Entry, Offer, Spool, SpoolFailure, SpoolFull

logger = logging.getLogger(__name__)

FULL_SECONDS = 30
"""How long clients are asked to stay away from a full spool."""

SHARE_OF_OTHERS = 0.8
"""How full the spool may be for what is not an error: errors are refused last."""

_NO_EVENT = b"{}"


@dataclass(slots=True)
class Receiver:
    """What receiving needs, shared by all threads of a process."""

    keyring: Keys
    windows: Windows
    spool: Spool
    wake_worker: Callable[[], None]
    count: Count
    memory: MemoryBudget = field(default_factory=MemoryBudget)

    def accept(self, request: Request) -> Response:
        """Spool durably what the request brings, and respond. Raises Rejected; then nothing of it is stored."""
        with Reservation(self.memory) as memory:
            examined = self.examine(request, memory)
            failure = self.spool.append_all([examined.offer])[0] if examined.offer else None
            return self.conclude(examined, failure)

    def examine(self, request: Request, memory: Reservation) -> "Examined":
        """All that is done before anything is stored. Raises Rejected."""
        body = BodyReader(request, memory)
        key = self._authenticate(request, body)
        try:
            sent = body.read()
            envelope = read_envelope(request, sent.decode(memory))
        except Rejected as rejected:
            count_unread(self.count, request, key, rejected)
            raise
        check_dsn(read_dsn(envelope.header), key, request.route.project_id)
        return self._take_in(request, key, envelope, sent)

    def conclude(self, examined: "Examined", failure: SpoolFailure | None) -> Response:
        """The response, once what was offered to the spool is stored or not. Raises Rejected."""
        losses = examined.losses
        if failure is not None:
            code = "spool_full" if isinstance(failure, SpoolFull) else "unavailable"
            losses = losses + [Loss(item, Outcome.RATE_LIMITED, code) for item in examined.kept]
        count_losses(self.count, examined.request, examined.key, losses)
        if failure is not None:
            raise _not_stored(failure, examined.kept) from failure
        if examined.offer is not None:
            self._wake_worker()
        return examined.response

    def _authenticate(self, request: Request, body: BodyReader) -> KeyInfo:
        """Whose request it is, before more of it is read than is needed to tell."""
        public_key = read_key(request)
        if not public_key and request.route.endpoint == "envelope":
            dsn = read_dsn(read_envelope_header(body.read_start()))
            public_key = dsn.public_key if dsn else ""
        if not public_key:
            raise Unauthenticated("no key was given, neither by X-Sentry-Auth nor sentry_key nor the envelope's dsn")
        return authenticate(self.keyring, public_key, request.route.project_id)

    def _take_in(self, request: Request, key: KeyInfo, envelope: Envelope, sent: SentBody) -> "Examined":
        checked = check_items(envelope, self.memory)
        losses = [Loss(refused.item, Outcome.INVALID, refused.code) for refused in checked.refused]
        kept, exhausted = self._within_limits(request, key, checked.kept)
        losses += [Loss(item, Outcome.RATE_LIMITED, "quota") for item in _missing(checked.kept, kept)]
        if envelope.items and not kept:
            count_losses(self.count, request, key, losses)
            raise _nothing_kept(checked, exhausted)
        offer = _offer(request, key, Envelope(envelope.header, kept), checked, sent) if kept else None
        headers = (rate_limits_header(exhausted, "quota"),) if exhausted else ()
        return Examined(request, key, kept, losses, offer, Response(200, _response_body(checked, kept), headers))

    def _within_limits(
        self, request: Request, key: KeyInfo, items: list[Item]
    ) -> tuple[list[Item], tuple[Exhausted, ...]]:
        """The items that the key's limits let pass, and what is exhausted."""
        if not key.limits:
            return items, ()
        quantities = Counter[str]()
        for item in items:
            quantities[category_of(item)] += quantity_of(item)
        admission = admit(key, quantities, self.windows, request.received_at)
        if admission.unchecked:
            count_unchecked(self.count, request, key, admission.unchecked)
        left = dict(admission.granted)
        kept = []
        for item in items:
            category, quantity = category_of(item), quantity_of(item)
            if quantity > left.get(category, quantity):
                continue
            if category in left:
                left[category] -= quantity
            kept.append(item)
        return kept, admission.exhausted

    def _wake_worker(self) -> None:
        try:
            self.wake_worker()
        except Exception:
            # It is stored, and the sweep finds it; the client must not hear of a failure.
            logger.warning("no worker could be woken", exc_info=True)


@dataclass(slots=True, frozen=True)
class Examined:
    """A request that may be stored: what is offered to the spool, if anything, and the response where it is taken."""

    request: Request
    key: KeyInfo
    kept: list[Item]
    losses: list[Loss]
    offer: Offer | None
    response: Response


def _offer(request: Request, key: KeyInfo, kept: Envelope, checked: Checked, sent: SentBody) -> Offer:
    is_as_sent = request.route.endpoint == "envelope" and not checked.is_rewritten
    if is_as_sent and len(kept.items) == len(checked.kept):
        encoding, body = sent.encoding, sent.body
    else:
        encoding, body = compress(encode_envelope(kept))
    share = 1.0 if any(category_of(item) == ERROR_CATEGORY for item in kept.items) else SHARE_OF_OTHERS
    contents = contents_of(kept.items)
    return Offer(Entry(key.project_id, key.key_id, request.received_at, encoding, body, contents), share)


def _not_stored(failure: SpoolFailure, kept: list[Item]) -> Rejected:
    if not isinstance(failure, SpoolFull):
        return Unavailable("nothing can be stored at the moment")
    full = tuple(
        Exhausted(category, "organization", FULL_SECONDS) for category in sorted({category_of(i) for i in kept})
    )
    return RateLimited(
        "too much is waiting to be digested",
        headers=(rate_limits_header(full, "spool_full"), retry_after_header(full)),
    )


def _missing(before: list[Item], after: list[Item]) -> list[Item]:
    if len(before) == len(after):
        return []
    present = {id(item) for item in after}
    return [item for item in before if id(item) not in present]


def _nothing_kept(checked: Checked, exhausted: tuple[Exhausted, ...]) -> Rejected:
    if exhausted:
        return RateLimited(
            "the quota is used up", headers=(rate_limits_header(exhausted, "quota"), retry_after_header(exhausted))
        )
    reasons = tuple(refused.reason for refused in checked.refused[:20])
    kind = TooLarge if all(refused.code == "too_large" for refused in checked.refused) else Malformed
    return kind(reasons[0], causes=reasons)


def _response_body(checked: Checked, kept: list[Item]) -> bytes:
    if checked.event_id and any(type_of(item).bears_event for item in kept):
        return b'{"id":"%s"}' % checked.event_id.encode()
    return _NO_EVENT
