"""The domain: tables, and the verbs on them. Knows the database, no request and no HTML."""
