"""The RSGI application that `serve` runs: an event loop reads requests, the ingest endpoint and Django answer them."""

from importlib import import_module

from django.conf import settings

from tracker.config import wsgi

application = import_module("ingest.server.application").ServerApplication(
    wsgi.endpoint, wsgi.application, machine_threads=settings.WEB_THREADS, page_threads=settings.WEB_THREADS
)
