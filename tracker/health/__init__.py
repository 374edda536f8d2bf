"""How the installation does: its parts, its schema, and whether everything adds up."""
