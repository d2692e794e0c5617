"""What was written while nobody listened: fetched once a link is up, and kept like everything else.

Two reasons: we were away (what was missed is taken in as if it had come late), or the phone has only just
been linked and people want its last days (kept as history, which opens no tickets).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connections import inbound, wire
from connections.backoff import backoff_seconds
from connections.drivers.base import Can, Driver, DriverError

if TYPE_CHECKING:
    from connections.sessions.session import Session

BATCH = 100
MAX_ATTEMPTS = 4
# Clocks differ, and what was under way when the link broke may not have arrived.
OVERLAP = timedelta(minutes=2)
# Further back lies what people should look up on the phone.
LONGEST_GAP = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Messages since `since`; those older than `linked_at` are history."""

    since: datetime
    linked_at: datetime


class Past:
    def __init__(self, session: Session, driver: Driver) -> None:
        self.session, self.driver, self.log = session, driver, session.log
        self.wanted: asyncio.Queue[Stretch] = asyncio.Queue()

    def catch_up(self, down_since: datetime | None, *, is_newly_linked: bool) -> None:
        """The link is up: fetch what may be missing, beside everything else."""
        now = datetime.now(UTC)
        if Can.HISTORY not in self.driver.can:
            return
        if is_newly_linked and self.session.connection.history_days:
            days = timedelta(days=self.session.connection.history_days)
            self.wanted.put_nowait(Stretch(since=now - days, linked_at=now))
        elif down_since is not None and not is_newly_linked:
            since = max(down_since, now - LONGEST_GAP) - OVERLAP
            self.wanted.put_nowait(Stretch(since=since, linked_at=since))

    async def run(self) -> wire.Ended:
        while True:
            stretch = await self.wanted.get()
            for attempt in range(MAX_ATTEMPTS):
                try:
                    count = await self._fetch(stretch)
                except DriverError as refused:
                    self.log.warning("past not fetched", code_name=refused.code)
                    if refused.permanent:
                        break
                    await asyncio.sleep(backoff_seconds(attempt + 2, 0.5))
                else:
                    self.log.info("past fetched", since=stretch.since.isoformat(), new=count)
                    break

    async def _fetch(self, stretch: Stretch) -> int:
        new, batch = 0, []
        async for message in self.driver.history(stretch.since):
            batch.append(replace(message, is_past=message.sent_at < stretch.linked_at))
            if len(batch) == BATCH:
                new += await self._keep(batch)
                batch = []
        return new + await self._keep(batch)

    async def _keep(self, batch: list[wire.Message]) -> int:
        if not batch:
            return 0
        new = await self.session.db(self._accept, batch)
        if new:
            self.session.something_to_fetch.set()
        return new

    def _accept(self, batch: list[wire.Message]) -> int:
        return inbound.accept_all(self.session.connection, batch, lease=self.session.lease)
