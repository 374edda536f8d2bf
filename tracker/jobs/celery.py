"""The Celery app: tasks live in `ingest.tasks` and `tracker.serve.tasks`."""

import os

from celery import Celery

from tracker.jobs.broker import use_whole_messages

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.config.settings")

use_whole_messages()
app = Celery("stacktale", include=["ingest.tasks", "tracker.serve.tasks"])
app.config_from_object("django.conf:settings", namespace="CELERY")
