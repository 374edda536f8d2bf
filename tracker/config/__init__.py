"""Settings, URL table, Celery app and WSGI callable; the upper layers appear here only as strings."""
