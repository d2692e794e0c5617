"""Database calls of many sessions, made together: what comes while one call is under way goes with the next.

A hundred sessions each with a transaction of its own for each message cost a processor; one transaction for
what has come meanwhile costs hardly more than one for a single message. Nobody waits for others to come.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar
from uuid import UUID

from tenants.models import Tenant

Item = TypeVar("Item")
Answer = TypeVar("Answer")
AT_ONCE = 100


class Together(Generic[Item, Answer]):
    """One kind of call. `run(tenant, items)` answers for each item, in order, or fails for all.

    What fails together is tried one by one, so that each caller hears only of its own failure.
    """

    def __init__(self, run: Callable[[Tenant, list[Item]], Awaitable[list[Answer]]]) -> None:
        self.run = run
        self.waiting: dict[UUID, deque[tuple[Item, asyncio.Future[Answer]]]] = {}

    async def call(self, tenant: Tenant, item: Item) -> Answer:
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if (waiting := self.waiting.get(tenant.id)) is not None:
            waiting.append((item, answer))
        else:
            self.waiting[tenant.id] = deque([(item, answer)])
            self.worker = asyncio.create_task(self._work_off(tenant))
        return await answer

    async def _work_off(self, tenant: Tenant) -> None:
        waiting = self.waiting[tenant.id]
        while waiting:
            batch = [waiting.popleft() for _ in range(min(AT_ONCE, len(waiting)))]
            await self._answer(tenant, [one for one in batch if not one[1].done()])
        del self.waiting[tenant.id]

    async def _answer(self, tenant: Tenant, batch: list[tuple[Item, asyncio.Future[Answer]]]) -> None:
        (done,) = await asyncio.gather(
            self.run(tenant, [item for item, _answer in batch]), return_exceptions=True
        )
        if isinstance(done, BaseException):
            await self._answer_alone(tenant, batch, done)
            return
        for (_item, answer), told in zip(batch, done, strict=True):
            if not answer.done():  # whoever asked may be gone
                answer.set_result(told)

    async def _answer_alone(
        self, tenant: Tenant, batch: list[tuple[Item, asyncio.Future[Answer]]], failure: BaseException
    ) -> None:
        if len(batch) > 1:
            for one in batch:
                await self._answer(tenant, [one])
        for _item, answer in batch:
            if not answer.done():
                answer.set_exception(failure)
