"""The RSGI application that `serve` runs: requests are read whole in an event loop, then the WSGI callable answers."""

from importlib import import_module

from django.conf import settings

from tracker.config.wsgi import application as answering

application = import_module("ingest.front.application").Front(
    answering, machine_threads=settings.WEB_THREADS, page_threads=settings.WEB_THREADS
)
