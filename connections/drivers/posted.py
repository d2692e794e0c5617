"""The part that drivers share whose gateway posts to us: works side by side, one line of what they tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any

from connections import wire
from connections.drivers.base import Berth, Driver
from connections.drivers.posts import Posts

ARRIVED_AT_MOST = 200


class PostedDriver(Driver):
    """Subclasses start their works in `open` and tell with `tell`. The line is short: when the session is
    slow, so is the reading of posts, which wait in the mailbox."""

    def __init__(self, berth: Berth) -> None:
        super().__init__(berth)
        self.posts = Posts(berth)
        self.told: asyncio.Queue[wire.Told | Exception] = asyncio.Queue(ARRIVED_AT_MOST)
        self.tasks: list[asyncio.Task[None]] = []

    def start(self, *works: Coroutine[Any, Any, None]) -> None:
        """Let them run until `stop`. What one of them dies of is raised where the session listens."""
        for work in works:
            task = asyncio.create_task(work)
            task.add_done_callback(self._ended)
            self.tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.remove(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            assert isinstance(failure, Exception)
            self.start(self.told.put(failure))

    async def stop(self) -> None:
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def tell(self, told: Sequence[wire.Told]) -> None:
        for one in told:
            await self.told.put(one)

    async def listen(self) -> AsyncIterator[wire.Told]:
        while True:
            told = await self.told.get()
            if isinstance(told, Exception):
                raise told
            yield told
            if isinstance(told, wire.Ended):
                return

    async def confirm(self, receipt: int) -> None:
        await self.posts.confirm(receipt)
