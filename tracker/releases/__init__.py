"""Releases: made known by events, by the API and by people; what is in them, where they run, and how they do."""
