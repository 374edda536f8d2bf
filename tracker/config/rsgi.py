"""The RSGI application that `serve` runs: requests are read whole in an event loop; the ingest endpoint and Django answer them."""

from importlib import import_module

from django.conf import settings

from tracker.config import wsgi

application = import_module("ingest.server.application").Front(
    wsgi.endpoint, wsgi.application, machine_threads=settings.WEB_THREADS, page_threads=settings.WEB_THREADS
)
