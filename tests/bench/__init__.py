"""Benchmarks: measured by hand with `make bench`, never timed in the test run."""
