"""A running network with a shop and two customers, and WhatsApp Web on it, for the tests of the simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Playwright, async_playwright
from pretend_phones import SHOP, Net, TestDevice, a_town, running
from wa_web import WaWeb, a_profile


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


@pytest.fixture
def run_network(state: Path) -> Callable[..., Any]:
    """Start the network, with settings; again on the same state, if a test wants to."""
    return lambda **settings: running(state, **settings)


@pytest_asyncio.fixture
async def net(state: Path) -> AsyncIterator[Net]:
    """A network with a shop, which Balcão links to, and two customers."""
    async with a_town(state) as net:
        yield net


@pytest_asyncio.fixture
async def shop(net: Net) -> TestDevice:
    """A device linked to the shop's phone."""
    return await net.link(SHOP)


# WhatsApp Web: the browser and the network live on the loop of the test's module.


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as driver:
        yield driver


@pytest_asyncio.fixture(loop_scope="module")
async def town(state: Path) -> AsyncIterator[Net]:
    """The network with its shop and two customers."""
    async with a_town(state) as net:
        yield net


@pytest_asyncio.fixture(loop_scope="module")
async def profile(playwright: Playwright, tmp_path: Path) -> AsyncIterator[BrowserContext]:
    """A browser with a profile of its own."""
    async with a_profile(playwright, tmp_path / "profile") as context:
        yield context


@pytest_asyncio.fixture(loop_scope="module")
async def web(town: Net, profile: BrowserContext) -> AsyncIterator[WaWeb]:
    """WhatsApp Web with wa-js on it, not linked yet; a page that breaks fails the test."""
    web = WaWeb(profile.pages[0], town)
    await web.open()
    yield web
    assert web.complaints == []


@pytest_asyncio.fixture(loop_scope="module")
async def linked(web: WaWeb) -> WaWeb:
    """WhatsApp Web linked to the shop's phone."""
    await web.link()
    return web
