"""What happens while the client waits; no database query on a warm key."""
