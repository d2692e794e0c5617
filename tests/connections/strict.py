"""A gateway's HTTP server in the tests: it takes only what the real one takes, and misbehaves on demand."""

from __future__ import annotations

import asyncio
import socket
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

Answer = Callable[[Request], Awaitable[Response]]
Trouble = Callable[[Request, Answer], Awaitable[Response]]
SOON = 10.0


class Surprise(AssertionError):
    """A request that the real server would not have understood."""


class StrictServer:
    """Runs on a free port. What it did not expect is answered with 500 and remembered in `surprises`."""

    def __init__(self) -> None:
        self.surprises: list[str] = []
        self.calls: list[tuple[str, str]] = []
        self.troubles: dict[str, deque[Trouble]] = defaultdict(deque)
        everything = Route("/{path:path}", self._serve, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
        self.app = Starlette(routes=[everything])

    async def __aenter__(self) -> Self:
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        config = uvicorn.Config(self.app, log_level="critical", lifespan="off", timeout_graceful_shutdown=0)
        self.server = uvicorn.Server(config)
        self.server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self.task = asyncio.create_task(self.server.serve([self.socket]))
        async with asyncio.timeout(SOON):
            while not self.server.started:
                await asyncio.sleep(0.005)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.should_exit = self.server.force_exit = True
        await asyncio.wait_for(self.task, SOON)
        self.socket.close()

    def next(self, part: str, *troubles: Trouble) -> None:
        """What the next calls do whose path holds this."""
        self.troubles[part].extend(troubles)

    async def answer(self, request: Request) -> Response:
        """The real work; raises Surprise."""
        raise NotImplementedError

    async def _serve(self, request: Request) -> Response:
        self.calls.append((request.method, request.url.path))
        for part, waiting in self.troubles.items():
            if part in request.url.path and waiting:
                return await waiting.popleft()(request, self._answered)
        return await self._answered(request)

    async def _answered(self, request: Request) -> Response:
        try:
            return await self.answer(request)
        except (AssertionError, KeyError, TypeError, ValueError) as odd:
            self.surprises.append(f"{request.method} {request.url.path}: {odd!r}")
            return JSONResponse({"error": repr(odd)}, status_code=500)


# --- troubles -------------------------------------------------------------------------------------


async def hang(request: Request, answer: Answer) -> Response:
    """Nothing is done, nothing is said."""
    await asyncio.sleep(60)
    return Response()


async def do_and_hang(request: Request, answer: Answer) -> Response:
    """It is done, and nobody hears of it."""
    await answer(request)
    await asyncio.sleep(60)
    return Response()


def status(code: int, body: Any = None) -> Trouble:
    async def refuse(request: Request, answer: Answer) -> Response:
        return JSONResponse(body, status_code=code)

    return refuse


def text(body: bytes, code: int = 200) -> Trouble:
    async def say(request: Request, answer: Answer) -> Response:
        return Response(body, status_code=code)

    return say


def streams(*chunks: bytes, then_breaks: bool = False, pause: float = 0.0) -> Trouble:
    """A body in pieces; it may break off before its end."""

    async def body() -> Any:
        for chunk in chunks:
            yield chunk
            await asyncio.sleep(pause)
        if then_breaks:
            raise ConnectionResetError

    async def stream(request: Request, answer: Answer) -> Response:
        length = {"Content-Length": str(sum(map(len, chunks)) + 1)} if then_breaks else {}
        return StreamingResponse(body(), media_type="application/json", headers=length)

    return stream


# --- expectations ---------------------------------------------------------------------------------


def holds(body: Any, needed: set[str], optional: frozenset[str] | set[str] = frozenset()) -> dict[str, Any]:
    """A JSON object with these fields and no others."""
    if not isinstance(body, dict):
        raise Surprise(f"not an object: {body!r}")
    if not needed <= set(body) <= needed | optional:
        raise Surprise(f"fields {sorted(body)} instead of {sorted(needed)} and perhaps {sorted(optional)}")
    return body


def expect(condition: object, why: str) -> None:
    if not condition:
        raise Surprise(why)
