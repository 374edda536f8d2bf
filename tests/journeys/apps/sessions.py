"""Four people use the shop, for one it crashes; a server answers six requests. DSN, RELEASE are set."""

import os
import sys

import sentry_sdk
from sentry_sdk.utils import event_from_exception
from shop import checkout  # type: ignore[import-not-found]


def visit(user: str, *, crashes: bool) -> None:
    with sentry_sdk.isolation_scope() as scope:
        scope.set_user({"id": user})
        scope.start_session()
        if crashes:
            try:
                checkout({"items": [], "total": 10})
            except ZeroDivisionError:
                event, hint = event_from_exception(
                    sys.exc_info(),
                    client_options=sentry_sdk.get_client().options,
                    mechanism={"type": "shop", "handled": False},
                )
                sentry_sdk.capture_event(event, hint)
        scope.end_session()


def answer_request() -> None:
    with sentry_sdk.isolation_scope() as scope:
        scope.start_session(session_mode="request")
        scope.end_session()


sentry_sdk.init(dsn=os.environ["DSN"], release=os.environ["RELEASE"], environment="production")
for number in range(4):
    visit(f"user {number}", crashes=number == 0)
for _ in range(6):
    answer_request()
sentry_sdk.flush(10)
