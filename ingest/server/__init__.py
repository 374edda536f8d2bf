"""The front of the web process: requests are read whole in an event loop, so that only whole ones hold a thread."""
