"""Errors that happen in a project, recorded as the digest records them, for tests of the pages that show them."""

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import orjson

from grouping.event import Event
from grouping.group import Grouping, Key
from grouping.reader import read_event
from grouping.titles import culprit_of, title_of
from tracker.models import Issue, Project
from tracker.models.issues import LEVEL_BY_NAME
from tracker.record.batch import record_batch
from tracker.record.digested import Digested

_numbers = count(1)

BREAKOUT = "\"'></code></pre></script><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}${alert(3)}"
"""Text that would break out of markup, attributes and scripts if anything let it."""

FRAMES = [
    {
        "function": "get_response",
        "module": "django.core.handlers.base",
        "filename": "django/core/handlers/base.py",
        "abs_path": "/venv/lib/python3.12/site-packages/django/core/handlers/base.py",
        "lineno": 197,
        "in_app": False,
        "context_line": "response = wrapped_callback(request)",
    },
    {
        "function": "atomic",
        "module": "django.db.transaction",
        "filename": "django/db/transaction.py",
        "abs_path": "/venv/lib/python3.12/site-packages/django/db/transaction.py",
        "lineno": 12,
        "in_app": False,
    },
    {
        "function": "checkout",
        "module": "shop.views",
        "filename": "shop/views.py",
        "lineno": 42,
        "in_app": True,
        "pre_context": ["def checkout(request):", "    cart = Cart(request)"],
        "context_line": "    total = cart.total / cart.items",
        "post_context": ["    return pay(total)"],
        "vars": {"cart": "<Cart 7>", "password": "[Filtered]", "request": {"path": "/pay/", "method": "POST"}},
    },
]


def payload(**changes: Any) -> dict[str, Any]:
    """What a Python SDK sends of a division by zero."""
    return {
        "platform": "python",
        "level": "error",
        "exception": {
            "values": [
                {
                    "type": "ZeroDivisionError",
                    "value": "division by zero",
                    "mechanism": {"type": "django", "handled": False},
                    "stacktrace": {"frames": FRAMES},
                }
            ]
        },
        "release": "shop@1.4.1",
        "environment": "production",
        "user": {"id": "7", "email": "mia@example.com"},
        "tags": {"plan": "gold"},
        **changes,
    }


def happen(project: Project, group: str = "a", at: datetime | None = None, **changes: Any) -> Issue:
    """Record one event of the group; returns its issue."""
    now = datetime.now(UTC)
    sent = payload(**changes)
    event_id = hashlib.md5(f"happening {next(_numbers)}".encode()).digest()
    read = read_event(sent, event_id=event_id.hex())
    [recorded] = record_batch([_digested(project, event_id, read, group, at or now, sent)], now)
    return Issue.objects.select_related("project__organization").get(id=recorded.issue_id)


def happen_often(project: Project, times: int, group: str = "a", **changes: Any) -> Issue:
    """Record events one minute apart, the last one just now."""
    now = datetime.now(UTC)
    for number in range(times):
        issue = happen(project, group, at=now - timedelta(minutes=times - 1 - number), **changes)
    return issue


def happen_poisoned(project: Project) -> Issue:
    """An issue whose event carries markup in every place where a program can put text."""
    text = BREAKOUT
    frame = {
        **dict.fromkeys(("function", "module", "filename", "abs_path", "package", "context_line"), text),
        "pre_context": [text],
        "post_context": [text],
        "vars": {text: text, "nested": {text: [text]}},
        "lineno": 3,
        "in_app": True,
    }
    stack = {"frames": [frame, {**frame, "in_app": False}, {**frame, "in_app": False}, frame]}
    return happen(
        project,
        exception={"values": [{"type": text, "value": text, "mechanism": {"type": text}, "stacktrace": stack}]},
        threads={"values": [{"id": text, "name": text, "crashed": True, "state": text, "stacktrace": stack}]},
        message=text,
        logger=text,
        transaction=text,
        server_name=text,
        release=text.replace("/", "").replace("\\", ""),
        environment=text[:60],
        user={"id": text, "email": text, "username": text, text: text},
        tags={text[:30]: text},
        extra={text: text},
        contexts={text: {text: text}, "browser": {"name": text, "version": text}},
        modules={text: text},
        request={
            "url": "javascript:alert(1)//" + text,
            "method": text,
            "query_string": {text: text},
            "headers": {text: text},
            "cookies": {text: text},
            "env": {text: text},
            "data": text,
        },
        breadcrumbs=[{"category": text, "message": text, "level": "error", "type": text, "data": {text: text}}],
        sdk={"name": text, "version": text},
    )


def _digested(
    project: Project, event_id: bytes, read: Event, group: str, at: datetime, sent: dict[str, Any]
) -> Digested:
    title = title_of(read)
    return Digested(
        project_id=project.pk,
        key_id=0,
        event_id=event_id,
        occurred_at=at,
        received_at=at,
        grouping=Grouping([Key("app", hashlib.md5(group.encode()).digest())]),
        title=title.title[:255],
        type=title.type[:255],
        value=title.value[:1024],
        culprit=culprit_of(read)[:255],
        platform=read.platform,
        logger=read.logger,
        level=LEVEL_BY_NAME[read.level],
        is_unhandled=any(exception.mechanism.handled is False for exception in read.exceptions),
        release=read.release,
        environment=read.environment,
        user_identity=read.user.identity,
        user_email=read.user.email,
        tags={"environment": read.environment, "level": read.level, **read.tags},
        payload=orjson.dumps(sent),
    )
