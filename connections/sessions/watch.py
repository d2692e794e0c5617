"""The watch of one life of a link: deadlines while it comes up, and proof again and again that it is up."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from connections import actions, traffic, wire
from connections.choices import State
from connections.drivers.base import Can, Driver, DriverError
from connections.health import DEADLINES, SILENT_AT_LEAST, Findings, Verdict, is_silent, verdict
from connections.models import Connection
from connections.sessions.sending import pace_now

if TYPE_CHECKING:
    from connections.sessions.session import Session

ROUND_SECONDS = 1.0
PROBE_SECONDS = 30.0
ANSWER_SECONDS = 10.0
# Silence and memory change slowly, and cost more to look at.
LOOK_SECONDS = 60.0


class Watch:
    def __init__(self, session: Session, driver: Driver) -> None:
        self.session, self.driver = session, driver
        self.lease, self.db, self.log = session.lease, session.db, session.log
        self.found = Findings(memory_limit=settings.SESSION_MEMORY_MB * 1024 * 1024)
        self.next_probe = self.next_look = 0.0
        self.state, self.state_since = "", time.monotonic()

    async def run(self) -> wire.Ended:
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            ended = await self._look_after_link() if self.session.is_connected else self._check_deadline()
            if ended is not None:
                return ended

    def complain(self, reason: str) -> None:
        """The link itself says that something is wrong with it; empty: not any more."""
        self.found = replace(self.found, unwell=reason)
        self.next_look = 0.0

    def _check_deadline(self) -> wire.Ended | None:
        now, state = time.monotonic(), self.session.stage
        if state != self.state:
            self.state, self.state_since = state, now
        deadline = DEADLINES.get(state)
        if deadline is None or now - self.state_since < deadline.seconds:
            return None
        return wire.Ended(state=deadline.ends_in, reason=deadline.reason)

    async def _look_after_link(self) -> wire.Ended | None:
        now = time.monotonic()
        is_due = False
        if now >= self.next_probe:
            self.next_probe = now + PROBE_SECONDS * random.uniform(0.8, 1.2)
            is_due = await self._probe()
        if now >= self.next_look:
            self.next_look = now + LOOK_SECONDS * random.uniform(0.8, 1.2)
            await self._look()
            is_due = True
        return await self._decide() if is_due else None

    async def _probe(self) -> bool:
        """Whether its answer is news."""
        if Can.PROBE not in self.driver.can:
            return False
        before = self.found.failed_probes
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self.driver.probe()
        except (DriverError, TimeoutError) as silence:
            self.log.warning("probe failed", error=repr(silence))
            self.found = replace(self.found, failed_probes=before + 1)
        else:
            self.found = replace(self.found, failed_probes=0)
        return self.found.failed_probes != before

    async def _look(self) -> None:
        memory = await self.driver.memory_bytes()
        self.found = replace(self.found, memory_bytes=memory or 0)
        self.found = replace(self.found, is_silent=await self.db(self._note_and_look, memory))

    def _note_and_look(self, memory: int | None) -> bool:
        actions.note_use(self.lease, memory_bytes=memory)
        connection = Connection.objects.get(id=self.lease.connection_id)
        self.session.bucket.change(pace_now(connection))
        now = timezone.now()
        last = connection.last_received_at
        if last is None or now - last < SILENT_AT_LEAST:
            return False
        return is_silent(traffic.usual(connection.id, now), last, now)

    async def _decide(self) -> wire.Ended | None:
        now = timezone.now()
        told: Verdict = verdict(self.found, self.session.recycled, now)
        await self.db(self._report, told.degraded_by)
        if not told.recycle_for:
            return None
        self.session.recycled.append((now, told.recycle_for))
        self.log.warning("link is built anew", why=told.recycle_for)
        return wire.Ended(state=State.RECONNECTING, reason=f"recycled_{told.recycle_for}")

    def _report(self, degraded_by: str) -> None:
        actions.report_health(self.lease, degraded_by=degraded_by)
