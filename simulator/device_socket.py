"""One device's open socket: a reader, a writer, and between them what the device has not taken.

Events are not queued per socket: the writer walks the device's unacknowledged events, so a slow
device holds nothing but its place in them, and waits on its own writer alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from simulator.errors import Refused, invalid
from simulator.model import Device
from simulator.values import Fields
from simulator.views import Json

REPLIES_LIMIT = 100
TYPING_LIMIT = 100
FAREWELL_SECONDS = 2.0


class Close(IntEnum):
    """Why a socket of a device was closed."""

    NORMAL = 1000
    DROPPED = 1012
    OFFLINE = 1013
    REPLACED = 4001
    LOGGED_OUT = 4002
    QR_EXHAUSTED = 4003
    TURNED_AWAY = 4004
    BAD_FRAME = 4400
    NO_HELLO = 4408


@dataclass(frozen=True, slots=True)
class Farewell:
    """The last frame, if any, and the close code."""

    code: Close
    frame: Json | None = None


class DeviceSocket:
    """The socket of a linked device, from ``ready`` on. ``sent`` numbers the last event sent."""

    def __init__(self, websocket: WebSocket, device: Device, *, sent: int) -> None:
        self.device = device
        self.is_leaving = False
        self._websocket = websocket
        self._sent = sent
        self._replies: deque[str] = deque()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._typing: dict[str, str] = {}
        self._farewell: Farewell | None = None
        self._ending = asyncio.Event()
        self._wake = asyncio.Event()
        self._late: set[asyncio.Task[None]] = set()

    # what others call: none of these waits

    def wake(self) -> None:
        """There may be events to send."""
        self._wake.set()

    def tell_typing(self, chat: str, activity: str, **more: str) -> None:
        """Pass on that somebody types; only the newest word per chat is kept."""
        if chat in self._typing or len(self._typing) < TYPING_LIMIT:
            self._typing[chat] = encode({"type": "typing", "chat": chat, "activity": activity, **more})
            self._wake.set()

    def reply(self, frame: Json) -> None:
        """Queue the response to a request."""
        self._replies.append(encode(frame))
        if len(self._replies) >= REPLIES_LIMIT:
            self._has_room.clear()
        self._wake.set()

    def end(self, farewell: Farewell) -> None:
        """Say good-bye and close; a device that does not take the good-bye in time is cut off."""
        if self._farewell is None:
            self._farewell = farewell
            self._ending.set()
            self._wake.set()

    def reply_later(self, seconds: float, answer: Callable[[], None]) -> None:
        """Answer after a while, unless the socket ends before."""
        task = asyncio.create_task(self._wait_and(seconds, answer))
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    @staticmethod
    async def _wait_and(seconds: float, answer: Callable[[], None]) -> None:
        await asyncio.sleep(seconds)
        answer()

    # the life of the socket

    async def run(self, on_frame: Callable[[DeviceSocket, Fields], None]) -> None:
        """Serve until either side ends it."""
        tasks = [
            asyncio.create_task(self._read(on_frame)),
            asyncio.create_task(self._write()),
            asyncio.create_task(self._cut_off()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in [*tasks, *self._late]:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
                raise result

    async def _read(self, on_frame: Callable[[DeviceSocket, Fields], None]) -> None:
        while True:
            await self._has_room.wait()
            try:
                on_frame(self, await receive_frame(self._websocket))
            except Refused as refusal:
                self.end(Farewell(Close.BAD_FRAME, {"type": "error", **refusal.as_error()}))
            if self._farewell:
                # The writer closes; reading on would only queue what nobody answers.
                await asyncio.Event().wait()

    async def _write(self) -> None:
        while self._farewell is None:
            self._wake.clear()
            await self._flush()
            if self._farewell is None:
                await self._wake.wait()
        await self._flush_replies()
        if self._farewell.frame:
            await self._websocket.send_text(encode(self._farewell.frame))
        await self._websocket.close(self._farewell.code)

    async def _flush(self) -> None:
        while self._farewell is None:
            await self._flush_replies()
            frame = self._next_typing() or self._next_event()
            if frame is None:
                return
            await self._websocket.send_text(frame)

    async def _flush_replies(self) -> None:
        while self._replies:
            await self._websocket.send_text(self._replies.popleft())
            self._has_room.set()

    def _next_typing(self) -> str | None:
        return self._typing.pop(next(iter(self._typing))) if self._typing else None

    def _next_event(self) -> str | None:
        seq = max(self._sent, self.device.acked) + 1
        event = self.device.pending.get(seq)
        if event is None:
            return None
        self._sent = seq
        return f'{{"type":"event","seq":{seq},"event":{event.decode()}}}'

    async def _cut_off(self) -> None:
        await self._ending.wait()
        await asyncio.sleep(FAREWELL_SECONDS)


async def receive_frame(websocket: WebSocket) -> Fields:
    """The next frame of a device.

    Raises Refused for what is not a JSON object, WebSocketDisconnect at the end.
    """
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code") or Close.NORMAL)
    text = message.get("text")
    if text is None:
        raise invalid("Só quadros de texto são aceitos.")
    try:
        return Fields(orjson.loads(text))
    except orjson.JSONDecodeError as error:
        raise invalid("O quadro não é JSON.") from error


def encode(frame: Json) -> str:
    """A frame as it goes over the wire."""
    return orjson.dumps(frame).decode()
