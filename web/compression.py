"""Responses go out compressed to clients that take it, but for those that hold a secret.

The length of compressed text tells what repeats in it (the BREACH attack): who can have a signed-in browser ask for
pages with a text of their choosing in them, thousands of times, and sees how long the responses are, guesses letter by
letter what else stands there. Here:

- No other site can have a browser load a page as somebody signed in but by going there for all to see: the session's
  cookie is SameSite=Lax. Tokens of the API no browser sends by itself.
- Django masks its CSRF token again in every response.
- What is shown once (API tokens, links of invitations and for lost passwords) comes in response to a POST, which needs
  that token; responses to a POST are not compressed.
- Pages of one's account (password, two-factor secret, recovery codes), of invitations, and whatever else may not be
  stored (`no-store`) are not compressed.
- DSNs are no secret: programs that anybody can download hold them. What remains is what events hold, beside a search's
  text; a random length is added to every compressed response, which makes each guess take thousands of requests more.

The endpoints of SDKs answer before Django is asked, and as they always did.
"""

import secrets
from collections.abc import Callable

import brotli
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_string

LEAST_BYTES = 1_000
"""Below, a packet more or less is all the same."""

TYPES = ("text/", "application/json", "application/javascript", "application/vnd.oai.openapi")
SECRET_PATHS = ("/accounts/", "/welcome/")
BROTLI_QUALITY = 5
"""A sixth smaller than gzip in the same time, half a millisecond for a page; nothing much better is quick."""
BROTLI_WINDOW = 16
"""64 kB, as a power of two: what repeats in a page is close by."""
MAX_PADDING = 100


class CompressionMiddleware:
    """Compresses what is text, complete, and no secret; `br` where the client takes it, else `gzip`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and may_be_compressed(request, response):
            patch_vary_headers(response, ("Accept-Encoding",))
            coding = best_coding(request.headers.get("Accept-Encoding", ""))
            if coding is not None:
                _compress(response, coding)
        return response


def may_be_compressed(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether it is worth it, allowed, and gives no secret away."""
    rules = response.get("Cache-Control", "")
    return (
        request.method in ("GET", "HEAD")
        and not request.path_info.startswith(SECRET_PATHS)
        and "no-store" not in rules
        and "no-transform" not in rules
        and "Content-Encoding" not in response
        and "Content-Range" not in response
        and response.get("Content-Type", "").startswith(TYPES)
        and len(response.content) >= LEAST_BYTES
    )


def best_coding(accepted: str) -> str | None:
    """`br`, `gzip` or None, for the text of an Accept-Encoding header (RFC 9110, 12.5.3)."""
    weights = dict(map(_weight, accepted.lower().split(",")))
    others = weights.get("*", 0.0)
    weight, coding = max((weights.get(coding, others), coding) for coding in ("gzip", "br"))
    if weight <= 0:
        return None
    # Who weighs both alike says that either will do.
    return "br" if weights.get("br", others) == weight else coding


def _weight(part: str) -> tuple[str, float]:
    """`gzip` and 0.5 of ` gzip;q=0.5`; what cannot be read weighs nothing."""
    coding, _, rest = part.partition(";")
    name, _, value = rest.partition("=")
    if not name.strip():
        return coding.strip(), 1.0
    try:
        return coding.strip(), float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return coding.strip(), 0.0


def _compress(response: HttpResponse, coding: str) -> None:
    if coding == "br":
        response.content = compress_with_brotli(response.content)
    else:
        response.content = compress_string(response.content, max_random_bytes=MAX_PADDING)
    response.headers["Content-Encoding"] = coding
    if "Content-Length" in response.headers:
        response.headers["Content-Length"] = str(len(response.content))
    # The same bytes no more, but the same page (RFC 9110, 8.8.1).
    if response.get("ETag", "").startswith('"'):
        response.headers["ETag"] = "W/" + response["ETag"]


def compress_with_brotli(content: bytes) -> bytes:
    """With a metadata block of random length, which decoders pass over (RFC 7932, 9.2)."""
    compressor = brotli.Compressor(quality=BROTLI_QUALITY, lgwin=BROTLI_WINDOW)
    # The text ends at a whole byte; `finish` adds the block that is the last.
    text = compressor.process(content) + compressor.flush()
    padding = secrets.token_bytes(1 + secrets.randbelow(MAX_PADDING))
    # From the lowest bit: 0 not the last block, 11 no data but metadata, 0 reserved, 01 its length takes one byte, the
    # length less one, and zeros up to a whole byte.
    head = 0b0_11 << 1 | 1 << 4 | (len(padding) - 1) << 6
    return bytes(text + head.to_bytes(2, "little") + padding + compressor.finish())
