"""The web app: pages and the REST API."""
