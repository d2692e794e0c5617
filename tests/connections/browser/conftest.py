"""The browser driver's own props."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from browser_stage import Line, Town, a_stage


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with a_stage(tmp_path_factory.mktemp("town")) as town:
        yield town


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def linked(town: Town) -> Line:
    """One link, ready, that the tests of a file share: it costs seconds to make."""
    return await town.linked()
