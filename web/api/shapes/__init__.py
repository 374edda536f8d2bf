"""The domain's values in Sentry's documented JSON."""
