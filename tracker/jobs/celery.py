"""The Celery app; settings say which modules hold its tasks."""

import os

from celery import Celery

from tracker.jobs.broker import use_whole_messages

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.config.settings")

use_whole_messages()
app = Celery("stacktale")
app.config_from_object("django.conf:settings", namespace="CELERY")
