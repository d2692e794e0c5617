"""Whether a WhatsApp Web page can be driven from here at all: each step timed, the profile thrown away."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import orjson
from django.conf import settings
from playwright.async_api import Error, async_playwright

from connections.drivers.base import DriverError
from connections.drivers.browser import chromium, processes
from connections.drivers.browser.page import MODULES, WebPage
from connections.drivers.browser.settings import Settings

Answer = TypeVar("Answer")

QR_SECONDS = 30.0
# What a module that our events depend on is called, as far as its name tells.
TELLING = ("receipt", "reaction", "presence", "sendmsg", "msgedit", "revoke")


class Canary:
    """Fills `report`; the first step that fails is its last."""

    def __init__(self, chosen: Settings) -> None:
        self.chosen = chosen
        self.report: dict[str, Any] = {"url": settings.WA_WEB_URL, "ok": False, "steps": {}}

    async def fly(self) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="canary-") as folder:
            try:
                async with async_playwright() as playwright:
                    await self._look(playwright, Path(folder))
                self.report["ok"] = True
            except DriverError as failed:
                self.report["error"] = {"code": failed.code, "detail": str(failed)}
        return self.report

    async def _look(self, playwright: Any, folder: Path) -> None:
        binary = chromium.binary_for(self.chosen)
        self.report |= {"binary": binary, "chromium": await chromium.version_of(binary)}
        launch = chromium.launch(playwright, folder / "profile", self.chosen, downloads=folder)
        context = await self._step("launch", launch)
        try:
            web = WebPage(context.pages[0], self.chosen)
            await web.disguise()
            await self._step("load", web.load())
            try:
                await self._step("inject", web.inject())
            finally:
                await self._describe(web)
            await self._step("qr", self._wait_for_code(web))
            self.report["memory_mb"] = self._memory(folder / "profile")
        finally:
            with suppress(Error):
                await context.close()

    async def _step(self, name: str, work: Awaitable[Answer]) -> Answer:
        began = time.monotonic()
        try:
            return await work
        finally:
            self.report["steps"][name] = round(time.monotonic() - began, 2)

    async def _describe(self, web: WebPage) -> None:
        """What helps whoever has to find out why: modules, versions, what wa-js did not find."""
        with suppress(Error):
            modules = await web.page.evaluate(MODULES, list(self.chosen.gate))
            telling = await web.page.evaluate(
                "(words) => Object.keys(window.require('__debug').modulesMap)"
                ".filter((id) => words.some((word) => id.toLowerCase().includes(word))).slice(0, 200)",
                list(TELLING),
            )
            self.report |= {
                "modules": modules["count"],
                "gate_missing": modules["missing"],
                "telling": telling,
            }
        with suppress(Error):
            self.report["web_version"] = await web.page.evaluate("WPP.conn.getBuildConstants().VERSION_STR")
            self.report["wa_js_version"] = await web.page.evaluate("WPP.version")
        self.report["wa_js_missing"] = sorted(web.missing)
        self.report["required_missing"] = sorted(web.missing & set(self.chosen.required))

    async def _wait_for_code(self, web: WebPage) -> None:
        """That there is one; what it says is a credential and nobody's business here."""
        deadline = time.monotonic() + QR_SECONDS
        while not (state := await web.ask("state"))["qr"]:
            if time.monotonic() > deadline:
                shown = orjson.dumps({key: state[key] for key in ("mode", "info", "socket")}).decode()
                raise DriverError("no_qr", shown, permanent=False)
            await asyncio.sleep(0.5)

    def _memory(self, profile: Path) -> int | None:
        browser = processes.browser_of(profile)
        return processes.pss_bytes(processes.tree(browser)) // 2**20 if browser else None
