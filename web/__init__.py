"""The people's door: pages and the REST API."""
