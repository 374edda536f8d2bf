"""The RSGI application of the web process: bodies are read in the event loop, answers are made in threads."""

import asyncio
from functools import partial
from typing import Any
from wsgiref.types import WSGIApplication

from ingest.door import headers_of, refusal
from ingest.errors import Rejected
from ingest.front.bodies import Bodies
from ingest.front.environ import make_environ, put_body
from ingest.front.pool import Pool
from ingest.front.response import respond
from ingest.front.rsgi import Proto, Scope
from ingest.receive.routes import find_route

HEALTH = ("/healthz", "/readyz")


class Front:
    """Slow pages never hold up machines, nor machines the pages: each have threads of their own."""

    def __init__(self, application: WSGIApplication, *, machine_threads: int, page_threads: int) -> None:
        self._application = application
        self._bodies = Bodies()
        self._machines = Pool("machines", machine_threads)
        self._pages = Pool("pages", page_threads)

    async def __rsgi__(self, scope: Scope, proto: Proto) -> None:
        environ = make_environ(scope)
        path = environ["PATH_INFO"]
        pool = self._pages if find_route(path) is None and path not in HEALTH else self._machines
        body = b""
        try:
            body = await self._bodies.read(scope, proto)
            put_body(environ, body)
            await self._respond(environ, proto, pool)
        except Rejected as rejected:
            refuse(rejected, proto)
        finally:
            self._bodies.give_back(len(body))

    async def _respond(self, environ: dict[str, Any], proto: Proto, pool: Pool) -> None:
        loop = asyncio.get_running_loop()
        await pool.run(partial(respond, self._application, environ, proto, loop))

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called by the server when it stops."""
        self._machines.close()
        self._pages.close()


def refuse(rejected: Rejected, proto: Proto) -> None:
    """Answer as the door does; what is left of the body is not waited for."""
    answer = refusal(rejected)
    proto.response_bytes(answer.status, [*headers_of(answer), ("Connection", "close")], answer.body)
