"""How the domain refuses: a code and values, of which `web.wording` makes a sentence."""

from collections.abc import Mapping
from enum import StrEnum


class Refusal(StrEnum):
    NO_ISSUES_CHOSEN = "no_issues_chosen"
    TOO_MANY_ISSUES = "too_many_issues"  # most

    UNKNOWN_RESOLUTION = "unknown_resolution"  # kind
    NO_RELEASE_NAMED = "no_release_named"
    TOO_MANY_RELEASES = "too_many_releases"  # most, longest
    NO_RELEASE_KNOWN = "no_release_known"
    NOT_NUMBERED = "not_numbered"  # version
    NOT_A_COMMIT = "not_a_commit"  # commit
    NOT_A_RANGE = "not_a_range"  # range
    NOT_A_BOUND = "not_a_bound"  # version
    NO_LOWEST_VERSION = "no_lowest_version"  # range
    EMPTY_RANGE = "empty_range"  # range

    UNKNOWN_ARCHIVAL = "unknown_archival"
    NOT_A_DAY = "not_a_day"
    NOT_AHEAD = "not_ahead"
    NOT_A_COUNT = "not_a_count"  # most

    NOT_A_MEMBER = "not_a_member"

    EMPTY_COMMENT = "empty_comment"
    COMMENT_TOO_LONG = "comment_too_long"  # most
    HOLDS_NUL = "holds_nul"

    NO_SUCH_ISSUE = "no_such_issue"  # short_id
    NOTHING_TO_MERGE = "nothing_to_merge"
    MERGED_ALREADY = "merged_already"
    DIFFERENT_PROJECTS = "different_projects"
    NO_KEY_CHOSEN = "no_key_chosen"
    KEYS_OF_SEVERAL_ISSUES = "keys_of_several_issues"
    ONE_KEY_STAYS = "one_key_stays"


Value = str | int


class DomainError(Exception):
    """What was asked for cannot be done, and nothing was changed.

    `code` says why; `values` are what a sentence about it names. Which values come with a code stands beside the code.
    """

    def __init__(self, code: StrEnum, **values: Value) -> None:
        super().__init__(code, values)
        self.code = code
        self.values: Mapping[str, Value] = values

    def __str__(self) -> str:
        """For logs and tests: `comment_too_long (most=20000)`."""
        values = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.code} ({values})" if values else str(self.code)
