"""Grouping as the product knows it: active rules, what a draft would change, why, similar issues, mixed issues."""
