"""The WSGI callable: health, then the ingest endpoint; what is no SDK's address goes on to Django."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.config.settings")

pages = get_wsgi_application()
endpoint = import_module("ingest.endpoint").make_endpoint(pages)
application = import_module("ingest.health").make_health(endpoint)
