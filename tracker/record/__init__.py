"""Rows of a batch: one transaction, a fixed number of statements, whatever the batch's size."""
