"""A console's live socket in tests, and a way to let things happen while its loop runs."""

from __future__ import annotations

import asyncio
from typing import Any

from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from world import browser

from accounts.models import Membership
from config.asgi import sockets
from tenants.models import Tenant
from tenants.scope import working_for

SOON = 10.0  # a limit for what happens in milliseconds, on a machine that has other things to do


async def elsewhere(function: Any, *args: Any, **kwargs: Any) -> Any:
    """Run in a thread with a database connection of its own, as a request or a task would."""
    return await database_sync_to_async(function)(*args, **kwargs)


async def happens(tenant: Tenant, function: Any, *args: Any, **kwargs: Any) -> Any:
    """Run an action of this tenant elsewhere; its events are relayed when it has committed."""

    def run() -> Any:
        with working_for(tenant):
            return function(*args, **kwargs)

    return await elsewhere(run)


class Console:
    """The socket of one open page."""

    def __init__(self, session: str, *, tenant: str = "acme", origin: str = "http://127.0.0.1") -> None:
        cookie = f"{settings.SESSION_COOKIE_NAME}={session}"
        headers = [(b"origin", origin.encode()), (b"cookie", cookie.encode())]
        self.socket = WebsocketCommunicator(sockets, f"/t/{tenant}/live/", headers=headers)

    @classmethod
    async def of(cls, who: Membership, **more: Any) -> Console:
        """A signed-in member's console that has been greeted."""
        caller = await elsewhere(browser, who)
        console = cls(caller.client.cookies[settings.SESSION_COOKIE_NAME].value, **more)
        assert await console.connects()
        assert (await console.hears())["kind"] == "hello"
        return console

    async def connects(self) -> bool:
        is_connected, _subprotocol = await self.socket.connect(timeout=SOON)
        return bool(is_connected)

    async def says(self, **what: Any) -> None:
        await self.socket.send_json_to({name: str(v) if name != "on" else v for name, v in what.items()})

    async def hears(self, kind: str | None = None) -> dict[str, Any]:
        """The next frame; with `kind`, it must be of that kind."""
        frame: dict[str, Any] = await self.socket.receive_json_from(timeout=SOON)
        assert kind in (None, frame["kind"]), f"{frame['kind']} instead of {kind}"
        return frame

    async def is_hung_up_on(self) -> int:
        """The code the server closes with; frames before it are passed over."""
        while (told := await self.socket.receive_output(timeout=SOON))["type"] != "websocket.close":
            pass
        code: int = told["code"]
        return code

    async def has_heard_nothing_else(self) -> None:
        """Whatever was sent before has arrived by the time a beat is answered."""
        await self.says(do="beat")
        await self.hears("beat")

    async def goes_away(self) -> None:
        await self.socket.disconnect(timeout=SOON)


async def everybody_leaves(*consoles: Console) -> None:
    await asyncio.gather(*(console.goes_away() for console in consoles))
