"""Settings, URL table, Celery app and WSGI callable; the upper floors appear here only as strings."""
