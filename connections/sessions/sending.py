"""The way out of one session: claims what waits, at the number's pace, and settles what became of it."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

from django.utils import timezone

from connections import outbound, wire
from connections.backoff import backoff_seconds
from connections.choices import Command, SendState
from connections.drivers.base import Can, Driver, DriverError
from connections.leases import LeaseLost
from connections.models import Connection, Outbound
from connections.outbound import Settled, Turn
from connections.pacing import Bucket, Pacing

if TYPE_CHECKING:
    from connections.sessions.session import Session

# A shorter wait is over before anybody could read that there is one.
WAIT_WORTH_TELLING = 2.0


class Sender:
    def __init__(self, session: Session, driver: Driver) -> None:
        self.session, self.driver = session, driver
        self.lease, self.db, self.log = session.lease, session.db, session.log

    async def run(self) -> wire.Ended:
        while True:
            self.session.something_to_send.clear()
            if self.session.is_connected:
                await self._send_what_waits()
            await self.session.something_to_send.wait()

    async def _send_what_waits(self) -> None:
        settled: Settled | None = None
        while True:
            wait = self.session.bucket.wait(time.monotonic(), random.random())
            if wait:
                await self._keep_pace(wait, settled)
                settled = None
            turn = Turn(self.lease, settled)
            one = await self.session.desk.take_turn(self.session.connection, turn)
            if one is None:
                return
            if one.kind in (Command.MESSAGE, Command.FORWARD):
                self.session.bucket.take(time.monotonic())
            settled = await self._send(one)

    async def _keep_pace(self, wait: float, settled: Settled | None) -> None:
        if settled is not None:
            await self.db(outbound.settle, self.lease, settled)  # nobody waits with it for the pace
        if wait >= WAIT_WORTH_TELLING:
            await self.db(self._tell_pace, wait)
        await asyncio.sleep(wait)

    async def _send(self, one: Outbound) -> Settled | None:
        """What became of it; nothing where that is written already, or not known."""
        if time.monotonic() > self.session.safe_until:
            # We may have slept past our lease: somebody else could be sending this already.
            raise LeaseLost
        try:
            if one.is_new_chat and Can.LOOK_UP in self.driver.can:
                await self._look_up(one)
            sent = await self.driver.send(one)
        except DriverError as refused:
            await self._settle_refusal(one, refused)
            return None
        return Settled(outbound_id=one.id, state=SendState.SENT, wa_id=sent.wa_id)

    async def _look_up(self, one: Outbound) -> None:
        """Writing to numbers that are not on WhatsApp is one of the things one is restricted for."""
        phone, _at, server = one.chat.partition("@")
        if server != "c.us":
            return
        found = await self.driver.look_up(f"+{phone}")
        if found is None:
            raise DriverError("not_on_whatsapp", permanent=True)
        if found.chat != one.chat:
            one.chat = found.chat
            await self.db(outbound.readdress, self.lease, one.id, found.chat)

    async def _settle_refusal(self, one: Outbound, refused: DriverError) -> None:
        self.log.warning("send refused", outbound=one.id, code_name=refused.code)
        if refused.is_unknown:
            await self.settle_doubts()
        elif refused.permanent or one.attempts >= outbound.MAX_ATTEMPTS:
            await self.db(self._fail, one.id, refused.code, str(refused))
        else:
            await self.db(self._postpone, one.id, backoff_seconds(one.attempts, random.random()))

    async def settle_doubts(self) -> None:
        """Settle what was being sent when a session died: ask, never guess."""
        doubtful: list[Outbound] = await self.db(outbound.in_doubt, self.lease)
        if not doubtful:
            return
        found = await self.driver.find(doubtful)
        for one in doubtful:
            if one.id in found:
                await self.db(outbound.mark_sent, self.lease, one.id, found[one.id])
            elif self.driver.repeats_are_safe and one.attempts < outbound.MAX_ATTEMPTS:
                await self.db(self._postpone, one.id, 0.0)
            else:
                await self.db(outbound.mark_unconfirmed, self.lease, one.id)
        self.log.info("settled sends in doubt", count=len(doubtful), found=len(found))

    def _tell_pace(self, seconds: float) -> None:
        outbound.tell_pace(self.lease, seconds=seconds)

    def _postpone(self, outbound_id: int, seconds: float) -> None:
        outbound.postpone(self.lease, outbound_id, seconds=seconds)

    def _fail(self, outbound_id: int, code: str, detail: str) -> None:
        outbound.mark_failed(self.lease, outbound_id, code=code, detail=detail)


def bucket_of(connection: Connection) -> Bucket:
    return Bucket(pace_now(connection), time.monotonic())


def pace_now(connection: Connection) -> Pacing:
    return outbound.pacing_of(connection, timezone.now())
