"""Consoles for a load bench: hundreds of live sockets, as lean as they can be, in a process of their own.

Each speaks WebSocket straight on the socket and offers compression as browsers do. Of a frame it notes
its kind, its mark, the ticket it is about and the moment it came, and keeps nothing else.
"""

from __future__ import annotations

import asyncio
import base64
import multiprocessing
import os
import re
import signal
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, cast
from urllib.parse import urlsplit

import uvloop

# A text that a bench puts into a message, to know its frames again.
MARK = re.compile(rb"bench-\d{6}")
TICKET = b'"ticket":{"id":"'
WITH_MESSAGE = b'"data":{"message":'
BEAT_SECONDS = 25.0
CONNECT_SECONDS = 60.0
CONNECTING_AT_ONCE = 50
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
MASK = b"\0\0\0\0"  # a client must mask; with zeros there is nothing to compute


@dataclass(frozen=True)
class Seat:
    """One console: where it connects, as whom, and which ticket it has open."""

    url: str
    path: str
    cookie: str
    open_ticket: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A frame that reached a console. `at` is `time.monotonic()`, one clock for the whole machine. `ticket`:
    the id of the one it is about, or empty; `mark`: of the text in it, else the ticket's id."""

    console: int
    kind: str
    mark: str
    ticket: str
    with_message: bool
    at: float


def mark(number: int) -> str:
    return f"bench-{number:06d}"


class Console(asyncio.Protocol):
    """One live socket."""

    def __init__(self, number: int, seat: Seat, heard: list[Heard]) -> None:
        self.number, self.seat, self.heard = number, seat, heard
        self.received = bytearray()
        self.is_open = False
        self.inflate: Any = None
        self.is_ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_over = False

    # --- the socket ---------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        parts = urlsplit(self.seat.url)
        lines = [
            f"GET {self.seat.path} HTTP/1.1",
            f"Host: {parts.netloc}",
            f"Origin: {self.seat.url}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
            f"Cookie: {self.seat.cookie}",
        ]
        self.transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        at = time.monotonic()
        self.received += data
        if not self.is_open and not self._read_handshake():
            return
        while (frame := self._next_frame()) is not None:
            opcode, text = frame
            if opcode == TEXT:
                self._note(text, at)
            elif opcode == PING:
                self._send(PONG, text)
            elif opcode == CLOSE:
                self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.is_over = True
        if not self.is_ready.done():
            self.is_ready.set_exception(ConnectionError(f"console {self.number} was refused"))

    def _read_handshake(self) -> bool:
        head, found, rest = bytes(self.received).partition(b"\r\n\r\n")
        if not found:
            return False
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self.transport.close()
            return False
        if b"permessage-deflate" in head.lower():
            self.inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self.received = bytearray(rest)
        self.is_open = True
        return True

    def _next_frame(self) -> tuple[int, bytes] | None:
        """The next whole frame of the server: short, 16-bit or 64-bit length, never masked."""
        data = self.received
        if len(data) < 2:
            return None
        length, start = data[1] & 127, 2
        if length == 126:
            length, start = int.from_bytes(data[2:4]), 4
        elif length == 127:
            length, start = int.from_bytes(data[2:10]), 10
        if len(data) < start + length:
            return None
        opcode, is_deflated = data[0] & 15, bool(data[0] & 64)
        text = bytes(data[start : start + length])
        del data[: start + length]
        if is_deflated:
            text = self.inflate.decompress(text + b"\x00\x00\xff\xff")
        return opcode, text

    def _send(self, opcode: int, text: bytes) -> None:
        length = bytes([128 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2)
        self.transport.write(bytes([128 | opcode]) + length + MASK + text)

    # --- what a console does ------------------------------------------------------------------

    def _note(self, text: bytes, at: float) -> None:
        kind = text[9 : text.index(b'"', 9)].decode()  # {"kind":"…
        if kind == "hello":
            if self.seat.open_ticket:
                self.open_ticket(self.seat.open_ticket)
            if not self.is_ready.done():
                self.is_ready.set_result(None)
        found = MARK.search(text)
        start = text.find(TICKET) + len(TICKET)
        ticket = text[start : start + 36].decode() if start >= len(TICKET) else ""
        name = found.group().decode() if found else ticket
        self.heard.append(Heard(self.number, kind, name, ticket, WITH_MESSAGE in text[:90], at))

    def open_ticket(self, ticket_id: str) -> None:
        self._send(TEXT, b'{"do":"join","ticket":"%s"}' % ticket_id.encode())

    def beat(self) -> None:
        if not self.is_over:
            self._send(TEXT, b'{"do":"beat"}')


class Room:
    """The consoles of one process."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe = pipe
        self.consoles: list[Console] = []
        self.heard: list[Heard] = []

    async def serve(self) -> None:
        """Do what the bench asks for, until it closes the pipe."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                what, given = await loop.run_in_executor(None, self.pipe.recv)
            except EOFError:
                break
            answer = await getattr(self, what)(given)
            await loop.run_in_executor(None, self.pipe.send, answer)
        for console in self.consoles:
            console.transport.abort()

    async def connect(self, seats: list[tuple[int, Seat]]) -> float:
        """Seconds until every console was greeted."""
        loop = asyncio.get_running_loop()
        gate = asyncio.Semaphore(CONNECTING_AT_ONCE)

        async def one(number: int, seat: Seat) -> None:
            parts = urlsplit(seat.url)
            async with gate:
                _transport, console = await loop.create_connection(
                    lambda: Console(number, seat, self.heard), str(parts.hostname), int(parts.port or 80)
                )
                await console.is_ready
            self.consoles.append(console)

        began = time.monotonic()
        async with asyncio.timeout(CONNECT_SECONDS):
            await asyncio.gather(*(one(number, seat) for number, seat in seats))
        self._beat(0)
        return time.monotonic() - began

    def _beat(self, turn: int) -> None:
        """One console after another, so that each beats as often as a browser does."""
        if self.consoles:
            self.consoles[turn % len(self.consoles)].beat()
            pause = BEAT_SECONDS / len(self.consoles)
            asyncio.get_running_loop().call_later(pause, self._beat, turn + 1)

    async def open_tickets(self, wanted: dict[int, str]) -> None:
        for console in self.consoles:
            if console.number in wanted:
                console.open_ticket(wanted[console.number])

    async def deafen(self, numbers: list[int]) -> None:
        """These stop reading: their frames wait in the kernel and cost this process nothing."""
        for console in self.consoles:
            if console.number in numbers:
                console.transport.pause_reading()

    async def report(self, _: None) -> tuple[list[Heard], int, float]:
        """Everything heard since the last report, how many sockets are gone, processor seconds."""
        heard = self.heard.copy()
        self.heard.clear()
        times = os.times()
        return heard, sum(console.is_over for console in self.consoles), times.user + times.system


def _run_room(pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the bench ends us in its own order
    uvloop.run(Room(pipe).serve())


class Consoles:
    """Consoles shared out over a few processes. Use it with `with`."""

    def __init__(self, processes: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipes: list[Connection] = []
        self.processes = []
        for _ in range(processes):
            ours, theirs = context.Pipe()
            process = context.Process(target=_run_room, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            self.pipes.append(ours)
            self.processes.append(process)

    def __enter__(self) -> Consoles:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self.pipes:
            pipe.close()
        for process in self.processes:
            process.join(5)
            if process.is_alive():
                process.kill()

    def _ask_all(self, what: str, given: Sequence[Any]) -> list[Any]:
        for pipe, part in zip(self.pipes, given, strict=True):
            pipe.send((what, part))
        return [pipe.recv() for pipe in self.pipes]

    def connect(self, seats: Sequence[Seat]) -> float:
        """Seconds until all of them were greeted."""
        numbered = list(enumerate(seats))
        shares = [numbered[i :: len(self.pipes)] for i in range(len(self.pipes))]
        return float(max(self._ask_all("connect", shares)))

    def open_tickets(self, wanted: dict[int, str]) -> None:
        self._ask_all("open_tickets", [wanted] * len(self.pipes))

    def deafen(self, numbers: list[int]) -> None:
        self._ask_all("deafen", [numbers] * len(self.pipes))

    def report(self) -> tuple[list[Heard], int, float]:
        """All processes' reports as one."""
        reports = self._ask_all("report", [None] * len(self.pipes))
        heard = [one for report in reports for one in report[0]]
        return heard, sum(report[1] for report in reports), sum(report[2] for report in reports)
