"""A lean HTTP client: keep-alive connections that ask again as soon as they are answered.

It shares the machine with what it measures, so it does next to nothing: no library between it and the
socket, requests encoded beforehand, answers read by their length.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

import uvloop

END_OF_HEAD = b"\r\n\r\n"
ANSWER_SECONDS = 30.0


@dataclass
class Answer:
    status: int
    body: bytes
    seconds: float


@dataclass
class Load:
    """What a closed loop of clients saw: seconds of each answer, and those that were no success."""

    seconds: list[float] = field(default_factory=list)
    refused: list[Answer] = field(default_factory=list)
    took: float = 0.0


def encode(
    method: str, path: str, *, host: str, headers: Mapping[str, str], body: bytes | None = None
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{k}: {v}" for k, v in headers.items())]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


class HttpConnection(asyncio.Protocol):
    """One keep-alive connection; one request at a time."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.head_end = -1
        self.length = 0
        self.waiting: asyncio.Future[Answer] | None = None
        self.asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    async def ask(self, request: bytes) -> Answer:
        self.waiting = asyncio.get_running_loop().create_future()
        self.received.clear()
        self.head_end = -1
        self.asked_at = time.perf_counter()
        self.transport.write(request)
        async with asyncio.timeout(ANSWER_SECONDS):
            return await self.waiting

    def data_received(self, data: bytes) -> None:
        self.received += data
        if self.head_end < 0:
            self.head_end = self.received.find(END_OF_HEAD)
            if self.head_end < 0:
                return
            self.length = _length_in(bytes(self.received[: self.head_end]))
        if self.waiting is None or len(self.received) < self.head_end + 4 + self.length:
            return
        took = time.perf_counter() - self.asked_at
        answer = Answer(int(self.received[9:12]), bytes(self.received[self.head_end + 4 :]), took)
        waiting, self.waiting = self.waiting, None
        waiting.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_exception(ConnectionError("the server closed the connection"))


def _length_in(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    raise ValueError("an answer without Content-Length")


async def open_connection(url: str) -> HttpConnection:
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    _transport, connection = await loop.create_connection(
        HttpConnection, str(parts.hostname), int(parts.port or 80)
    )
    return connection


def closed_loop(url: str, requests: Callable[[], bytes], *, clients: int, count: int) -> Load:
    """`count` requests over `clients` connections, each asking again when it is answered."""
    return uvloop.run(_closed_loop(url, requests, clients, count))


async def _closed_loop(url: str, requests: Callable[[], bytes], clients: int, count: int) -> Load:
    load = Load()
    to_ask = deque(requests() for _ in range(count))
    connections = [await open_connection(url) for _ in range(clients)]

    async def client(connection: HttpConnection) -> None:
        while to_ask:
            answer = await connection.ask(to_ask.popleft())
            load.seconds.append(answer.seconds)
            if answer.status >= 300:
                load.refused.append(answer)

    began = time.perf_counter()
    try:
        await asyncio.gather(*(client(connection) for connection in connections))
    finally:
        for connection in connections:
            connection.transport.close()
    load.took = time.perf_counter() - began
    return load
