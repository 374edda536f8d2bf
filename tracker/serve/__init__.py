"""`manage.py serve`: web server, worker and beat as children of one process that watches them."""
