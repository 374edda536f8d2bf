"""The REST API under /api/0/, in Sentry's documented shapes; the only place that knows Sentry's names for things."""
