"""Driver for the pretend WhatsApp network: a WebSocket for events and commands, HTTP for files."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
from django.conf import settings
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from connections import wire
from connections.choices import State
from connections.drivers.base import Berth, Can, Driver, DriverError
from connections.drivers.simulator_reading import parse_event, parse_message
from connections.files import full_path
from connections.models import Outbound

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 15.0
MAX_FRAME_BYTES = 1024 * 1024
UNREACHABLE = "gateway_unreachable"


class SimulatorDriver(Driver):
    can = frozenset(Can) - {Can.SCREENSHOT}
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
        self.pairing: asyncio.Task[None] | None = None
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
        payload, chat = outbound.payload, outbound.chat
        match outbound.kind:
            case "read":
                await self._ask(do="read", chat=chat, ids=payload["ids"])
            case "reaction":
                what = {"target_id": payload["target_id"], "emoji": payload["emoji"]}
                await self._ask(do="react", chat=chat, own_id=message_id(outbound), **what)
            case "edit":
                what = {"target_id": payload["target_id"], "text": payload["text"]}
                await self._ask(do="edit", chat=chat, own_id=message_id(outbound), **what)
            case "deletion":
                await self._ask(do="revoke", chat=chat, target_id=payload["target_id"])
            case "forward":
                what = {"from_chat": payload["from_chat"], "target_id": payload["target_id"]}
                answer = await self._ask(do="forward", chat=chat, own_id=message_id(outbound), **what)
                return wire.Sent(wa_id=answer["id"])
            case _:
                return await self._send_message(outbound)
        return wire.Sent(wa_id="")

    async def _send_message(self, outbound: Outbound) -> wire.Sent:
        payload = outbound.payload
        contact = payload.get("contact")
        message = {
            "id": message_id(outbound),
            "to": outbound.chat,
            "kind": payload["kind"],
            "text": f"{contact['name']}\n{contact['phone']}" if contact else payload["text"],
            "quoted_id": payload.get("quoted_id"),
            "media": await self._upload(payload["media"]) if payload.get("media") else None,
            "location": payload.get("place"),
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

    async def probe(self) -> None:
        await self._ask(do="ping")

    async def look_up(self, phone: str) -> wire.Found | None:
        found = await self._ask(do="look_up", phone=phone)
        return wire.Found(chat=found["chat"], lid=found["lid"] or "") if found["exists"] else None

    async def history(self, since: datetime) -> AsyncIterator[wire.Message]:
        after = 0
        while after is not None:
            page = await self._ask(do="history", since=int(since.timestamp()), after=after)
            for row in page["messages"]:
                if not row["revoked"]:
                    yield parse_message(row, wire.clean_text(row["chat"])[:120], is_past=True)
            after = page["next"]

    async def picture(self, chat: str) -> bytes | None:
        path = (await self._ask(do="picture", chat=chat))["picture"]
        if path is None:
            return None
        try:
            answer = await self.http.get(path)
            answer.raise_for_status()
        except httpx.HTTPError as away:
            raise DriverError(UNREACHABLE, str(away), permanent=False) from away
        return answer.content

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
        for task in (self.reader, self.pairing):
            if task is not None:
                task.cancel()
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
            case "qr" if self.berth.pairing_phone:
                self.pairing = asyncio.create_task(self._show_letters())
                return None
            case "passkey_required":
                return wire.PasskeyNeeded(expires_in=frame["expires_in"])
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

    async def _show_letters(self) -> None:
        """In place of each QR code."""
        try:
            shown = await self._ask(do="pairing_code", phone=self.berth.pairing_phone)
        except DriverError as refused:
            self.told.put_nowait(wire.Ended(state=State.FAILED, reason=refused.code, detail=str(refused)))
        else:
            code = wire.PairingCodeShown(code=shown["code"], expires_in=shown["expires_in"])
            self.told.put_nowait(code)

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
