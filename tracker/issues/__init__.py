"""What people and events do to an issue's state."""
