"""How a release's version, which may hold anything, stands in a page's address."""

from urllib.parse import unquote

from django.urls import register_converter
from django.urls.converters import StringConverter


class VersionConverter(StringConverter):
    """Links escape slashes, and a name of dots alone, once more than addresses are (`%252F`).

    Browsers and proxies read `a/../b` and `a//b` as other addresses. Slashes that stand as they are are understood too.
    """

    regex = r"(?s:.+)"

    def to_python(self, value: str) -> str:
        return unquote(value)

    def to_url(self, value: str) -> str:
        escaped = value.replace("%", "%25").replace("/", "%2F")
        return escaped.replace(".", "%2E") if value in (".", "..") else escaped


register_converter(VersionConverter, "escaped_version")
