"""Driver for the pretend WhatsApp network: a WebSocket for events and commands, HTTP for files."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import httpx
from django.conf import settings
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from connections import wire
from connections.choices import Ack, State
from connections.drivers.base import Berth, Can, Driver, DriverError
from connections.files import full_path
from connections.models import Outbound

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 15.0
MAX_FRAME_BYTES = 1024 * 1024
UNREACHABLE = "gateway_unreachable"


class SimulatorDriver(Driver):
    can = frozenset({Can.QR, Can.TYPE})
    repeats_are_safe = True

    def __init__(self, berth: Berth) -> None:
        super().__init__(berth)
        self.url = settings.SIMULATOR_URL
        self.token: str | None = None
        self.socket: ClientConnection | None = None
        self.numbers = itertools.count(1)
        self.waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.told: asyncio.Queue[wire.Told] = asyncio.Queue()
        self.reader: asyncio.Task[None] | None = None
        self.http = httpx.AsyncClient(base_url=self.url, timeout=60.0)

    async def open(self, credentials: bytes | None) -> None:
        self.token = _unpack(credentials)
        address = self.url.replace("http", "ws", 1) + "/gateway"
        try:
            self.socket = await connect(
                address, open_timeout=CONNECT_SECONDS, max_size=MAX_FRAME_BYTES, proxy=None
            )
            await self._say(type="hello", device=self.token, name="Balcão")
            self.reader = asyncio.create_task(self._read(self.socket))
        except (OSError, TimeoutError, WebSocketException) as away:
            raise DriverError(UNREACHABLE, str(away), permanent=False) from away

    async def listen(self) -> AsyncIterator[wire.Told]:
        while True:
            told = await self.told.get()
            yield told
            if isinstance(told, wire.Ended):
                return

    async def _read(self, socket: ClientConnection) -> None:
        """Answers go to those who asked at once; what is told waits its turn. Whoever handles the one
        may so ask for the other."""
        try:
            async for frame in socket:
                told = self._understand(json.loads(frame))
                if told is not None:
                    self.told.put_nowait(told)
        except ConnectionClosed:
            pass
        finally:
            self._give_up_waiting()
            self.told.put_nowait(wire.Ended(state=State.RECONNECTING, reason="connection_lost"))

    async def confirm(self, receipt: int) -> None:
        with suppress(ConnectionClosed):
            await self._say(type="ack", seq=receipt)

    async def send(self, outbound: Outbound) -> wire.Sent:
        if outbound.kind == "read":
            await self._ask(do="read", chat=outbound.chat, ids=outbound.payload["ids"])
            return wire.Sent(wa_id="")
        payload = outbound.payload
        message = {
            "id": message_id(outbound),
            "to": outbound.chat,
            "kind": payload["kind"],
            "text": payload["text"],
            "quoted_id": payload.get("quoted_id"),
            "media": await self._upload(payload["media"]) if payload.get("media") else None,
        }
        answer = await self._ask(do="send", message=message)
        return wire.Sent(wa_id=answer["id"])

    async def find(self, outbounds: list[Outbound]) -> dict[int, wire.Sent]:
        by_id = {message_id(outbound): outbound.id for outbound in outbounds}
        answer = await self._ask(do="find", ids=list(by_id))
        return {
            by_id[found["id"]]: wire.Sent(wa_id=found["id"])
            for found in answer["found"]
            if found["id"] in by_id
        }

    async def type(self, chat: str, activity: str) -> None:
        await self._ask(do="typing", chat=chat, activity=activity)

    async def fetch(self, media_id: str) -> AsyncIterator[bytes]:
        try:
            path = f"/media/{quote(media_id, safe='')}"
            async with self.http.stream("GET", path, headers=self._key()) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise DriverError("media_gone", str(answer.status_code), permanent=True)
                async for chunk in answer.aiter_bytes():
                    yield chunk
        except httpx.HTTPError as away:
            raise DriverError(UNREACHABLE, str(away), permanent=False) from away

    async def log_out(self) -> None:
        await self._ask(do="logout")

    async def close(self) -> None:
        if self.reader is not None:
            self.reader.cancel()
        if self.socket is not None:
            await self.socket.close()
        await self.http.aclose()

    # --- the protocol -----------------------------------------------------------------------

    async def _say(self, **frame: Any) -> None:
        assert self.socket is not None
        await self.socket.send(json.dumps(frame))

    async def _ask(self, **request: Any) -> dict[str, Any]:
        """Send a request and wait for its answer."""
        number = next(self.numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.waiting[number] = answer
        try:
            await self._say(type="request", id=number, **request)
            async with asyncio.timeout(ANSWER_SECONDS):
                response = await answer
        except (ConnectionClosed, TimeoutError) as silence:
            raise DriverError("no_answer", permanent=False, is_unknown=True) from silence
        finally:
            self.waiting.pop(number, None)
        if response["ok"]:
            result: dict[str, Any] = response["result"]
            return result
        error = response["error"]
        raise DriverError(error["code"], error["message"], permanent=error["permanent"])

    def _give_up_waiting(self) -> None:
        for answer in self.waiting.values():
            if not answer.done():
                answer.set_exception(DriverError("connection_lost", permanent=False, is_unknown=True))

    def _understand(self, frame: dict[str, Any]) -> wire.Told | None:
        match frame["type"]:
            case "response":
                answer = self.waiting.get(frame["id"])
                if answer is not None and not answer.done():
                    answer.set_result(frame)
                return None
            case "event":
                happening = parse_event(frame["event"])
                return wire.Stored(happening=happening, receipt=frame["seq"])
            case "typing":
                return wire.Typing(chat=frame["chat"], activity=frame["activity"])
            case "qr":
                return wire.QrShown(
                    code=frame["code"],
                    expires_in=frame["expires_in"],
                    attempt=frame["attempt"],
                    attempts=frame["attempts"],
                )
            case "paired":
                self.token = frame["device"]
                return wire.Linked(credentials=_pack(frame["device"]))
            case "ready":
                return wire.Ready(phone=frame["phone"], profile_name=frame["name"])
            case ending:
                return _ending(ending, frame)

    def _key(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def _upload(self, media: dict[str, Any]) -> dict[str, Any]:
        try:
            content = full_path(media["path"]).read_bytes()
        except OSError as gone:
            raise DriverError("file_gone", type(gone).__name__, permanent=True) from gone
        headers = {
            **self._key(),
            "Content-Type": media["mime"],
            "X-File-Name": quote(media["name"]),
        }
        try:
            answer = await self.http.post("/media", content=content, headers=headers)
            answer.raise_for_status()
        except httpx.HTTPStatusError as refused:
            raise DriverError("media_refused", str(refused), permanent=True) from refused
        except httpx.HTTPError as away:
            raise DriverError(UNREACHABLE, str(away), permanent=False) from away
        uploaded: dict[str, Any] = answer.json()
        return {**uploaded, "name": media["name"], "seconds": media.get("seconds")}


def message_id(outbound: Outbound) -> str:
    """The id a message of ours carries in WhatsApp: known before the first attempt."""
    return outbound.client_ref.hex.upper()


def _pack(token: str) -> bytes:
    return json.dumps({"token": token}).encode()


def _unpack(credentials: bytes | None) -> str | None:
    return json.loads(credentials)["token"] if credentials else None


def _ending(kind: str, frame: dict[str, Any]) -> wire.Told | None:
    match kind:
        case "qr_exhausted":
            return wire.Ended(state=State.FAILED, reason="qr_exhausted")
        case "logged_out":
            reason = frame.get("reason", "unlinked_on_phone")
            return wire.Ended(state=State.LOGGED_OUT, reason=reason)
        case "replaced":
            return wire.Ended(state=State.RECONNECTING, reason="replaced")
    return None


def parse_event(event: dict[str, Any]) -> wire.Happening:
    """A numbered event of the gateway as a happening. What is malformed is kept as it came."""
    try:
        return _parse(event)
    except (KeyError, TypeError, ValueError, AttributeError):
        return wire.Unknown(chat="", raw=wire.clean(event))


def _parse(event: dict[str, Any]) -> wire.Happening:
    chat = event["message"]["chat"] if event["kind"] == "message" else event["chat"]
    chat = wire.clean_text(chat)[:120]
    match event["kind"]:
        case "message":
            return _parse_message(event["message"], chat)
        case "ack":
            level = wire.ACK_LEVELS.get(event["level"], Ack.PENDING)
            return wire.Ticks(chat=chat, ids=tuple(map(wire.clean_id, event["ids"])), level=level)
        case "reaction":
            return wire.Reaction(
                chat=chat,
                id=wire.clean_id(event["id"]),
                target_id=wire.clean_id(event["target_id"]),
                emoji=wire.clean_text(event["emoji"])[:16],
                from_me=bool(event["from_me"]),
            )
        case "edited":
            return wire.Edit(
                chat=chat,
                id=wire.clean_id(event["id"]),
                target_id=wire.clean_id(event["target_id"]),
                text=wire.clean_text(event["text"]),
                from_me=event.get("from_me"),
            )
        case "revoked":
            target_id = wire.clean_id(event["target_id"])
            return wire.Deletion(
                chat=chat, id=wire.clean_id(event["id"]), target_id=target_id, from_me=event.get("from_me")
            )
    return wire.Unknown(chat=chat, raw=wire.clean(event))


def _parse_message(message: dict[str, Any], chat: str) -> wire.Message:
    kind = message["kind"] if message["kind"] in wire.KINDS else "unsupported"
    media, place = message.get("media"), message.get("location")
    sender = message.get("sender") or {}
    return wire.Message(
        chat=chat,
        id=wire.clean_id(message["id"]),
        from_me=bool(message["from_me"]),
        sent_at=wire.parse_time(message["timestamp"]),
        message_kind=kind,
        text=wire.clean_text(message.get("text")),
        quoted_id=wire.clean_text(message.get("quoted_id"))[: wire.MAX_ID] or None,
        media=_parse_media(media) if media else None,
        place=_parse_place(place) if place else None,
        sender_name=wire.clean_text(sender.get("name"))[:80],
    )


def _parse_media(media: dict[str, Any]) -> wire.Media:
    seconds = media.get("seconds")
    return wire.Media(
        id=wire.clean_text(media["id"]),
        mime=wire.clean_text(media.get("mime"))[:120],
        name=wire.clean_text(media.get("name"))[:200],
        size=wire.clean_count(media.get("size")),
        seconds=wire.clean(seconds) if isinstance(seconds, int | float) else None,
        width=wire.clean_count(media.get("width")),
        height=wire.clean_count(media.get("height")),
    )


def _parse_place(place: dict[str, Any]) -> wire.Place:
    latitude, longitude = float(place["latitude"]), float(place["longitude"])
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError("a place that is not on earth")
    return wire.Place(
        latitude=latitude,
        longitude=longitude,
        name=wire.clean_text(place.get("name"))[:200],
        address=wire.clean_text(place.get("address"))[:300],
    )
