"""What happened, and is it the same as before? Plain Python: no framework, no I/O."""
