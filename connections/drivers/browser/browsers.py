"""The Playwright driver of this process: one for all its links, in the loop they live in.

It is a Node process of over 100 MB, so there is never a second one. When it dies it takes every browser
with it: each link is told, and the next one to open starts a new driver.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from weakref import WeakKeyDictionary

import structlog
from playwright.async_api import Error, Playwright, async_playwright

from connections.drivers.base import DriverError
from connections.drivers.browser import processes

log = structlog.get_logger(__name__)

START_SECONDS = 30.0
STOP_SECONDS = 10.0
CORES = os.cpu_count() or 1


class Browsers:
    """Bound to the loop it is first used in. `pid`: the driver's process, while there is one."""

    def __init__(self) -> None:
        self.pid: int | None = None
        self._playwright: Playwright | None = None
        self._watch: int | None = None
        self._starting = asyncio.Lock()
        self._turns = asyncio.Semaphore(CORES)
        self._on_death: set[Callable[[], None]] = set()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Browsers start one a core at a time: all at once they would time out together."""
        async with self._turns:
            yield

    async def playwright(self) -> Playwright:
        """The driver, started when there is none. Raises DriverError(`no_browser`) when it does not start."""
        async with self._starting:
            if self._playwright is None:
                await self._start()
            assert self._playwright is not None
            return self._playwright

    def tell_of_death(self, call: Callable[[], None]) -> None:
        self._on_death.add(call)

    def tell_no_more(self, call: Callable[[], None]) -> None:
        self._on_death.discard(call)

    async def aclose(self) -> None:
        """End the driver. Every link should be closed before."""
        async with self._starting:
            playwright, pid = self._playwright, self.pid
            self._forget()
            if playwright is not None:
                with suppress(Error, TimeoutError, ConnectionError):
                    async with asyncio.timeout(STOP_SECONDS):
                        await playwright.stop()
            if pid is not None:
                processes.tell([pid], signal.SIGKILL)

    async def _start(self) -> None:
        before = set(processes.children(os.getpid()))
        try:
            async with asyncio.timeout(START_SECONDS):
                self._playwright = await async_playwright().start()
        except (Error, OSError, TimeoutError) as failed:
            raise DriverError("no_browser", str(failed) or "no answer", permanent=False) from failed
        fresh = set(processes.children(os.getpid())) - before
        self.pid = next((pid for pid in fresh if "run-driver" in processes.command_line(pid)), None)
        if self.pid is not None:
            self._watch = os.pidfd_open(self.pid)
            asyncio.get_running_loop().add_reader(self._watch, self._died)
        log.info("browser driver started", pid=self.pid)

    def _died(self) -> None:
        log.warning("browser driver died", pid=self.pid)
        self._forget()
        for call in list(self._on_death):
            call()

    def _forget(self) -> None:
        if self._watch is not None:
            asyncio.get_running_loop().remove_reader(self._watch)
            os.close(self._watch)
        self._playwright = self._watch = self.pid = None


_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, Browsers] = WeakKeyDictionary()


def browsers() -> Browsers:
    """Those of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _of_loops:
        _of_loops[loop] = Browsers()
    return _of_loops[loop]


async def close_browsers() -> None:
    """For the end of a loop: nothing of ours runs in it afterwards."""
    if (open_here := _of_loops.pop(asyncio.get_running_loop(), None)) is not None:
        await open_here.aclose()
