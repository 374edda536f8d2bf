"""A small shop that fails, for any version of sentry-sdk: `shop.py unhandled|handled|message`; DSN, RELEASE are set."""

import os
import sys
from typing import Any

import sentry_sdk


def discount(total: int, customers: int) -> float:
    secret_rate = 0.2
    share = total / customers
    return share * secret_rate


def checkout(cart: dict[str, Any]) -> float:
    cart_size = len(cart["items"])
    return discount(cart["total"], cart_size)


def main(way: str) -> None:
    sentry_sdk.init(dsn=os.environ["DSN"], release=os.environ["RELEASE"], environment="staging")
    sentry_sdk.set_user({"id": os.environ.get("SHOP_USER", "42"), "email": "ana@example.com"})
    sentry_sdk.set_tag("region", "eu-west")
    sentry_sdk.add_breadcrumb(category="cart", message="cart opened", level="info")
    if way == "message":
        sentry_sdk.capture_message("stock is low for item 4711", level="warning")
    elif way == "handled":
        try:
            checkout({"items": [], "total": 10})
        except ZeroDivisionError as error:
            sentry_sdk.capture_exception(error)
    else:
        checkout({"items": [], "total": 10})
    sentry_sdk.flush(10)


if __name__ == "__main__":
    main(sys.argv[1])
