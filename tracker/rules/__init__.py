"""Grouping as the product knows it: rules in force, what a draft would change, why, similar issues, mixed issues."""
