"""How rows and payloads are written and read in bulk, whatever they mean."""
