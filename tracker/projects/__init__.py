"""Projects, their keys and limits."""
