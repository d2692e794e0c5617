"""Which Chromium is started, with what flags, and what it says it is."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from playwright.async_api import BrowserContext, Error, Page, Playwright, Route, ViewportSize

from connections.drivers.base import DriverError
from connections.drivers.browser.settings import Settings, web_host

LAUNCH_SECONDS = 30.0
VERSION_SECONDS = 15.0
INSTALLED = {
    "headless_shell": ("chromium-headless-shell", "chrome-headless-shell"),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
}
FLAGS = (
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-blink-features=AutomationControlled",
    # One process and 5 MB less for each connection; it has no sandbox of its own on Linux either way.
    "--enable-features=NetworkServiceInProcess2",
)
# Large enough for WhatsApp Web to show all of itself; every pixel is memory.
VIEWPORT: ViewportSize = {"width": 800, "height": 600}
# Hosts that WhatsApp Web itself needs. Everything else is not found, by any part of the browser: pages,
# workers, sockets. (Intercepting requests instead would switch the browser's cache off.)
ITS_OWN_HOSTS = ("*.whatsapp.com", "*.whatsapp.net")


def binary_for(chosen: Settings) -> str:
    """The path of the Chromium to start. Raises DriverError(`no_browser`) where there is none."""
    if not chosen.binary and settings.CHROMIUM_PATH:
        return str(settings.CHROMIUM_PATH)
    for kind in [chosen.binary] if chosen.binary else INSTALLED:
        for name in INSTALLED[kind]:
            if (found := shutil.which(name)) is not None:
                return found
    raise DriverError("no_browser", chosen.binary or "chromium", permanent=True)


def resolver_rules() -> str:
    allowed = ",".join(f"EXCLUDE {host}" for host in (web_host(), *ITS_OWN_HOSTS))
    return f"MAP * ~NOTFOUND,{allowed}"


async def launch(
    playwright: Playwright, profile: Path, chosen: Settings, *, downloads: Path
) -> BrowserContext:
    """A Chromium with this profile, of its own. Raises DriverError when it does not start."""
    binary = binary_for(chosen)
    agent = chosen.user_agent or user_agent(await version_of(binary))
    try:
        context = await playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=binary,
            args=[*FLAGS, f"--host-resolver-rules={resolver_rules()}", f"--user-agent={agent}"],
            ignore_default_args=["--enable-automation"],
            chromium_sandbox=settings.CHROMIUM_SANDBOX and os.geteuid() != 0,
            user_agent=agent,
            viewport=VIEWPORT,
            downloads_path=str(downloads),
            # The worker's own signals are for the worker: it closes its browsers itself.
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
            timeout=LAUNCH_SECONDS * 1000,
        )
    except Error as failed:
        raise DriverError("browser_failed", _first_line(failed), permanent=False) from failed
    if (pinned := chosen.web_page_path) is not None:
        await _pin(context, pinned)
    return context


async def disguise(page: Page, chosen: Settings) -> None:
    """Its brands say what its user agent says: headless-shell would name itself in them."""
    session = await page.context.new_cdp_session(page)
    product = (await session.send("Browser.getVersion"))["product"]
    version = product.partition("/")[2]
    await session.send(
        "Emulation.setUserAgentOverride",
        {
            "userAgent": chosen.user_agent or user_agent(version),
            "userAgentMetadata": brands_of(version),
        },
    )


def user_agent(version: str) -> str:
    """As a Chrome of this version on Linux calls itself; minor numbers are always zero there."""
    major = version.partition(".")[0]
    return (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
        f" Chrome/{major}.0.0.0 Safari/537.36"
    )


def brands_of(version: str) -> dict[str, Any]:
    major = version.partition(".")[0]
    brands = [
        ("Chromium", major, version),
        ("Google Chrome", major, version),
        ("Not)A;Brand", "24", "24.0.0.0"),
    ]
    return {
        "brands": [{"brand": name, "version": short} for name, short, _ in brands],
        "fullVersionList": [{"brand": name, "version": full} for name, _, full in brands],
        "platform": "Linux",
        "platformVersion": "6.1.0",
        "architecture": "x86",
        "bitness": "64",
        "model": "",
        "mobile": False,
    }


async def version_of(binary: str) -> str:
    """Its version, "156.0.8078.108". Raises DriverError when it does not say."""
    known = _versions()
    stamp = (binary, Path(binary).stat().st_mtime if Path(binary).exists() else 0)
    if stamp not in known:
        known[stamp] = await _ask_version(binary)
    return known[stamp]


@cache
def _versions() -> dict[tuple[str, float], str]:
    return {}


async def _ask_version(binary: str) -> str:
    try:
        async with asyncio.timeout(VERSION_SECONDS):
            asked = await asyncio.create_subprocess_exec(
                binary, "--version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
            )
            said, _ = await asked.communicate()
    except (OSError, TimeoutError) as failed:
        raise DriverError("no_browser", type(failed).__name__, permanent=True) from failed
    found = re.search(r"\d+(\.\d+){3}", said.decode(errors="replace"))
    if found is None:
        raise DriverError("no_browser", "it does not say its version", permanent=True)
    return found.group()


async def _pin(context: BrowserContext, page: Path) -> None:
    """Answer the first page with HTML that is known to work, and keep it from replacing itself."""
    try:
        html = await asyncio.to_thread(page.read_text)
    except (OSError, ValueError) as gone:
        raise DriverError("web_page_missing", page.name, permanent=True) from gone

    async def first_page(route: Route) -> None:
        await route.fulfill(body=html, content_type="text/html; charset=utf-8")

    async def nothing(route: Route) -> None:
        await route.abort()

    await context.route(settings.WA_WEB_URL, first_page)
    await context.route("**/check-update*", nothing)


def _first_line(failed: Exception) -> str:
    return str(failed).splitlines()[0][:300] if str(failed) else type(failed).__name__
