"""What the ingest endpoint refuses with: nothing else reaches it. Each has its status and a reason for the client."""


class Rejected(Exception):
    """A request that is not taken; `reason` goes to the client as JSON `detail` and as `X-Sentry-Error`.

    `code` is the short name under which the loss is counted, where a key is known.
    """

    status = 400
    code = "malformed"

    def __init__(self, reason: str, *, causes: tuple[str, ...] = (), headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.causes = causes
        self.headers = headers


class Malformed(Rejected):
    """The framing or an encoding cannot be read."""


class Unauthenticated(Rejected):
    """No key was given at all.

    Envelope specification, "Authentication": "If both are missing, the Envelope is rejected with status code 403".
    """

    status = 403
    code = "no_key"


class Forbidden(Rejected):
    """The key is unknown, disabled, or of another project."""

    status = 403
    code = "wrong_key"


class NotServed(Rejected):
    """Nothing answers at this address."""

    status = 404
    code = "no_such_address"


class MethodNotAllowed(Rejected):
    status = 405
    code = "method"


class TooSlow(Rejected):
    """The body did not come in time."""

    status = 408
    code = "too_slow"


class TooLarge(Rejected):
    status = 413
    code = "too_large"


class RateLimited(Rejected):
    status = 429
    code = "rate_limited"


class Unavailable(Rejected):
    """Nothing can be stored durably right now; the client is asked to come again."""

    status = 503
    code = "unavailable"

    def __init__(self, reason: str, *, retry_after_seconds: int = 10) -> None:
        super().__init__(reason, headers=(("Retry-After", str(retry_after_seconds)),))
