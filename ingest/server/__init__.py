"""In front of the web process's threads: an event loop reads requests whole, so that only whole ones hold one."""
