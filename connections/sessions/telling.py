"""What a session tells people while it happens: codes to scan or type, and that a customer types."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

from connections import wire
from connections.models import Connection
from connections.sessions.qr import draw
from events import audience, channel
from tenants.rendering import timestamp


class Codes:
    """The code of the moment, which lets a phone link this connection. A credential: it is shown to members
    who may manage connections and are looking, and kept nowhere but here."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.shown: tuple[str, dict[str, Any]] | None = None

    async def show_qr(self, qr: wire.QrShown) -> None:
        await self._show(
            "connection.qr",
            svg=draw(qr.code),
            expires_at=_in(qr.expires_in),
            attempt=qr.attempt,
            attempts=qr.attempts,
        )

    async def show_pairing_code(self, shown: wire.PairingCodeShown) -> None:
        await self._show("connection.pairing_code", code=shown.code, expires_at=_in(shown.expires_in))

    async def show_again(self) -> None:
        """Somebody who may see it opened the page."""
        if self.shown is not None:
            kind, data = self.shown
            tenant_id = self.connection.tenant_id
            group = audience.connection(tenant_id, self.connection.id)
            await channel.whisper_async(tenant_id, group, kind, data)

    def hide(self) -> None:
        self.shown = None

    async def _show(self, kind: str, **data: Any) -> None:
        self.shown = kind, {"connection_id": str(self.connection.id), **data}
        await self.show_again()


async def tell_typing(connection: Connection, typing: wire.Typing) -> None:
    """To consoles that have this chat open."""
    await channel.whisper_async(
        connection.tenant_id,
        audience.chat(connection.tenant_id, connection.id, typing.chat),
        "contact.typing",
        {
            "connection_id": str(connection.id),
            "chat": typing.chat,
            "activity": typing.activity,
        },
    )


async def tell_screenshot(connection: Connection, member_id: str, png: bytes) -> None:
    """To the one member who asked: there may be customers on it, or a code."""
    await channel.whisper_async(
        connection.tenant_id,
        audience.member(connection.tenant_id, member_id),
        "connection.screenshot",
        {
            "connection_id": str(connection.id),
            "png": f"data:image/png;base64,{b64encode(png).decode()}",
        },
    )


def _in(seconds: float) -> str | None:
    return timestamp(datetime.now(UTC) + timedelta(seconds=seconds))
