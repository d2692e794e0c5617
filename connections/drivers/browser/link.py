"""One link at work: its browser, its page, and what happens to them, from the start to the end.

A page may be loaded anew, crash, hang or be closed; the browser may die, and so may the driver of all
browsers. Each is noticed, and answered with the smallest thing that helps: a new page, a new start, an end.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import Enum
from typing import Any

import orjson
import structlog
from playwright.async_api import BrowserContext, Error, Page

from connections import wire
from connections.choices import State
from connections.drivers.base import Berth, DriverError
from connections.drivers.browser import chromium, course, processes
from connections.drivers.browser.archives import Archives
from connections.drivers.browser.browsers import browsers
from connections.drivers.browser.course import Course, Order
from connections.drivers.browser.page import WebPage
from connections.drivers.browser.profile import DOWNLOADS, Profile, in_thread
from connections.drivers.browser.settings import Settings

log = structlog.get_logger(__name__)

RELOADS = 3
# A page that was ready for so long has earned its reloads anew.
HEALTHY_SECONDS = 60.0
TAKE_SECONDS = 5.0
# Every question for events is a heartbeat: a page that does not answer in time hangs.
BEAT_SECONDS = 10.0
TAKE_AT_MOST = 200
CLOSE_SECONDS = 10.0
INCIDENT_SECONDS = 0.3
FIRST_ARCHIVE_SECONDS = 60.0
ARCHIVE_SECONDS = 6 * 3600.0
# Between tries to ask for what was missed. In vain: the next ready page asks from the same moment on.
CATCH_UP_PAUSES = (1.0, 5.0, 15.0, 60.0)


class Incident(Enum):
    LOADED = "the page was loaded anew"
    CRASHED = "the page crashed"
    BROWSER_GONE = "the browser is gone"
    DRIVER_GONE = "the driver of all browsers is gone"


class After(Enum):
    """What to do once a page's life is over and the link's is not."""

    RELOAD = "load it again"
    RESTORE = "bring the profile back first"


Tell = Callable[[wire.Told], Awaitable[None]]
# A numbered event of the page that is not about the link itself.
Hear = Callable[[int, str, dict[str, Any]], Awaitable[None]]
CatchUp = Callable[[], Awaitable[None]]


class Link:
    """`is_ready` is set while messages can be sent."""

    def __init__(
        self,
        berth: Berth,
        chosen: Settings,
        *,
        was_linked: bool,
        tell: Tell,
        hear: Hear,
        catch_up: CatchUp,
    ) -> None:
        self.berth, self.chosen = berth, chosen
        self.tell, self.hear, self.catch_up = tell, hear, catch_up
        self.profile = Profile(berth.tenant_id, berth.connection_id)
        self.archives = Archives(berth, self.profile)
        self.course = Course(was_linked, bool(berth.pairing_phone), chosen.qr_attempts)
        self.is_ready = asyncio.Event()
        self.was_ready = False
        self.is_logging_out = False
        self.context: BrowserContext | None = None
        self.web: WebPage | None = None
        self.browser: int | None = None
        self.version = ""
        self._restored_from: int | None = None
        self._failures = 0
        self._is_reloading = False
        self._ready_at: float | None = None
        self._incidents: asyncio.Queue[Incident] = asyncio.Queue()
        self._log = log.bind(connection=str(berth.connection_id), epoch=berth.epoch)

    # --- from the start to the end ------------------------------------------------------------

    async def run(self) -> wire.Ended:
        """Returns how the link ended. Its profile has to be taken before."""
        browsers().tell_of_death(self._driver_died)
        try:
            if (ended := await self._prepare_profile()) is not None:
                return ended
            await self._launch()
            while True:
                outcome = await self._page_life()
                if isinstance(outcome, wire.Ended):
                    return outcome
                if self.is_ready.is_set():
                    self.is_ready.clear()
                    self._is_reloading = True
                    await self.tell(wire.Unwell(reason="page_reloads"))
                if outcome is After.RESTORE:
                    if (ended := await self._restore()) is not None:
                        return ended
                else:
                    await self._open_again()
        except DriverError as refused:
            state = State.FAILED if refused.permanent else State.RECONNECTING
            return wire.Ended(state=state, reason=refused.code, detail=str(refused)[:300])
        finally:
            self.is_ready.clear()
            browsers().tell_no_more(self._driver_died)

    async def close(self) -> None:
        """End the browser, politely while it listens: only then is everything in its profile."""
        context, self.context = self.context, None
        if context is not None:
            with suppress(Error, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await context.close()
        if self.browser is not None and processes.browser_of(self.profile.folder) is not None:
            with suppress(TimeoutError):
                await processes.end(self.browser)
        await in_thread(shutil.rmtree, self.profile.folder / DOWNLOADS, True)

    async def _prepare_profile(self) -> wire.Ended | None:
        if not self.course.was_linked:
            # What a link that is over leaves behind would show neither a QR code nor messages.
            await in_thread(self.profile.wipe)
            await self.archives.forget()
            return None
        if self.profile.is_whole:
            return None
        return await self._bring_back()

    async def _bring_back(self) -> wire.Ended | None:
        number = await self.archives.restore(older_than=self._restored_from)
        if number is None:
            return wire.Ended(state=State.LOGGED_OUT, reason="profile_lost")
        self._restored_from = number
        self.course.restored()
        return None

    async def _restore(self) -> wire.Ended | None:
        """It was linked and is shown a QR code: its database is empty. The last copy may know better."""
        self._log.warning("profile has lost its link")
        await self.close()
        ended = await self._bring_back()
        if ended is None:
            await self._launch()
        return ended

    async def _launch(self) -> None:
        home = browsers()
        async with home.turn():
            playwright = await home.playwright()
            self.context = context = await chromium.launch(
                playwright, self.profile.folder, self.chosen, downloads=self.profile.folder / DOWNLOADS
            )
            self.browser = processes.browser_of(self.profile.folder)
            context.on("close", lambda _: self._happened(Incident.BROWSER_GONE, context))
            await self._open_page(context.pages[0] if context.pages else await self._new_page(context))

    # --- pages ----------------------------------------------------------------------------------

    async def _open_page(self, page: Page) -> WebPage:
        self.web = web = WebPage(page, self.chosen)
        page.on("crash", lambda _: self._page_happened(Incident.CRASHED, page))
        page.on("load", lambda _: self._page_happened(Incident.LOADED, page))
        await web.disguise()
        await self._load(web)
        return web

    async def _load(self, web: WebPage) -> None:
        await web.load()
        self._forget_loads()

    async def _open_again(self) -> None:
        """Another try, on a new page where the old one is of no use any more."""
        assert self.web is not None
        assert self.context is not None
        if await self.web.is_answering(1.0):
            await self._load(self.web)
            return
        old, fresh = self.web, await self._new_page(self.context)
        await self._close_page(old.page)
        web = await self._open_page(fresh)
        web.quiet_seconds = old.quiet_seconds

    async def _new_page(self, context: BrowserContext) -> Page:
        try:
            return await context.new_page()
        except Error as gone:
            raise DriverError("browser_gone", str(gone).splitlines()[0], permanent=False) from gone

    async def _close_page(self, page: Page) -> None:
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await page.close()

    async def _page_life(self) -> wire.Ended | After:
        """From a loaded page until it is another one, or the end."""
        self.course.page_begins()
        if (ended := self._log_out_page()) is not None:
            return ended
        work = asyncio.create_task(self._work())
        incident = asyncio.create_task(self._incidents.get())
        try:
            await asyncio.wait({work, incident}, return_when=asyncio.FIRST_COMPLETED)
            if not _has_answer(work):
                # Whatever was asked fails a moment before it is told why.
                await asyncio.wait({incident}, timeout=INCIDENT_SECONDS)
                if incident.done():
                    return self._after_incident(incident.result())
            return work.result()
        except DriverError as trouble:
            return self._after_trouble(trouble)
        finally:
            for task in (work, incident):
                task.cancel()
            await asyncio.gather(work, incident, return_exceptions=True)

    def _after_incident(self, incident: Incident) -> wire.Ended | After:
        self._log.warning("page was interrupted", incident=incident.name)
        if incident is Incident.DRIVER_GONE:
            return wire.Ended(state=State.RECONNECTING, reason="connection_lost")
        if incident is Incident.BROWSER_GONE:
            return wire.Ended(state=State.RECONNECTING, reason="browser_gone")
        return self._log_out_page() or self._one_more(incident.name)

    def _after_trouble(self, trouble: DriverError) -> wire.Ended | After:
        """The page does not do what it should. One that hangs holds its process: that has to go first."""
        self._log.warning("page does not work", code=trouble.code, error=str(trouble))
        if trouble.code == "no_answer" and self.browser is not None:
            processes.tell(processes.renderers(self.browser), signal.SIGKILL)
        return self._one_more(str(trouble))

    def _one_more(self, why: str) -> wire.Ended | After:
        now = time.monotonic()
        if self._ready_at is not None and now - self._ready_at > HEALTHY_SECONDS:
            self._failures = 0
        self._failures += 1
        if self._failures > RELOADS:
            return wire.Ended(state=State.RECONNECTING, reason="engine_broken", detail=why[:300])
        return After.RELOAD

    def _log_out_page(self) -> wire.Ended | None:
        """WhatsApp Web says goodbye by an address of its own."""
        assert self.web is not None
        was_in = self.course.was_linked or self.course.is_linked
        return self._logged_out("") if was_in and "post_logout=1" in self.web.page.url else None

    def _logged_out(self, reason: str) -> wire.Ended:
        if self.is_logging_out:
            return wire.Ended(state=State.LOGGED_OUT, reason="asked_to_log_out")
        return course.logged_out(reason)

    # --- work on one page -----------------------------------------------------------------------

    async def _work(self) -> wire.Ended | After:
        assert self.web is not None
        await self.web.inject()
        beside = [asyncio.create_task(self._keep_archives())]
        try:
            return await self._listen(self.web, beside)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _listen(self, web: WebPage, beside: list[asyncio.Task[None]]) -> wire.Ended | After:
        after = 0
        while True:
            told = await web.ask(
                "take", after, TAKE_SECONDS * 1000, TAKE_AT_MOST, seconds=TAKE_SECONDS + BEAT_SECONDS
            )
            if told["lost"]:
                self._log.warning("events were lost in the page", count=told["lost"])
                beside.append(asyncio.create_task(self._catch_up()))
            for after, name, data in orjson.loads(told["events"]):
                if name == "state":
                    self.version = data["version"] or self.version
                steps = self.course.follows(name, data, time.monotonic())
                if steps is None:
                    await self.hear(after, name, data)
                elif (outcome := await self._follow(web, steps, beside)) is not None:
                    return outcome
            steps = self.course.tick(time.monotonic())
            if (outcome := await self._follow(web, steps, beside)) is not None:
                return outcome

    async def _follow(
        self, web: WebPage, steps: list[course.Step], beside: list[asyncio.Task[None]]
    ) -> wire.Ended | After | None:
        for step in steps:
            match step:
                case wire.Ended(state=State.LOGGED_OUT):
                    return self._logged_out(step.detail)
                case wire.Ended():
                    return step
                case Order.RELOAD:
                    return self._one_more("asked to reload")
                case Order.RESTORE:
                    return After.RESTORE
                case Order.PAIR:
                    if (ended := await self._pair(web)) is not None:
                        return ended
                case Order.REFRESH_QR:
                    await web.ask("refreshQr")
                case Order.TAKE_OVER:
                    self._log.warning("another window has the link: taking it back")
                    await web.ask("takeOver")
                case Order.CATCH_UP:
                    beside.append(asyncio.create_task(self._catch_up()))
                case wire.Ready():
                    self.was_ready = True
                    self._ready_at = time.monotonic()
                    self.is_ready.set()
                    await self.tell(step)
                    if self._is_reloading:
                        self._is_reloading = False
                        await self.tell(wire.Unwell(reason=""))
                case _:
                    await self.tell(step)
        return None

    async def _pair(self, web: WebPage) -> wire.Ended | None:
        digits = "".join(filter(str.isdecimal, self.berth.pairing_phone))
        try:
            code = await web.ask("pair", digits, seconds=30.0)
        except DriverError as refused:
            if refused.is_unknown:
                raise
            return wire.Ended(state=State.FAILED, reason="pairing_refused", detail=str(refused))
        for shown in self.course.show_code(str(code or "")):
            await self.tell(shown)
        return None

    async def _catch_up(self) -> None:
        for pause in CATCH_UP_PAUSES:
            try:
                await self.catch_up()
                return
            except DriverError as trouble:
                self._log.warning("could not ask for what was missed", error=str(trouble))
                await asyncio.sleep(pause)

    async def _keep_archives(self) -> None:
        """A copy soon after a phone let us in, then a few a day."""
        is_new = not self.profile.marks().get("archived")
        await self.is_ready.wait()
        while True:
            await asyncio.sleep(FIRST_ARCHIVE_SECONDS if is_new else ARCHIVE_SECONDS)
            if self.is_ready.is_set() and await self.archive(browser=self.browser):
                is_new = False

    async def archive(self, *, browser: int | None = None) -> bool:
        made = await self.archives.make(browser=browser, web_version=self.version)
        if made:
            self.profile.note(archived=True)
        return made

    # --- what happens -----------------------------------------------------------------------------

    def _happened(self, incident: Incident, context: BrowserContext) -> None:
        if context is self.context:
            self._incidents.put_nowait(incident)

    def _page_happened(self, incident: Incident, page: Page) -> None:
        if self.web is not None and self.web.page is page:
            self._incidents.put_nowait(incident)

    def _driver_died(self) -> None:
        self._incidents.put_nowait(Incident.DRIVER_GONE)

    def _forget_loads(self) -> None:
        """The load that we asked for ourselves is no incident."""
        rest = []
        while not self._incidents.empty():
            rest.append(self._incidents.get_nowait())
        for incident in rest:
            if incident is not Incident.LOADED:
                self._incidents.put_nowait(incident)


def _has_answer(work: asyncio.Task[Any]) -> bool:
    return work.done() and not work.cancelled() and work.exception() is None
