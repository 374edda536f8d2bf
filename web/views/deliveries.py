"""For administrators: what left the server, with every attempt, and what they should know."""

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tracker.deliver.attempts import send_again
from tracker.deliver.notices import words_of
from tracker.jobs.wakeup import wake
from tracker.models import DeliveryAttempt, JobStatus, Notification, OutboxMessage, Queue
from web.guards import administrator_page
from web.responses import PageRequest, page_of, render_page

MAX_ATTEMPTS_SHOWN = 50


@administrator_page
def delivery_list(request: PageRequest) -> HttpResponse:
    """Messages of one status, the newest first; all, unless `?status=` says otherwise."""
    asked = request.GET.get("status")
    status = JobStatus(asked) if asked in JobStatus.values else None
    found = OutboxMessage.objects.filter(status=status) if status else OutboxMessage.objects.all()
    # Who got what is for the list; what was written to them, and the links in it, is for nobody else.
    shown = found.defer("payload").order_by("-created_at", "-pk")
    newest = DeliveryAttempt.objects.order_by("-id")
    counts = dict(OutboxMessage.objects.order_by().values_list("status").annotate(Count("pk")))
    context = {
        "page": page_of(request, shown.prefetch_related(Prefetch("delivery_attempts", newest, to_attr="newest"))),
        "status": status,
        "counts": [(each, counts.get(each, 0)) for each in JobStatus],
        "total": sum(counts.values()),
        "max_attempts": MAX_ATTEMPTS_SHOWN,
    }
    return render(request, "administration/deliveries.html", context)


@administrator_page
@require_POST
def delivery_send_again(request: PageRequest, message_id: str) -> HttpResponse:
    message = get_object_or_404(OutboxMessage, pk=message_id)
    if send_again(message, timezone.now()):
        wake(Queue.DELIVER)
        messages.success(request, "The message is sent again, with the same id.")
    else:
        messages.error(request, "What it said is forgotten, or it is being sent now.")
    return redirect("delivery_list")


@administrator_page
def notice_list(request: PageRequest) -> HttpResponse:
    """One's own, the newest first."""
    page = page_of(request, Notification.objects.filter(user=request.user).order_by("-created_at", "-pk"))
    shown = page.map(lambda rows: [(row, words_of(row.kind, row.payload)) for row in rows])
    return render_page(request, "administration/notices.html", {"page": shown})


@administrator_page
@require_POST
def notice_read(request: PageRequest) -> HttpResponse:
    """One's own notices are read: the one of `?notice=`, else all; on to the page where something can be done."""
    unread = Notification.objects.filter(user=request.user, read_at=None)
    chosen = request.POST.get("notice")
    if chosen is not None:
        is_number = chosen.isdecimal() and len(chosen) < 19
        row = get_object_or_404(Notification, user=request.user, pk=int(chosen) if is_number else 0)
        unread.filter(pk=row.pk).update(read_at=timezone.now())
        return redirect(reverse(words_of(row.kind, row.payload).page))
    unread.update(read_at=timezone.now())
    return redirect("notice_list")
