"""The ingest endpoint: takes in what SDKs send, spools it, and digests it to recorded rows."""
