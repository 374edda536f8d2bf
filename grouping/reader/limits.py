"""How much of one event is read and kept: every bound of the reader, in one place."""

DEPTH = 100
"""Levels of nesting kept; deeper values are replaced by a mark."""
TEXT = 8_192
"""Characters of a message or of an exception's value."""
NAME = 256
"""Characters of a type, logger, release, environment or server name."""
PATH = 1_024
"""Characters of a file name, module, function or transaction."""
LINE = 4_096
"""Characters of a frame's context line."""

OUTER_FRAMES = 50
INNER_FRAMES = 250
OUTER_EXCEPTIONS = 50
INNER_EXCEPTIONS = 150
THREADS = 256
BREADCRUMBS = 400
TAGS = 200
TAG_KEY = 200
TAG_VALUE = 512
FINGERPRINT_PARTS = 32
FINGERPRINT_PART = 1_024
FINGERPRINT = 8_192

COMFORTABLE_BYTES = 256 * 1024
"""A payload up to this size is kept as it is; a larger one has its texts, lists and free-form sections cut."""
LARGE_TEXT = 65_536
LARGE_ITEMS = 2_000
SECTION_CHARACTERS = 262_144
"""Characters kept of one free-form section (`extra`, `contexts`, `request` …) of a large payload."""
VARIABLES_CHARACTERS = 16_384
"""Characters kept of one frame's variables, or of one breadcrumb's data, of a large payload."""
