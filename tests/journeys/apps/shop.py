"""A small shop that fails, for any version of sentry-sdk: DSN, RELEASE are set.

`shop.py unhandled|handled|message|late`; `late` is a handled error of an hour ago, delivered only now.
"""

import os
import sys
import time
from typing import Any

import sentry_sdk


def discount(total: int, customers: int) -> float:
    secret_rate = 0.2
    share = total / customers
    return share * secret_rate


def checkout(cart: dict[str, Any]) -> float:
    cart_size = len(cart["items"])
    return discount(cart["total"], cart_size)


def an_hour_ago(event: Any, hint: Any) -> Any:
    event["timestamp"] = time.time() - 3600
    return event


def main(way: str) -> None:
    before_send = an_hour_ago if way == "late" else None
    sentry_sdk.init(
        dsn=os.environ["DSN"], release=os.environ["RELEASE"], environment="staging", before_send=before_send
    )
    sentry_sdk.set_user({"id": os.environ.get("SHOP_USER", "42"), "email": "ana@example.com"})
    sentry_sdk.set_tag("region", "eu-west")
    sentry_sdk.add_breadcrumb(category="cart", message="cart opened", level="info")
    if way == "message":
        sentry_sdk.capture_message("stock is low for item 4711", level="warning")
    elif way in ("handled", "late"):
        try:
            checkout({"items": [], "total": 10})
        except ZeroDivisionError as error:
            sentry_sdk.capture_exception(error)
    else:
        checkout({"items": [], "total": 10})
    sentry_sdk.flush(10)


if __name__ == "__main__":
    main(sys.argv[1])
