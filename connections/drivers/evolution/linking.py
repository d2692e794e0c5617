"""The instance that an Evolution server keeps for one connection: made, asked, restarted, removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connections.drivers.base import DriverError
from connections.drivers.evolution.api import EvolutionAPI, said
from connections.drivers.evolution.jid import chat_of

EVENTS = [
    "QRCODE_UPDATED",
    "CONNECTION_UPDATE",
    "MESSAGES_UPSERT",
    "MESSAGES_EDITED",
    "MESSAGES_UPDATE",
    "MESSAGES_DELETE",
    "PRESENCE_UPDATE",
    "CALL",
    "LOGOUT_INSTANCE",
    "REMOVE_INSTANCE",
]
# What the server does by itself we leave alone: read marks, presence and calls are the members' to decide.
BEHAVIOUR = {
    "rejectCall": False,
    "groupsIgnore": True,
    "alwaysOnline": False,
    "readMessages": False,
    "readStatus": False,
    "syncFullHistory": False,
}
NAME_IN_USE = "403"


class Instance:
    """`global_key` makes and removes instances; all else is done with the instance's own token."""

    def __init__(
        self, api: EvolutionAPI, global_key: str, webhook: dict[str, Any], pairing_phone: str
    ) -> None:
        self.api, self.global_key = api, global_key
        self.webhook = {**webhook, "events": EVENTS}
        self.pairing_number = pairing_phone.removeprefix("+")

    async def create(self) -> dict[str, Any]:
        """A fresh one; what the server says of its first code. One that is there already was made by a
        session that died before a phone let it in."""
        try:
            answer = await self._create()
        except DriverError as refused:
            if refused.code != "refused" or not str(refused).startswith(NAME_IN_USE):
                raise
            await self.remove()
            answer = await self._create()
        self.api.key = _token(answer)
        code = answer.get("qrcode")
        return code if isinstance(code, dict) else {}

    async def _create(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "instanceName": self.api.instance,
            "integration": "WHATSAPP-BAILEYS",
            "qrcode": True,
            **BEHAVIOUR,
            "webhook": self.webhook,
        }
        if self.pairing_number:
            body["number"] = self.pairing_number
        answer = await self.api.call("POST", "/instance/create", body, key=self.global_key, of_instance=False)
        return answer if isinstance(answer, dict) else {}

    async def set_webhook(self) -> None:
        """Our address may be another than it was."""
        await self.api.call("POST", "/webhook/set", {"webhook": self.webhook})

    async def state(self) -> str:
        """open, connecting, close or refused."""
        answer = await self.api.call("GET", "/instance/connectionState")
        try:
            return str(answer["instance"]["state"])
        except (KeyError, TypeError) as odd:
            raise DriverError("gateway_error", "connectionState", permanent=False) from odd

    async def connect(self) -> dict[str, Any]:
        """Let it connect; a code, where a phone has to let it in first. Often the server has none yet, and
        posts it later."""
        query = {"number": self.pairing_number} if self.pairing_number else None
        answer = await self.api.call("GET", "/instance/connect", params=query)
        return answer if isinstance(answer, dict) else {}

    async def restart(self) -> None:
        """Without logging out. One that is closed is said not to be restarted, as a success."""
        answer = await self.api.call("POST", "/instance/restart", {})
        if isinstance(answer, dict) and answer.get("error") is True:
            raise DriverError("not_connected", said(answer), permanent=False)

    async def identity(self) -> tuple[str, str]:
        """("+5511…", profile name) of the phone it is linked to."""
        query = {"instanceName": self.api.instance}
        answer = await self.api.call(
            "GET", "/instance/fetchInstances", key=self.global_key, of_instance=False, params=query
        )
        rows = answer if isinstance(answer, list) else [answer]
        row = next((row for row in rows if isinstance(row, dict) and self._is_ours(row)), {})
        return phone_of(row.get("ownerJid")), str(row.get("profileName") or "")

    def _is_ours(self, row: dict[str, Any]) -> bool:
        return self.api.instance in (row.get("name"), row.get("instanceName"))

    async def remove(self) -> None:
        """Log out, then delete it. One that is closed or gone is removed all the same."""
        with unless("refused", "instance_gone", "not_connected"):
            await self.api.call("DELETE", "/instance/logout", key=self.global_key)
        with unless("instance_gone"):
            await self.api.call("DELETE", "/instance/delete", key=self.global_key)


def phone_of(jid: Any) -> str:
    """+5511… of a phone's jid; empty where it is none."""
    user, _at, _server = chat_of(jid).partition("@")
    return f"+{user}" if user.isdigit() else ""


def _token(answer: dict[str, Any]) -> str:
    """`hash` is the token itself; before 2.2 it stood in a field of it."""
    token = answer.get("hash")
    if isinstance(token, dict):
        token = token.get("apikey")
    if not isinstance(token, str) or not token:
        raise DriverError("gateway_error", "no token", permanent=False)
    return token


@contextmanager
def unless(*codes: str) -> Iterator[None]:
    """Let a DriverError with one of these codes pass for done."""
    try:
        yield
    except DriverError as refused:
        if refused.code not in codes:
            raise
