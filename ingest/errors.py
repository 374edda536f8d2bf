"""What the door refuses with: nothing else reaches it. Each has its status and a reason for the client."""


class Rejected(Exception):
    """A request that is not taken; `reason` goes to the client as JSON `detail` and as `X-Sentry-Error`."""

    status = 400

    def __init__(self, reason: str, *, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.headers = headers


class Malformed(Rejected):
    """The framing or an encoding cannot be read."""


class Unauthenticated(Rejected):
    """No key was given at all."""

    status = 401


class Forbidden(Rejected):
    """The key is unknown, disabled, or of another project."""

    status = 403


class TooLarge(Rejected):
    status = 413


class RateLimited(Rejected):
    status = 429


class Unavailable(Rejected):
    """Nothing can be stored durably right now; the client is asked to come again."""

    status = 503
