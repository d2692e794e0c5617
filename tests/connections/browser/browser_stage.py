"""The browser driver with everything behind it real but WhatsApp: the pretend network's own page."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
from django.conf import settings

from connections import wire
from connections.drivers.base import Berth
from connections.drivers.browser import BrowserDriver, archives, sending
from connections.drivers.browser.browsers import close_browsers

sys.path.append(str(Path(__file__).parents[2] / "simulator"))
from pretend_phones import JOAO, MARIA, SHOP, Net, a_town  # the network's own tests start it so

SOON = 40.0  # a limit for what takes seconds, on a machine that has other things to do
sending.SEND_SECONDS = 10.0  # a test that fails should not take a minute to do so
CHAT = "5511987654321@c.us"
__all__ = ["CHAT", "JOAO", "MARIA", "SHOP", "SOON", "Line", "Town", "a_stage", "outbound"]


async def no_database(function: Callable[..., Any], *args: Any) -> Any:
    """For tests in which archives do not matter: there are none, and none are kept."""
    return {archives.next_number: 1, archives.newest_first: [], archives.forget: []}.get(function)


class Line:
    """One link of a test, and all it has told."""

    def __init__(self, driver: BrowserDriver) -> None:
        self.driver = driver
        self.device = ""  # its id in the network, once a phone has let it in
        self.told: list[Any] = []
        self.news = asyncio.Event()
        self.listening: asyncio.Task[None] | None = None

    async def open(self, credentials: bytes | None = None) -> None:
        await self.driver.open(credentials)
        self.listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for told in self.driver.listen():
            self.told.append(told)
            self.news.set()
            if isinstance(told, wire.Stored) and told.receipt:
                await self.driver.confirm(told.receipt)

    async def hears(
        self, kind: type[Any], where: Callable[[Any], bool] = lambda _: True, *, within: float = SOON
    ) -> Any:
        """The next of this kind, taken out of what was told; happenings without their receipt."""
        try:
            async with asyncio.timeout(within):
                while True:
                    for one in list(self.told):
                        inner = one.happening if isinstance(one, wire.Stored) else one
                        if isinstance(inner, kind) and where(inner):
                            self.told.remove(one)
                            return inner
                    self.news.clear()
                    await self.news.wait()
        except TimeoutError:
            raise AssertionError(f"no {kind.__name__} among {self.told}") from None

    def heard(self, kind: type[Any]) -> list[Any]:
        inner = [one.happening if isinstance(one, wire.Stored) else one for one in self.told]
        return [one for one in inner if isinstance(one, kind)]

    async def close(self) -> None:
        await self.driver.close()
        if self.listening is not None:
            self.listening.cancel()
            await asyncio.gather(self.listening, return_exceptions=True)


class Town:
    """The network with a shop and two customers, and links to it."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.lines: list[Line] = []

    def line(self, **berth: Any) -> Line:
        """A link that is not open yet; the same `connection_id` means the same profile."""
        chosen = {
            "tenant_id": uuid.uuid4(),
            "connection_id": uuid.uuid4(),
            "epoch": 1,
            "db": no_database,
            **berth,
        }
        line = Line(BrowserDriver(Berth(**chosen)))
        self.lines.append(line)
        return line

    async def linked(self, *, number: str = SHOP, **berth: Any) -> Line:
        """A link that a phone has let in, ready."""
        line = self.line(**berth)
        await line.open()
        shown = await line.hears(wire.QrShown)
        line.device = (await self.net.post(f"/api/phones/{number}/scan", {"code": shown.code}))["id"]
        await line.hears(wire.Ready)
        return line

    async def again(self, line: Line, **berth: Any) -> Line:
        """The same connection on a new driver, as the next session opens it."""
        old = line.driver.berth
        given = {"tenant_id": old.tenant_id, "connection_id": old.connection_id, "db": old.db, **berth}
        successor = self.line(**given)
        successor.device = line.device
        await successor.open(b"")
        return successor

    async def befall(self, line: Line, **conditions: Any) -> None:
        """Something happens to a link's device."""
        await self.net.post(f"/api/devices/{line.device}/conditions", conditions)

    async def plan(self, line: Line, **fault: Any) -> None:
        """Something goes wrong next for a link's device."""
        await self.net.post(f"/api/devices/{line.device}/faults", fault)

    async def unlink(self, line: Line, number: str = SHOP) -> None:
        """The phone throws the link out."""
        await self.net.http.delete(f"/api/phones/{number}/devices/{line.device}")

    async def leave(self) -> None:
        await asyncio.gather(*(line.close() for line in self.lines))


@asynccontextmanager
async def a_stage(folder: Path) -> AsyncIterator[Town]:
    """A town on a free port, with our settings pointing at it."""
    async with a_town(folder / "state.json") as net:
        before = {name: getattr(settings, name) for name in _settings(folder, net)}
        for name, value in _settings(folder, net).items():
            setattr(settings, name, value)
        town = Town(net)
        # A connection kept open may be closed by the server at the very moment it is used again.
        fresh = httpx.Limits(max_keepalive_connections=0)
        net.http = httpx.AsyncClient(base_url=net.http.base_url, limits=fresh, timeout=SOON)
        try:
            yield town
        finally:
            await net.http.aclose()
            await town.leave()
            await close_browsers()
            for name, value in before.items():
                setattr(settings, name, value)


def _settings(folder: Path, net: Net) -> dict[str, Any]:
    return {
        "WA_WEB_URL": f"http://127.0.0.1:{net.port}/web/",
        "WA_QUIET_SECONDS": 0.3,
        "WA_MIN_MODULES": 0,
        "PROFILES_ROOT": folder / "profiles",
        "ARCHIVES_ROOT": folder / "archives",
        "BROWSER_FILES_ROOT": folder / "browser",
        "CHROMIUM_PATH": "",
        "MEDIA_ROOT": folder / "media",
    }


def outbound(kind: str, chat: str = CHAT, /, **payload: Any) -> Any:
    """A command as the send queue holds it, without its row."""
    return SimpleNamespace(id=1, kind=kind, chat=chat, payload=payload, client_ref=uuid.uuid4(), attempts=1)
