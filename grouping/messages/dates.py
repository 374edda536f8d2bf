"""Dates and times in running text.

The families: ISO 8601 (extended and basic), RFC 822, 850 and 3339, the forms of C's `ctime` and of JavaScript, of log
files, written out (`Jan 18, 2019`), times of day with seconds or AM/PM, and `datetime(…)` of Python. No quantifier is
nested, and every one is bounded.
"""

import re

from grouping.messages.spans import Spans

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
_ZONE_NAME = r"(?:Z|UTC|GMT|CES?T|EES?T|E[SD]T|C[SD]T|M[SD]T|P[SD]T|BST|IST|JST|MSK)\b"
_ZONE = rf"(?: ?{_ZONE_NAME})?(?: ?[+-]\d{{2}}:?\d{{2}})?(?: \([A-Z][A-Za-z ]{{1,40}}\))?"
_CLOCK = rf"\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,:]\d{{1,9}})?)?(?: ?[AaPp][Mm]\b)?{_ZONE}"
_ENDS = r"(?!\w)"

_DIGITS_FIRST = re.compile(
    r"\d(?<![\w.]\d)(?:"
    rf"\d{{3}}([-/.])\d{{1,2}}\1\d{{1,2}}(?:[T ,]{{1,2}}{_CLOCK})?"
    rf"|\d{{7}}T\d{{6}}(?:\.\d{{1,9}})?{_ZONE}"
    rf"|\d?([/.])\d{{1,2}}\2\d{{4}}(?:,? {_CLOCK})?"
    rf"|\d?[ /-]{_MONTH}[ /-]\d{{2,4}}(?:[ :T,]{{1,2}}{_CLOCK})?"
    rf"){_ENDS}"
)
_NAME_FIRST = re.compile(
    rf"(?:{_DAY},? )?(?:"
    rf"{_MONTH} {{1,2}}\d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}}\b(?!:))?(?:,? (?:at )?{_CLOCK})?(?: \d{{4}})?"
    rf"|\d{{1,2}}[ -]{_MONTH}[ -]\d{{2,4}}(?: {_CLOCK})?"
    rf"){_ENDS}"
)
_NAME = re.compile("Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun")
_TIME_OF_DAY = re.compile(
    r"\d(?<![\w:.]\d)\d?:\d{2}(?::\d{2}(?:[.,]\d{1,9})?(?: ?[AaPp][Mm]\b)?| ?[AaPp][Mm]\b)(?![\w:])"
)
_CONSTRUCTED = re.compile(r"datetime\.(?:datetime|date|time|timedelta)\([^()]{0,120}\)")


def mark_dates(spans: Spans) -> None:
    """Mark every date and time of a text that has a digit."""
    text = spans.text
    if "datetime." in text:
        spans.replace(_CONSTRUCTED, "<date>", "date")
    if _NAME.search(text):
        spans.replace(_NAME_FIRST, "<date>", "date")
    spans.replace(_DIGITS_FIRST, "<date>", "date")
    if ":" in spans.text:
        spans.replace(_TIME_OF_DAY, "<date>", "time of day")
