"""Text → query → page of issues."""
