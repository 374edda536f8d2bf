"""What was done, said at the foot of the page, with a way back: `django.contrib.messages` with an undo."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

UNDO = "undo:"


def confirm(request: HttpRequest, sentence: str, consequence: str = "", activity_ids: Sequence[int] = ()) -> None:
    """Say what was done and what follows from it; with activities, offer to undo them."""
    tags = UNDO + ",".join(str(activity_id) for activity_id in activity_ids) if activity_ids else ""
    messages.success(request, f"{sentence}\n{consequence}" if consequence else sentence, extra_tags=tags)


def refuse(request: HttpRequest, sentence: str) -> None:
    messages.error(request, sentence)


def answer_with_toasts(request: HttpRequest, *, trigger: str = "") -> HttpResponse:
    """An answer to htmx that only swaps the toasts; `trigger` names an event on which parts fetch themselves."""
    response = render(request, "components/toasts.html", {"oob": True})
    if trigger:
        response["HX-Trigger"] = trigger
    return response
