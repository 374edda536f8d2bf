"""Message templates: a message without what differs from one event to the next.

Eighteen classes of text are replaced by placeholders (`<int>`, `<url>`, `<id>` …), first as stretches of text (traces,
addresses, dates, objects, quotations), then word by word. Numbers that say what went wrong (`HTTP 503`, `errno 111`)
stay. The work is linear in the length of the text, of which only the first 1,024 characters of two lines are read.
"""

from grouping.messages.template import Token, explain_template, message_template

__all__ = ["Token", "explain_template", "message_template"]
