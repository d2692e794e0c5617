"""One session: keeps one connection alive, takes in what comes, sends what waits.

It lives in the worker's loop as an actor; every database call carries its lease. It ends when people
stop it, when the link is over for good, or when its lease is gone.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

import structlog
from django.conf import settings

from connections import actions, wire
from connections.backoff import backoff_seconds
from connections.choices import State
from connections.drivers.base import Berth, Can, Driver, DriverError
from connections.drivers.registry import make_driver
from connections.inbound import Arrival
from connections.leases import Lease, LeaseLost
from connections.models import Connection, Outbound
from connections.outbound import Turn
from connections.sessions import vault
from connections.sessions.fetching import Fetcher
from connections.sessions.past import Past
from connections.sessions.sending import Sender, bucket_of
from connections.sessions.telling import Codes, tell_screenshot, tell_typing
from connections.sessions.watch import Watch

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")

START_SECONDS = 90.0
# A session stops sending when its lease has not been renewed for this share of its length.
SAFE_SHARE = 0.8
# What came and is not stored yet; a gateway that tells more waits.
ARRIVED_AT_MOST = 200
# How long a session tries to reach the gateway in order to unlink, before it only forgets the link.
LOG_OUT_SECONDS = 60.0
# While somebody holds a phone to the screen. Another worker would show another code.
LINKING = frozenset([State.SCAN_QR, State.PAIRING_CODE, State.PASSKEY_REQUIRED, State.SYNCING])


class Desk(Protocol):
    """What a session needs of its pool: database calls, in the scope of its tenant. The two that come with
    every message are made together with those of other sessions."""

    async def db(self, connection: Connection, function: Callable[..., Answer], *args: Any) -> Answer: ...

    async def store(self, arrival: Arrival) -> int: ...

    async def take_turn(self, connection: Connection, turn: Turn) -> Outbound | None: ...


class Session:
    def __init__(self, connection: Connection, lease: Lease, desk: Desk, *, wish: int) -> None:
        self.connection, self.lease, self.desk, self.wish = connection, lease, desk, wish
        self.driver: Driver | None = None
        self.is_connected = False
        self.is_linked = False
        self.is_stopping = False
        self.log_out_by: float | None = None
        self.has_just_linked = False
        # Where the link is on its way up: a code on show says more than that we are reconnecting.
        self.stage: str = State.STARTING
        self.codes = Codes(connection)
        self.bucket = bucket_of(connection)
        self.recycled: deque[tuple[datetime, str]] = deque(maxlen=20)
        self.something_to_send = asyncio.Event()
        self.something_to_fetch = asyncio.Event()
        self.something_posted = asyncio.Event()
        self.log = log.bind(connection=str(connection.id), epoch=lease.epoch)
        self.renewed()

    # --- what the pool calls ----------------------------------------------------------------

    def renewed(self) -> None:
        self.safe_until = time.monotonic() + settings.LEASE_SECONDS * SAFE_SHARE

    @property
    def can_move(self) -> bool:
        """Whether another worker can take it over with nobody noticing: not while a phone is being linked."""
        return self.stage not in LINKING

    def wake(self) -> None:
        """Something may wait to be sent, or was posted to us."""
        self.something_to_send.set()
        self.something_posted.set()

    def wake_to_fetch(self) -> None:
        self.something_to_fetch.set()

    async def run(self) -> None:
        """Live until the end; returns when nobody needs this session any more."""
        failures = 0
        try:
            while True:
                ended = await self._one_life()
                failures = 0 if self.is_connected else failures + 1
                self.is_connected = False
                await self._report(ended)
                if ended.state != State.RECONNECTING:
                    return
                await asyncio.sleep(backoff_seconds(failures, random.random()))
        except LeaseLost:
            self.log.warning("lease lost: session stops")

    async def stop(self) -> None:
        """People want it to rest: say so, leave without logging out."""
        self.is_stopping = True
        await self._report(wire.Ended(state=State.STOPPED, reason="asked_to_stop"))

    def can_log_out(self) -> bool:
        """Whether to log out now: when connected, when there is no link yet, or when the gateway could not
        be reached for too long. Until then the wish waits: only over a live link can we be unlinked."""
        if self.log_out_by is None:
            self.log_out_by = time.monotonic() + LOG_OUT_SECONDS
        return self.is_connected or not self.is_linked or time.monotonic() > self.log_out_by

    async def log_out(self) -> None:
        """Unlink from the phone. Without the gateway's word for it the phone may still list us: said so."""
        self.is_stopping = True
        reason = "log_out_unconfirmed" if self.is_linked else "asked_to_log_out"
        if self.driver is not None and self.is_connected:
            try:
                await self.driver.log_out()
                reason = "asked_to_log_out"
            except DriverError as refused:
                self.log.warning("gateway did not confirm the log-out", error=str(refused))
        await self._report(wire.Ended(state=State.LOGGED_OUT, reason=reason))

    async def show_qr(self) -> None:
        """Somebody who may see it opened the page: show the code of the moment again."""
        await self.codes.show_again()

    async def show_screenshot(self, member_id: str) -> None:
        """A member wants to see what the link's page looks like now."""
        if self.driver is not None and Can.SCREENSHOT in self.driver.can:
            try:
                await tell_screenshot(self.connection, member_id, await self.driver.screenshot())
            except DriverError as refused:
                self.log.info("no screenshot", error=str(refused))

    async def show_typing(self, chat: str, activity: str) -> None:
        if self.driver is not None and self.is_connected:
            try:
                await self.driver.type(chat, activity)
            except DriverError as refused:
                self.log.info("typing not shown", error=str(refused))

    # --- one life of the link ---------------------------------------------------------------

    async def _one_life(self) -> wire.Ended:
        """From opening the link to its end. Any way it ends is an answer, never an exception,
        except for a lost lease."""
        try:
            await self._report_once(State.STARTING)
            self.driver = make_driver(self.connection.driver, await self._berth())
            credentials = await self.db(vault.open_for, self.connection)
            self.is_linked = credentials is not None
            async with asyncio.timeout(START_SECONDS):
                await self.driver.open(credentials)
            return await self._listen_and_work(self.driver)
        except DriverError as refused:
            state = State.FAILED if refused.permanent else State.RECONNECTING
            return wire.Ended(state=state, reason=refused.code, detail=str(refused))
        except vault.Unreadable as broken:
            return wire.Ended(state=State.FAILED, reason="credentials_lost", detail=str(broken))
        except TimeoutError:
            return wire.Ended(state=State.RECONNECTING, reason="start_timed_out")
        except (LeaseLost, asyncio.CancelledError):
            raise
        except Exception as unexpected:
            # One session's surprise must not take the worker's other sessions with it.
            self.log.exception("session crashed")
            return wire.Ended(state=State.RECONNECTING, reason="crashed", detail=type(unexpected).__name__)
        finally:
            self.codes.hide()
            if self.driver is not None:
                await asyncio.shield(self._close(self.driver))
                self.driver = None

    async def _berth(self) -> Berth:
        connection = self.connection
        return Berth(
            tenant_id=connection.tenant_id,
            connection_id=connection.id,
            epoch=self.lease.epoch,
            settings=connection.driver_settings,
            secrets=await self.db(vault.settings_of, connection),
            db=self.db,
            posted=self.something_posted,
            pairing_phone=connection.pairing_phone,
        )

    async def _close(self, driver: Driver) -> None:
        try:
            async with asyncio.timeout(driver.close_seconds):
                await driver.close()
        except TimeoutError:
            self.log.warning("gateway did not answer our goodbye")

    async def _listen_and_work(self, driver: Driver) -> wire.Ended:
        arrived: asyncio.Queue[wire.Stored] = asyncio.Queue(ARRIVED_AT_MOST)
        self.sender, self.watch = Sender(self, driver), Watch(self, driver)
        fetcher = Fetcher(self.connection, self.lease, driver, self.db)
        self.past = Past(self, driver)
        workers = [
            asyncio.create_task(work)
            for work in (
                self._listen(driver, arrived),
                self._store_all(driver, arrived),
                self.sender.run(),
                fetcher.run(self.something_to_fetch, lambda: self.is_connected),
                self.watch.run(),
                self.past.run(),
            )
        ]
        try:
            done, _rest = await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED)
            return next(task for task in workers if task in done).result()
        finally:
            for task in workers:
                task.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _listen(self, driver: Driver, arrived: asyncio.Queue[wire.Stored]) -> wire.Ended:
        async for told in driver.listen():
            match told:
                case wire.Stored():
                    await arrived.put(told)
                case wire.Typing():
                    await tell_typing(self.connection, told)
                case wire.Ready():
                    await self._become_ready(told)
                case wire.Unwell():
                    self.watch.complain(told.reason)
                case wire.Restricted():
                    await self.db(self._report_restriction, told.until)
                case wire.Ended():
                    await arrived.join()  # an ended link may never be able to tell it again
                    return told
                case linking:
                    await self._hear_of_linking(linking)
        return wire.Ended(state=State.RECONNECTING, reason="connection_lost")

    async def _hear_of_linking(
        self, told: wire.QrShown | wire.PairingCodeShown | wire.PasskeyNeeded | wire.Linked
    ) -> None:
        match told:
            case wire.QrShown():
                await self._report_once(State.SCAN_QR)
                await self.codes.show_qr(told)
            case wire.PairingCodeShown():
                await self._report_once(State.PAIRING_CODE)
                await self.codes.show_pairing_code(told)
            case wire.PasskeyNeeded():
                self.codes.hide()
                await self._report_once(State.PASSKEY_REQUIRED)
            case wire.Linked():
                self.codes.hide()
                await self.db(actions.keep_credentials, self.lease, told.credentials)
                self.is_linked = self.has_just_linked = True
                await self._report_once(State.SYNCING)

    async def _store_all(self, driver: Driver, arrived: asyncio.Queue[wire.Stored]) -> wire.Ended:
        """Keep what came, as much as there is at once: while one transaction runs, the next fills up."""
        while True:
            batch = [await arrived.get()]
            while not arrived.empty():
                batch.append(arrived.get_nowait())
            happenings = [stored.happening for stored in batch]
            await self.desk.store(Arrival(self.connection, self.lease, happenings))
            if any(isinstance(one, wire.Message) and one.media is not None for one in happenings):
                self.something_to_fetch.set()
            for _ in batch:
                arrived.task_done()
            try:
                await driver.confirm(batch[-1].receipt)
            except DriverError as gone:
                # How the link ended is the listener's to say. What was not confirmed is told again.
                self.log.info("not confirmed", error=str(gone))

    async def _become_ready(self, ready: wire.Ready) -> None:
        self.codes.hide()
        await self.sender.settle_doubts()
        down_since = await self.db(actions.report_ready, self.lease, ready)
        self.connection.state = self.stage = State.CONNECTED
        self.log.info("session state", state=State.CONNECTED)
        self.is_connected = True
        self.past.catch_up(down_since, is_newly_linked=self.has_just_linked)
        self.has_just_linked = False
        self.wake()
        self.wake_to_fetch()

    # --- telling ----------------------------------------------------------------------------

    async def _report_once(self, state: str) -> None:
        """Say a state of linking, unless it is said already or hides that we are reconnecting."""
        self.stage = state
        is_retrying = self.connection.state == State.RECONNECTING and state == State.STARTING
        if self.connection.state != state and not is_retrying:
            await self._report(wire.Ended(state=state, reason=""))

    async def _report(self, said: wire.Ended) -> None:
        if self.is_stopping and said.state == State.RECONNECTING:
            return
        self.log.info("session state", state=said.state, reason=said.reason)
        self.connection.state = said.state
        await self.db(self._report_state, said)

    def _report_restriction(self, until: datetime | None) -> None:
        actions.report_restriction(self.lease, until=until)

    def _report_state(self, said: wire.Ended) -> None:
        actions.report_state(self.lease, said.state, reason=said.reason, detail=said.detail, wish=self.wish)

    async def db(self, function: Callable[..., Answer], *args: Any) -> Answer:
        """Run a database function in the scope of the connection's tenant."""
        return await self.desk.db(self.connection, function, *args)
