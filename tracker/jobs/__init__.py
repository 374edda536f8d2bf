"""Work for the workers: rows with a state, time slices, wake-ups, the Celery app and its broker."""
