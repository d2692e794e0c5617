"""A running network with a shop and two customers, for the tests of the simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pretend_phones import SHOP, Net, TestDevice, a_town, running


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
