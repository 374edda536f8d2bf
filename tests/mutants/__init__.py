"""Mutation tests: break the code in one small place at a time, and see whether a test notices."""
