"""Counted rows of issues: hours, tags, users; series and shares read from them."""
