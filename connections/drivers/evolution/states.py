"""How the link of an Evolution instance stands, out of its events and of what it says when asked."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from connections import wire
from connections.choices import State
from connections.drivers.base import DriverError
from connections.drivers.evolution.linking import Instance, phone_of

QR_ATTEMPTS = 6
# The server shows a new one after 45 seconds.
CODE_SECONDS = 45.0
# So many times in a row the server may be out of reach, or the line down, before we begin afresh. The second
# must be longer than a code is shown: only a code that changes tells that a phone has to let us in anew.
PATIENCE = 3
LOST_AFTER = 12
ABOUT_US = ("connection.update", "qrcode.updated", "status.instance", "logout.instance", "remove.instance")
# Why WhatsApp closed the link for good.
FINAL = {
    401: wire.Ended(state=State.LOGGED_OUT, reason="unlinked_on_phone"),
    402: wire.Ended(state=State.FAILED, reason="link_refused", detail="402"),
    403: wire.Ended(state=State.BANNED, reason="banned", detail="403"),
    406: wire.Ended(state=State.FAILED, reason="link_refused", detail="406"),
}
GONE = {
    "instance_gone": wire.Ended(state=State.LOGGED_OUT, reason="instance_gone"),
    "token_rejected": wire.Ended(state=State.FAILED, reason="token_rejected"),
}


class LinkState:
    """`is_linked`: a phone has let us in. `is_open`: the line to WhatsApp stands."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.is_linked = self.is_open = self.is_unwell = False
        self.last_code = ""
        self.codes = self.failures = 0

    async def begin(self) -> list[wire.Told]:
        """A phone must let us in first."""
        return await self._shown(await self.instance.create())

    async def come_back(self, token: str) -> list[wire.Told]:
        """With the token of an instance that a phone has let in."""
        self.instance.api.key = token
        self.is_linked = True
        try:
            await self.instance.set_webhook()
            return await self._look()
        except DriverError as refused:
            if refused.code not in GONE:
                raise
            return [GONE[refused.code]]

    def is_about(self, event: str) -> bool:
        """Whether an event tells of the link itself."""
        return event in ABOUT_US

    async def read(self, event: str, data: Any) -> list[wire.Told]:
        """What an event of the link means."""
        if not isinstance(data, dict):
            return []
        match event:
            case "qrcode.updated":
                code = data.get("qrcode")
                return await self._shown(code) if isinstance(code, dict) else await self._exhausted()
            case "connection.update":
                return await self._changed(data)
            case "logout.instance" | "remove.instance":
                return [FINAL[401]] if self.is_linked else []
        return []

    async def _changed(self, data: dict[str, Any]) -> list[wire.Told]:
        match data.get("state"):
            case "open":
                return await self._opened(phone_of(data.get("wuid")), str(data.get("profileName") or ""))
            case "refused":
                return await self._exhausted()
            case "close":
                return self._closed(data.get("statusReason"))
        return []

    async def look(self) -> list[wire.Told]:
        """Ask the server how it stands: posts may not have reached us."""
        try:
            told = await self._look()
        except DriverError as refused:
            if refused.code in GONE:
                return [GONE[refused.code]]
            return self._failed(refused.code)
        if self.is_open or not self.is_linked:
            self.failures = 0
        return told

    async def _look(self) -> list[wire.Told]:
        state = await self.instance.state()
        if state == "open":
            return [] if self.is_open else await self._opened("", "")
        if state == "refused":
            return await self._exhausted()
        told = self._closed(None) if self.is_open else []
        if not self.is_linked:
            return await self._shown(await self.instance.connect())
        if state != "connecting" and self._wants_a_phone(await self.instance.connect()):
            return [FINAL[401]]
        return told + self._failed("connection_lost", LOST_AFTER)

    def _wants_a_phone(self, code: dict[str, Any]) -> bool:
        """Whether the server shows codes again. One alone may be left over from when it was linked."""
        shown, before = str(code.get("code") or ""), self.last_code
        self.last_code = shown or before
        return bool(shown and before) and shown != before

    def _failed(self, reason: str, patience: int = PATIENCE) -> list[wire.Told]:
        self.failures += 1
        if self.failures < patience:
            return []
        return [wire.Ended(state=State.RECONNECTING, reason=reason)]

    async def _opened(self, phone: str, name: str) -> list[wire.Told]:
        if self.is_open:
            return []
        if not phone:
            phone, name = await self.instance.identity()
        told: list[wire.Told] = []
        if not self.is_linked:
            credentials = json.dumps({"token": self.instance.api.key}).encode()
            told.append(wire.Linked(credentials=credentials))
        self.is_linked = self.is_open = True
        self.last_code, self.failures = "", 0
        told.append(wire.Ready(phone=phone, profile_name=name))
        well_again: list[wire.Told] = [wire.Unwell(reason="")] if self.is_unwell else []
        self.is_unwell = False
        return told + well_again

    def doubt(self) -> None:
        """The server holds the line for open, and cannot send: look again before it is believed."""
        self.is_open = False

    def _closed(self, why: Any) -> list[wire.Told]:
        """Most of the time the server connects again by itself, and we only say so."""
        if isinstance(why, int) and why in FINAL:
            return [FINAL[why]]
        was_open, self.is_open = self.is_open, False
        self.is_unwell |= was_open
        return [wire.Unwell(reason="not_connected")] if was_open else []

    async def _shown(self, code: dict[str, Any]) -> list[wire.Told]:
        """A code to let us in with, unless it has been shown already."""
        wants_letters = bool(self.instance.pairing_number)
        shown = code.get("pairingCode") if wants_letters else code.get("code")
        if self.is_linked or not isinstance(shown, str) or not shown or shown == self.last_code:
            return []
        self.last_code, self.codes = shown, self.codes + 1
        if self.codes > QR_ATTEMPTS:
            return await self._exhausted()
        if wants_letters:
            return [wire.PairingCodeShown(code=shown, expires_in=CODE_SECONDS)]
        return [wire.QrShown(code=shown, expires_in=CODE_SECONDS, attempt=self.codes, attempts=QR_ATTEMPTS)]

    async def _exhausted(self) -> list[wire.Told]:
        """Nobody scanned: leave nothing behind that shows codes to nobody."""
        if self.is_linked:
            return []
        with suppress(DriverError):  # the next start removes what is still there
            await self.instance.remove()
        return [wire.Ended(state=State.FAILED, reason="qr_exhausted")]
