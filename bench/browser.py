"""Links of the driver `browser` on the pretend WhatsApp Web: memory, starts, sends, files, a kill.

The real wa-js, the driver alone, ten links in this process. What a session adds is measured elsewhere.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from bench import pretend_network
from bench.harness import Measured, Options, main
from bench.product import Product

CUSTOMER = "+5511977770000"
CHAT = "5511977770000@c.us"
MEGABYTE = 2**20
READY_SECONDS = 60.0


def bench(options: Options) -> Measured:
    links = options.pick(10, 2)
    numbers = [f"+55119{66660000 + number}" for number in range(links)]
    with Product(["simulator"], is_quick=options.is_quick) as product:
        product.start_programs(["simulator"])
        product.wait_ready(["simulator"])
        _point_settings_at(product)
        pretend_network.add_phones(product.simulator_url, [CUSTOMER, *numbers])
        run = _Run(product.simulator_url, sends=options.pick(40, 3), megabytes=options.pick(64, 1))
        return asyncio.run(run.measure(numbers, product.tell))


def _point_settings_at(product: Product) -> None:
    from django.conf import settings

    settings.WA_WEB_URL = f"{product.simulator_url}/web/"
    settings.WA_QUIET_SECONDS, settings.WA_MIN_MODULES = 1.0, 0
    settings.PROFILES_ROOT = product.home / "profiles"
    settings.ARCHIVES_ROOT = product.home / "archives"
    settings.MEDIA_ROOT = product.home / "media"


class _Link:
    """One link, and when it told what."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.connection_id = uuid.uuid4()
        self.driver: Any = None
        self.told: list[tuple[float, Any]] = []
        self.news = asyncio.Event()

    async def open(self, credentials: bytes | None) -> None:
        from connections.drivers.base import Berth
        from connections.drivers.browser import BrowserDriver

        berth = Berth(
            tenant_id=self.connection_id, connection_id=self.connection_id, epoch=1, db=_no_database
        )
        self.driver, self.told = BrowserDriver(berth), []
        await self.driver.open(credentials)
        self.listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for told in self.driver.listen():
            self.told.append((time.monotonic(), told))
            self.news.set()

    async def hears(
        self, kind: type[Any], where: Callable[[Any], bool] = lambda _: True
    ) -> tuple[float, Any]:
        async with asyncio.timeout(READY_SECONDS):
            while True:
                for at, told in self.told:
                    inner = getattr(told, "happening", told)
                    if isinstance(inner, kind) and where(inner):
                        return at, inner
                self.news.clear()
                await self.news.wait()


async def _no_database(function: Any, *_args: Any) -> Any:
    """Archives are files here, and no rows."""
    return {"next_number": 1, "newest_first": [], "forget": []}.get(function.__name__)


class _Run:
    def __init__(self, simulator: str, *, sends: int, megabytes: int) -> None:
        self.simulator, self.sends, self.megabytes = simulator, sends, megabytes
        self.measured = Measured()

    async def measure(self, numbers: list[str], tell: Callable[[str], None]) -> Measured:
        from connections.drivers.browser.browsers import close_browsers

        links = [_Link(number) for number in numbers]
        async with httpx.AsyncClient(base_url=self.simulator, timeout=60) as self.http:
            await asyncio.gather(*(self._let_in(link) for link in links))
            tell("links are made")
            await asyncio.gather(*(link.driver.close() for link in links))
            await close_browsers()
            await self._start_cold(links)
            tell("all are ready after a cold start")
            await asyncio.sleep(5)
            await self._weigh(links)
            await self._send(links)
            tell("messages are sent")
            await self._move_files(links[0])
            tell("files are moved")
            await self._kill(links[0])
            await asyncio.gather(*(link.driver.close() for link in links))
            await close_browsers()
        return self.measured

    async def _let_in(self, link: _Link) -> None:
        from connections import wire

        await link.open(None)
        _, shown = await link.hears(wire.QrShown)
        (
            await self.http.post(f"/api/phones/{link.number}/scan", json={"code": shown.code})
        ).raise_for_status()
        await link.hears(wire.Ready)

    async def _start_cold(self, links: list[_Link]) -> None:
        from connections import wire

        began = time.monotonic()
        await asyncio.gather(*(link.open(b"") for link in links))
        ready = [(await link.hears(wire.Ready))[0] for link in links]
        self.measured.note("first_ready_seconds", min(ready) - began)
        self.measured.note("all_ready_seconds", max(ready) - began)
        self.measured.at_most("all_ready_seconds", 40)

    async def _weigh(self, links: list[_Link]) -> None:
        each = [await link.driver.memory_bytes() for link in links]
        self.measured.note("memory_mb_per_link", sum(each) / len(each) / MEGABYTE)
        self.measured.at_most("memory_mb_per_link", 80)

    async def _send(self, links: list[_Link]) -> None:
        """As sessions do: one after the other on each link, all links at once."""
        took: list[float] = []

        async def one_link(link: _Link) -> None:
            for number in range(self.sends):
                began = time.monotonic()
                await link.driver.send(_command("message", kind="text", text=f"Mensagem {number}"))
                took.append((time.monotonic() - began) * 1000)

        began = time.monotonic()
        await asyncio.gather(*(one_link(link) for link in links))
        seconds = time.monotonic() - began
        self.measured.note("sends_per_second", len(took) / seconds)
        self.measured.note("ms_per_send", seconds * 1000 / len(took))
        self.measured.at_most("ms_per_send", 20)
        self.measured.note_spread("send", took)

    async def _move_files(self, link: _Link) -> None:
        from django.conf import settings

        content = os.urandom(MEGABYTE) * self.megabytes
        path = Path(settings.MEDIA_ROOT) / "bench" / "document"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        media = {"path": "bench/document", "mime": "application/pdf", "name": "a.pdf", "seconds": None}
        began = time.monotonic()
        await link.driver.send(_command("message", kind="document", text="", media=media))
        self.measured.note("document_in_seconds", time.monotonic() - began)
        self.measured.note("document_out_seconds", await self._fetch(link, content))
        self.measured.note("document_mb", self.megabytes)
        for name in ("document_in_seconds", "document_out_seconds"):
            self.measured.at_most(name, 2)

    async def _fetch(self, link: _Link, content: bytes) -> float:
        from connections import wire

        headers = {"Content-Type": "application/pdf", "X-File-Name": "b.pdf"}
        held = await self.http.post(f"/api/phones/{CUSTOMER}/media", content=content, headers=headers)
        message = {"to": link.number, "kind": "document", "text": "", "media_id": held.json()["id"]}
        sent = (await self.http.post(f"/api/phones/{CUSTOMER}/messages", json=message)).json()
        _, told = await link.hears(wire.Message, lambda one: one.id == sent["id"])
        began = time.monotonic()
        size = 0
        async for chunk in link.driver.fetch(told.media.id):
            size += len(chunk)
        if size != len(content):
            raise RuntimeError(f"{size} of {len(content)} bytes came out")
        return time.monotonic() - began

    async def _kill(self, link: _Link) -> None:
        from connections import wire

        began = time.monotonic()
        os.kill(link.driver.link.browser, signal.SIGKILL)
        at, _ = await link.hears(wire.Ended)
        self.measured.note("kill_seen_seconds", at - began)
        await link.driver.close()
        await link.open(b"")
        at, _ = await link.hears(wire.Ready)
        self.measured.note("back_after_kill_seconds", at - began)
        self.measured.at_most("kill_seen_seconds", 1)
        self.measured.at_most("back_after_kill_seconds", 15)
        codes = sum(isinstance(told, wire.QrShown) for _, told in link.told)
        self.measured.note("codes_asked_for_after_kill", codes)
        self.measured.at_most("codes_asked_for_after_kill", 0)


def _command(command: str, /, **payload: Any) -> Any:
    from connections.models import Outbound

    return Outbound(kind=command, chat=CHAT, payload=payload, attempts=1)


if __name__ == "__main__":
    main("browser", bench, seconds=300)
