"""The pretend WhatsApp Web in a real Chromium with the real wa-js, as the browser driver has it."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page, Playwright
from pretend_phones import SHOP, Net

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "node_modules/@wppconnect/wa-js/dist/wppconnect-wa.js"
PATIENCE_MS = 15_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Else every /web/ of a test would be asked of the network's own discovery first.
    "--disable-features=DialMediaRouteProvider",
]
CONFIG = (
    "window.WPPConfig = {disableGoogleAnalytics: true, googleAnalyticsId: null, "
    "linkPreviewApiServers: [], poweredBy: '-', deviceName: 'Balcão'};"
)
# Every event of wa-js, with ids as strings, into an array of the page.
LISTEN = """
() => {
  window.heard = [];
  const plain = (value, depth = 0) => {
    if (value === null || ["string", "number", "boolean"].includes(typeof value)) return value;
    if (value === undefined || typeof value === "function") return null;
    if (typeof value._serialized === "string") return value._serialized;
    if (depth > 3) return String(value);
    if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
    const shown = value.attributes ?? value;
    return Object.fromEntries(Object.entries(shown)
      .filter(([name]) => !["groupMetadata", "msgs", "presence", "mediaData"].includes(name))
      .map(([name, item]) => [name, plain(item, depth + 1)]));
  };
  WPP.onAny((name, ...values) => window.heard.push([name, ...values.map((value) => plain(value))]));
}
"""


def chromium_path() -> str | None:
    """The smallest there is, else the one that `make test` found."""
    return shutil.which("chromium-headless-shell") or os.environ.get("CHROMIUM_PATH")


class WaWeb:
    """A page of WhatsApp Web on which wa-js runs."""

    def __init__(self, page: Page, net: Net) -> None:
        self.page = page
        self.net = net
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def open(self, query: str = "") -> None:
        """Load the page and put wa-js on it, as soon as its modules are there."""
        await self.page.goto(f"http://127.0.0.1:{self.net.port}/web/{query}")
        await self.inject()

    async def inject(self) -> None:
        await self.page.wait_for_function("() => window.Debug?.VERSION")
        await self.page.evaluate(CONFIG + BUNDLE.read_text())
        await self.page.evaluate(LISTEN)
        await self.page.wait_for_function("() => WPP.isFullReady")

    async def run(self, expression: str, argument: Any = None) -> Any:
        """The value of some JavaScript, or of the function it is."""
        async with asyncio.timeout(PATIENCE_MS / 1000):
            return await self.page.evaluate(expression, argument)

    async def until(self, expression: str) -> Any:
        """Wait for some JavaScript to give something true, or to promise it; that value."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while time.monotonic() < deadline:
            if value := await self.page.evaluate(expression):
                return value
            await asyncio.sleep(0.02)
        raise AssertionError(f"never true: {expression}")

    async def code(self) -> str:
        """The text of the QR code on show."""
        code: str = await self.until("async () => (await WPP.conn.getAuthCode())?.fullCode")
        return code

    async def link(self, number: str = SHOP) -> None:
        await self.net.post(f"/api/phones/{number}/scan", {"code": await self.code()})
        await self.until_linked()

    async def until_linked(self) -> None:
        await self.until("() => WPP.conn.isAuthenticated() && WPP.conn.getStreamData().mode === 'MAIN'")

    async def event(self, name: str, where: Callable[[Any], Any] = lambda value: True) -> Any:
        """The (first) value of the next event of wa-js with that name for which ``where`` is true."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while time.monotonic() < deadline:
            heard = await self.page.evaluate("() => window.heard")
            for index, (kind, *values) in enumerate(heard):
                value = values[0] if values else None
                if kind == name and where(value):
                    await self.page.evaluate("(index) => window.heard.splice(index, 1)", index)
                    return value
            await asyncio.sleep(0.02)
        raise AssertionError(f"{name} was not told; heard: {[kind for kind, *_ in heard]}")

    async def message(self, where: Callable[[Any], Any] = lambda value: True) -> Any:
        return await self.event("chat.new_message", where)


@asynccontextmanager
async def a_profile(playwright: Playwright, folder: Path) -> AsyncIterator[BrowserContext]:
    """A browser with a profile of its own, as every connection has one."""
    context = await playwright.chromium.launch_persistent_context(
        folder, executable_path=chromium_path(), args=FLAGS, locale="pt-BR"
    )
    try:
        context.set_default_timeout(PATIENCE_MS)
        yield context
    finally:
        await context.close()
