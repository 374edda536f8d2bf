"""What became of everything received: recorded, rolled up by the hour, and added up."""
