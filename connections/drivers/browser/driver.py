"""The driver `browser`: WhatsApp Web as a linked device of ours, behind the protocol of all drivers."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from playwright.async_api import Error

from connections import wire
from connections.choices import Command, State
from connections.drivers.base import Berth, Can, Driver, DriverError
from connections.drivers.browser import bundle, catchup, chromium, fetching, parsing, processes, sending
from connections.drivers.browser.browsers import close_browsers
from connections.drivers.browser.link import Link
from connections.drivers.browser.page import WebPage
from connections.drivers.browser.profile import in_thread
from connections.drivers.browser.settings import Settings
from connections.models import Outbound

TOLD_AT_MOST = 500
REMEMBERED_SENDS = 5000
# While a page is loaded anew nothing can be sent; that is over in seconds, or the link ends.
READY_SECONDS = 30.0
LOG_OUT_SECONDS = 20.0
LOOK_UP_SECONDS = 3600.0
NOTE_SECONDS = 2.0
HISTORY_A_CHAT = 5000


class BrowserDriver(Driver):
    can = frozenset(Can)
    repeats_are_safe = False
    # The profile is packed once its browser is closed.
    close_seconds = 30.0

    def __init__(self, berth: Berth) -> None:
        super().__init__(berth)
        self.chosen = Settings.parse(berth.settings)
        self.told: asyncio.Queue[wire.Told] = asyncio.Queue(TOLD_AT_MOST)
        self.link: Link | None = None
        self.ended: wire.Ended | None = None
        self._running: asyncio.Task[None] | None = None
        self._receipt = 0
        # (receipt, the page it is of, number of the event there or 0, when its message was written or 0)
        self._open: deque[tuple[int, WebPage | None, int, int]] = deque()
        # Everything written up to then is safe (seconds since 1970); what newer ones there are counts only
        # once a look back is over, and for receipts from then on (None: it is not).
        self._until = self._newest = 0
        self._counts_from: int | None = None
        self._noted_at = 0.0
        self._ours: OrderedDict[str, None] = OrderedDict()
        self._forwarding = asyncio.Lock()
        self._found: dict[str, tuple[float, wire.Found | None]] = {}

    # --- the link -----------------------------------------------------------------------------

    async def open(self, credentials: bytes | None) -> None:
        """Takes the profile. The rest, which may wait for its turn, is told by `listen`."""
        bundle.script_for(self.chosen)
        chromium.binary_for(self.chosen)
        self.link = link = Link(
            self.berth,
            self.chosen,
            was_linked=credentials is not None,
            tell=self.told.put,
            hear=self._hear,
            catch_up=self._catch_up,
        )
        await link.profile.take(self.berth.epoch)
        self._until = int(link.profile.marks().get("until", 0))
        self._running = asyncio.create_task(self._run(link))

    async def _run(self, link: Link) -> None:
        self.ended = wire.Ended(state=State.RECONNECTING, reason="crashed")
        task = asyncio.current_task()
        assert task is not None
        try:
            self.ended = await link.run()
        finally:
            # Also when something unforeseen was raised: whoever listens must not wait for ever.
            if not task.cancelling():
                await self.told.put(self.ended)

    async def listen(self) -> AsyncIterator[wire.Told]:
        while True:
            told = await self.told.get()
            yield told
            if isinstance(told, wire.Ended):
                return

    async def close(self) -> None:
        link, running = self.link, self._running
        self._running = None
        if link is None or running is None:  # never opened, or closed before
            return
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        try:
            await link.close()
            await self._keep_or_wipe(link)
        finally:
            link.profile.leave()

    async def _keep_or_wipe(self, link: Link) -> None:
        if self.ended is not None and self.ended.state == State.LOGGED_OUT:
            await in_thread(link.profile.wipe)
            await link.archives.forget()
        elif link.was_ready:
            self._note(link, at_once=True)
            await link.archive()

    @classmethod
    def tuned(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        Settings.parse(given)
        return dict(given)

    @classmethod
    async def leave_worker(cls) -> None:
        await close_browsers()

    async def log_out(self) -> None:
        link = self._link()
        link.is_logging_out = True
        try:
            await self._page().ask("logOut", seconds=LOG_OUT_SECONDS)
        except DriverError:
            # It takes the page with it: what counts is whether the link is over.
            if not await self._is_over(LOG_OUT_SECONDS):
                raise

    async def _is_over(self, seconds: float) -> bool:
        if self._running is not None:
            await asyncio.wait({self._running}, timeout=seconds)
        return self.ended is not None and self.ended.state == State.LOGGED_OUT

    # --- what it tells ------------------------------------------------------------------------

    async def _hear(self, number: int, name: str, data: dict[str, Any]) -> None:
        """An event of the page that is not about the link itself."""
        if name == "presence":
            if (typing := parsing.parse_typing(data)) is not None:
                await self.told.put(typing)
            return
        if name == "message" and data.get("from_me"):
            async with self._forwarding:  # its id is known only once it was forwarded
                if data.get("id") in self._ours:
                    return
        for happening in parsing.parse_event(name, data):
            await self._store(happening, self._page(), number)

    async def _store(self, happening: wire.Happening, page: WebPage | None, number: int) -> None:
        self._receipt += 1
        written_at = int(happening.sent_at.timestamp()) if isinstance(happening, wire.Message) else 0
        self._open.append((self._receipt, page, number, written_at))
        await self.told.put(wire.Stored(happening=happening, receipt=self._receipt))

    async def confirm(self, receipt: int) -> None:
        page, number = None, 0
        while self._open and self._open[0][0] <= receipt:
            _, page, number, written_at = self._open.popleft()
            self._newest = max(self._newest, min(written_at, int(time.time())))
        if self._counts_from is not None and receipt >= self._counts_from:
            self._until = max(self._until, self._newest)
        link = self._link()
        self._note(link)
        if number and page is not None and page is link.web:
            await page.ask("confirm", number)

    def _note(self, link: Link, *, at_once: bool = False) -> None:
        """Up to when we have everything, for whoever opens this profile next."""
        now = time.monotonic()
        if at_once or now - self._noted_at > NOTE_SECONDS:
            self._noted_at = now
            link.profile.note(until=self._until)

    async def _catch_up(self) -> None:
        """What came while nobody listened: since the last thing we have safe."""
        since = self._until - catchup.OVERLAP_SECONDS
        if not self._until:  # linked just now: what was before is history, and asked for apart
            self._until = since = int(time.time())
            self._note(self._link(), at_once=True)
        self._counts_from = None
        async for message in catchup.since(self._page(), since):
            is_ours = message.get("id") in self._ours
            for happening in parsing.parse_past(message):
                if not (is_ours and isinstance(happening, wire.Message)):
                    await self._store(happening, None, 0)
        self._counts_from = self._receipt

    async def history(self, since: datetime) -> AsyncIterator[wire.Message]:
        page = await self._ready_page()
        async for message in catchup.since(page, int(since.timestamp()), a_chat=HISTORY_A_CHAT):
            for happening in parsing.parse_past(message):
                if isinstance(happening, wire.Message):
                    yield happening

    # --- what it is asked ---------------------------------------------------------------------

    async def send(self, outbound: Outbound) -> wire.Sent:
        page = await self._ready_page()
        if outbound.kind == Command.FORWARD:
            async with self._forwarding:
                sent = await sending.send(page, outbound)
                self._remember(sent.wa_id)
                return sent
        self._remember(sending.message_id(outbound))
        return await sending.send(page, outbound)

    def _remember(self, wa_id: str) -> None:
        """What we sent ourselves is not told again as written on the phone."""
        self._ours[wa_id] = None
        while len(self._ours) > REMEMBERED_SENDS:
            self._ours.popitem(last=False)

    async def find(self, outbounds: list[Outbound]) -> dict[int, wire.Sent]:
        page = await self._ready_page()
        found = {one.id: await sending.was_done(page, one) for one in outbounds}
        return {key: sent for key, sent in found.items() if sent is not None}

    async def fetch(self, media_id: str) -> AsyncIterator[bytes]:
        async for chunk in fetching.fetch(await self._ready_page(), media_id):
            yield chunk

    async def type(self, chat: str, activity: str) -> None:
        await self._page().ask("show", chat, activity)

    async def look_up(self, phone: str) -> wire.Found | None:
        asked_at, found = self._found.get(phone, (0.0, None))
        if not asked_at or time.monotonic() - asked_at > LOOK_UP_SECONDS:
            digits = "".join(filter(str.isdecimal, phone))
            told = await (await self._ready_page()).ask("lookUp", f"{digits}@c.us")
            found = wire.Found(chat=told["chat"], lid=told["lid"]) if told else None
            self._found[phone] = (time.monotonic(), found)
        return found

    async def probe(self) -> None:
        """Whether WhatsApp still answers: our own number is always there, and asked for over the line."""
        link, page = self._link(), self._page()
        await page.ask("probe")
        if not link.is_ready.is_set():
            raise DriverError("not_ready", permanent=False)

    async def picture(self, chat: str) -> bytes | None:
        return await fetching.picture(await self._ready_page(), chat)

    async def screenshot(self) -> bytes:
        try:
            return await self._page().page.screenshot(type="png", timeout=10_000)
        except Error as failed:
            raise DriverError("no_screenshot", str(failed).splitlines()[0], permanent=False) from failed

    async def memory_bytes(self) -> int | None:
        link = self._link()
        if link.browser is None:
            return None
        total: int = await in_thread(lambda: processes.pss_bytes(processes.tree(link.browser or 0)))
        return total or None

    # --- its parts ----------------------------------------------------------------------------

    def _link(self) -> Link:
        if self.link is None:
            raise DriverError("not_ready", permanent=False)
        return self.link

    def _page(self) -> WebPage:
        if (page := self._link().web) is None:
            raise DriverError("not_ready", permanent=False)
        return page

    async def _ready_page(self) -> WebPage:
        """The page, once messages can be sent on it. Raises DriverError(`not_ready`): nothing was done."""
        with suppress(TimeoutError):
            async with asyncio.timeout(READY_SECONDS):
                await self._link().is_ready.wait()
                return self._page()
        raise DriverError("not_ready", permanent=False)
