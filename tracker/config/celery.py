"""The Celery app: tasks live in `ingest.tasks` and `tracker.tasks`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.config.settings")

app = Celery("stacktale", include=["ingest.tasks", "tracker.tasks"])
app.config_from_object("django.conf:settings", namespace="CELERY")
