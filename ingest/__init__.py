"""The ingest endpoint: SDKs' bytes come in here and fall down to recorded rows."""
