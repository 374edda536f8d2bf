"""The RSGI application of the web process: bodies are read in the event loop, what must wait does so in a thread."""

import asyncio
import time
from functools import partial
from typing import Any
from wsgiref.types import WSGIApplication

from ingest.endpoint import Endpoint, error_response, headers_of
from ingest.errors import Rejected, TooLarge, Unavailable
from ingest.health import ALIVE_BODY
from ingest.receive.body import MAX_WIRE
from ingest.receive.request import Request, Response, Route, find_route
from ingest.server.bodies import Bodies
from ingest.server.protocol import Proto, Scope
from ingest.server.quick import Appends, ColdKey, IsLarge, Lookups, MustWait, Pool, QuickEndpoint
from ingest.server.wsgi import make_environ, put_body, respond

ALIVE = "/healthz"
ALIVE_HEADERS = [("Content-Type", "application/json"), ("Cache-Control", "no-store")]
READY = "/readyz"
KEY_THREADS = 2
BULKY_THREADS = 2
"""Large bodies and bombs are decoded a few at a time, so that small ones never queue up behind them."""


class ServerApplication:
    """Routes requests to threads: slow pages never hold up SDKs, nor SDKs the pages, nor large bodies the small."""

    def __init__(
        self,
        endpoint: Endpoint,
        application: WSGIApplication,
        *,
        machine_threads: int,
        page_threads: int,
        bodies: Bodies | None = None,
    ) -> None:
        """`application` answers every request that is not an SDK's."""
        self._endpoint = endpoint
        self._application = application
        self._bodies = bodies or Bodies()
        self._appends = Appends(endpoint.receiver.spool)
        self._quick = QuickEndpoint(endpoint, self._appends)
        self._machines = Pool("machines", machine_threads)
        self._bulky = Pool("bulky", BULKY_THREADS)
        # Of their own, too: a database that hangs takes these threads, and the others go on.
        self._health = Pool("health", 1)
        self._keys = Pool("keys", KEY_THREADS)
        self._lookups = Lookups(endpoint.receiver.keyring, self._keys)
        self._pages = Pool("pages", page_threads)

    async def __rsgi__(self, scope: Scope, proto: Proto) -> None:
        if scope.path == ALIVE:
            # From the event loop: whatever hangs in a thread, this tells whether the process lives.
            proto.response_bytes(200, ALIVE_HEADERS, b"" if scope.method == "HEAD" else ALIVE_BODY)
            return
        environ = make_environ(scope)
        body = b""
        try:
            body = await self._bodies.read(scope, proto)
            route = find_route(environ["PATH_INFO"])
            if route is None:
                put_body(environ, body)
                await self._show(environ, proto)
            else:
                _send(await self._answer(route, environ, body), environ, proto)
        except Rejected as rejected:
            # What is left of the body is not waited for.
            response = error_response(rejected)
            _send(
                Response(response.status, response.body, (*response.headers, ("Connection", "close"))), environ, proto
            )
        finally:
            self._bodies.give_back(len(body))

    async def _answer(self, route: Route, environ: dict[str, Any], body: bytes) -> Response:
        try:
            return await self._decide(route, environ, body)
        except ColdKey as cold:
            await self._lookups.look_up(cold.public_key)
        try:
            return await self._decide(route, environ, body)
        except ColdKey:
            raise Unavailable("the key cannot be looked up at the moment") from None

    async def _decide(self, route: Route, environ: dict[str, Any], body: bytes) -> Response:
        """The response, from the event loop or from the threads that the request belongs to. Raises ColdKey."""
        put_body(environ, body)
        try:
            return await self._quick.respond(Request(route, environ, time.time()))
        except ColdKey:
            raise
        except MustWait as wait:
            put_body(environ, body)
            pool = self._bulky if isinstance(wait, IsLarge) else self._machines
            return await pool.run(partial(self._endpoint.respond, Request(route, environ, time.time())))

    async def _show(self, environ: dict[str, Any], proto: Proto) -> None:
        if int(environ.get("CONTENT_LENGTH", 0)) > MAX_WIRE:
            raise TooLarge(f"the body is larger than {MAX_WIRE:,} bytes")
        pool = self._health if environ["PATH_INFO"] == READY else self._pages
        await pool.run(partial(respond, self._application, environ, proto, asyncio.get_running_loop()))

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called by the server when it stops."""
        self._machines.close()
        self._bulky.close()
        self._health.close()
        self._keys.close()
        self._pages.close()
        self._appends.close()


def _send(response: Response, environ: dict[str, Any], proto: Proto) -> None:
    if environ["REQUEST_METHOD"] == "HEAD":
        proto.response_empty(response.status, headers_of(response))
    else:
        proto.response_bytes(response.status, headers_of(response), response.body)
