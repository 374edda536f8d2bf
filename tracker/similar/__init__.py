"""Issues beside each other: similar ones, mixed ones, and why an event is where it is."""
