"""A socket that is not linked yet: codes on show one after the other, until a phone lets it in."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from simulator.device_socket import encode, receive_frame
from simulator.errors import Refused, invalid
from simulator.linking import (
    ATTEMPTS,
    PAIRING_SECONDS,
    PASSKEY_SECONDS,
    Linked,
    LinkingDesk,
    Offer,
    Prospect,
)
from simulator.values import Fields, digits_of
from simulator.views import Json

HIGHEST_ID = 2**53
NUMBER_LIMIT = 40


class LinkingVisit:
    """One such socket, from its hello until it is linked, has seen every code, or has left."""

    def __init__(self, websocket: WebSocket, desk: LinkingDesk, name: str) -> None:
        self.has_left = False
        self._websocket = websocket
        self._desk = desk
        self._prospect = Prospect(name)
        self._heard: asyncio.Task[Fields] | None = None
        self._until = 0.0

    async def run(self) -> Linked | None:
        """Show codes. Raises Refused for what cannot be asked before the link."""
        try:
            for attempt in range(1, ATTEMPTS + 1):
                await self._show(attempt)
                if self._prospect.passkey_asked.done():
                    await self._wait_for_passkey()
                if self._prospect.linked.done():
                    return self._prospect.linked.result()
        except WebSocketDisconnect:
            self.has_left = True
        finally:
            self._desk.forget(self._prospect)
            await self._stop_listening()
        return None

    async def _show(self, attempt: int) -> None:
        """One code, until a phone takes it, another is asked for, or it expires."""
        offer = self._desk.offer(self._prospect, attempt)
        try:
            seconds = self._desk.lifetime(attempt)
            await self._say(_qr_frame(offer, seconds, attempt))
            await self._wait(seconds, self._prospect.passkey_asked)
        finally:
            self._desk.withdraw(offer)

    async def _wait_for_passkey(self) -> None:
        await self._say({"type": "passkey_required", "expires_in": PASSKEY_SECONDS})
        await self._wait(PASSKEY_SECONDS)

    async def _wait(self, seconds: float, *others: asyncio.Future[None]) -> None:
        """Answer what is asked until the link is made, one of the others is there, or the time is over."""
        loop = asyncio.get_running_loop()
        self._until = loop.time() + seconds
        ends: set[asyncio.Future[Any]] = {self._prospect.linked, *others}
        while self._until > loop.time() and not any(end.done() for end in ends):
            heard = self._listen()
            await asyncio.wait(
                ends | {heard}, timeout=self._until - loop.time(), return_when=asyncio.FIRST_COMPLETED
            )
            if heard.done() and not any(end.done() for end in ends):
                self._heard = None
                await self._answer(heard.result())

    def _listen(self) -> asyncio.Task[Fields]:
        if self._heard is None:
            self._heard = asyncio.create_task(receive_frame(self._websocket))
        return self._heard

    async def _stop_listening(self) -> None:
        if self._heard:
            self._heard.cancel()
            [outcome] = await asyncio.gather(self._heard, return_exceptions=True)
            self.has_left = self.has_left or isinstance(outcome, WebSocketDisconnect)

    # what can be asked before the link

    async def _answer(self, frame: Fields) -> None:
        if frame.text("type", limit=100) != "request":
            raise _nothing_to_ask()
        request_id = frame.integer("id", low=0, high=HIGHEST_ID)
        do = frame.text("do", limit=100)
        if do not in ("refresh_qr", "pairing_code", "ping"):
            raise _nothing_to_ask()
        try:
            outcome: Json = {"ok": True, "result": self._result(do, frame)}
        except Refused as refusal:
            outcome = {"ok": False, "error": refusal.as_error()}
        await self._say({"type": "response", "id": request_id, **outcome})

    def _result(self, do: str, frame: Fields) -> Json:
        if do == "refresh_qr":
            self._until = 0.0
        if do != "pairing_code":
            return {}
        code = self._desk.pairing_code(self._prospect, digits_of(frame.text("phone", limit=NUMBER_LIMIT)))
        # A person who types is not sent away because nobody scans.
        self._until = asyncio.get_running_loop().time() + PAIRING_SECONDS
        return {"code": code, "expires_in": PAIRING_SECONDS}

    async def _say(self, frame: Json) -> None:
        await self._websocket.send_text(encode(frame))


def _nothing_to_ask() -> Refused:
    return invalid("Um dispositivo sem conexão não pode pedir nada.")


def _qr_frame(offer: Offer, seconds: float, attempt: int) -> Json:
    expires_in = int(seconds) if seconds == int(seconds) else seconds
    return {
        "type": "qr",
        "code": offer.code,
        "expires_in": expires_in,
        "attempt": attempt,
        "attempts": ATTEMPTS,
    }
