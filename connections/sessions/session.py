"""One session: keeps one connection alive, takes in what comes, sends what waits.

It lives in the worker's loop as an actor; every database call carries its lease. It ends when people
stop it, when the link is over for good, or when its lease is gone.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

import structlog
from django.conf import settings

from connections import actions, downloads, files, inbound, outbound, wire
from connections.backoff import backoff_seconds
from connections.choices import State
from connections.drivers.base import Berth, Driver, DriverError
from connections.drivers.registry import make_driver
from connections.leases import Lease, LeaseLost
from connections.models import Connection, Download, Outbound
from connections.sessions import vault
from connections.sessions.qr import draw
from events import audience, channel
from tenants.rendering import timestamp

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")

START_SECONDS = 90.0
# A session stops sending when its lease has not been renewed for this share of its length.
SAFE_SHARE = 0.8
# What came and is not stored yet; a gateway that tells more waits.
ARRIVED_AT_MOST = 200
# How long a session tries to reach the gateway in order to unlink, before it only forgets the link.
LOG_OUT_SECONDS = 60.0


class Desk(Protocol):
    """What a session needs of its pool: database calls, in the scope of its tenant."""

    async def db(self, connection: Connection, function: Callable[..., Answer], *args: Any) -> Answer: ...


class Session:
    def __init__(self, connection: Connection, lease: Lease, desk: Desk, *, wish: int) -> None:
        self.connection, self.lease, self.desk, self.wish = connection, lease, desk, wish
        self.driver: Driver | None = None
        self.is_connected = False
        self.is_linked = False
        self.is_stopping = False
        self.log_out_by: float | None = None
        self.shown_qr: dict[str, Any] | None = None
        self.something_to_send = asyncio.Event()
        self.something_to_fetch = asyncio.Event()
        self.something_posted = asyncio.Event()
        self.log = log.bind(connection=str(connection.id), epoch=lease.epoch)
        self.renewed()

    # --- what the pool calls ----------------------------------------------------------------

    def renewed(self) -> None:
        self.safe_until = time.monotonic() + settings.LEASE_SECONDS * SAFE_SHARE

    def wake(self) -> None:
        self.something_to_send.set()
        self.something_to_fetch.set()
        self.something_posted.set()

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
        if self.shown_qr is not None:
            await self._whisper_to_keepers("connection.qr", self.shown_qr)

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
            credentials = await self._db(vault.open_for, self.connection)
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
            self.shown_qr = None
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
            secrets=await self._db(vault.settings_of, connection),
            db=self._db,
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
        workers = [
            asyncio.create_task(self._listen(driver, arrived)),
            asyncio.create_task(self._store_all(driver, arrived)),
            asyncio.create_task(self._send_all(driver)),
            asyncio.create_task(self._fetch_all(driver)),
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
                    await self._whisper_to_chat(told)
                case wire.QrShown():
                    await self._show(told)
                case wire.Linked():
                    await self._db(actions.keep_credentials, self.lease, told.credentials)
                    self.is_linked = True
                    await self._report_once(State.SYNCING)
                case wire.Ready():
                    await self._become_ready(driver, told)
                case wire.Ended():
                    await arrived.join()  # an ended link may never be able to tell it again
                    return told
        return wire.Ended(state=State.RECONNECTING, reason="connection_lost")

    async def _store_all(self, driver: Driver, arrived: asyncio.Queue[wire.Stored]) -> wire.Ended:
        """Keep what came, as much as there is at once: while one transaction runs, the next fills up."""
        while True:
            batch = [await arrived.get()]
            while not arrived.empty():
                batch.append(arrived.get_nowait())
            happenings = [stored.happening for stored in batch]
            await self._db(self._accept_all, happenings)
            if any(isinstance(one, wire.Message) and one.media is not None for one in happenings):
                self.something_to_fetch.set()
            for _ in batch:
                arrived.task_done()
            try:
                await driver.confirm(batch[-1].receipt)
            except DriverError as gone:
                # How the link ended is the listener's to say. What was not confirmed is told again.
                self.log.info("not confirmed", error=str(gone))

    def _accept_all(self, happenings: list[wire.Happening]) -> None:
        inbound.accept_all(self.connection, happenings, lease=self.lease)

    async def _become_ready(self, driver: Driver, ready: wire.Ready) -> None:
        self.shown_qr = None
        await self._resolve_doubts(driver)
        await self._db(actions.report_ready, self.lease, ready)
        self.connection.state = State.CONNECTED
        self.log.info("session state", state=State.CONNECTED)
        self.is_connected = True
        self.wake()

    # --- sending ----------------------------------------------------------------------------

    async def _resolve_doubts(self, driver: Driver) -> None:
        """Settle what was being sent when a session died: ask, never guess."""
        doubtful: list[Outbound] = await self._db(outbound.in_doubt, self.lease)
        if not doubtful:
            return
        found = await driver.find(doubtful)
        for one in doubtful:
            if one.id in found:
                await self._db(outbound.mark_sent, self.lease, one.id, found[one.id])
            elif driver.repeats_are_safe and one.attempts < outbound.MAX_ATTEMPTS:
                await self._db(self._postpone, one.id, 0.0)
            else:
                await self._db(outbound.mark_unconfirmed, self.lease, one.id)
        self.log.info("settled sends in doubt", count=len(doubtful), found=len(found))

    async def _send_all(self, driver: Driver) -> wire.Ended:
        while True:
            self.something_to_send.clear()
            if self.is_connected:
                while (one := await self._db(outbound.claim, self.lease)) is not None:
                    await self._send(driver, one)
            await self.something_to_send.wait()

    async def _send(self, driver: Driver, one: Outbound) -> None:
        if time.monotonic() > self.safe_until:
            # We may have slept past our lease: somebody else could be sending this already.
            raise LeaseLost
        try:
            sent = await driver.send(one)
        except DriverError as refused:
            await self._handle_refusal(driver, one, refused)
        else:
            await self._db(outbound.mark_sent, self.lease, one.id, sent)

    async def _handle_refusal(self, driver: Driver, one: Outbound, refused: DriverError) -> None:
        self.log.warning("send refused", outbound=one.id, code_name=refused.code)
        if refused.is_unknown:
            await self._resolve_doubts(driver)
        elif refused.permanent or one.attempts >= outbound.MAX_ATTEMPTS:
            code, detail = refused.code, str(refused)
            await self._db(self._fail, one.id, code, detail)
        else:
            await self._db(self._postpone, one.id, backoff_seconds(one.attempts, random.random()))

    def _postpone(self, outbound_id: int, seconds: float) -> None:
        outbound.postpone(self.lease, outbound_id, seconds=seconds)

    def _fail(self, outbound_id: int, code: str, detail: str) -> None:
        outbound.mark_failed(self.lease, outbound_id, code=code, detail=detail)

    # --- files ------------------------------------------------------------------------------

    async def _fetch_all(self, driver: Driver) -> wire.Ended:
        while True:
            self.something_to_fetch.clear()
            if self.is_connected:
                while (one := await self._db(downloads.begin, self.connection, self.lease)) is not None:
                    await self._fetch(driver, one)
            await self.something_to_fetch.wait()

    async def _fetch(self, driver: Driver, one: Download) -> None:
        try:
            stored = await files.store(self.connection.tenant_id, driver.fetch(one.media["id"]))
        except DriverError as refused:
            self.log.warning("file not fetched", download=one.id, code_name=refused.code)
            await self._db(self._fail_download, one, refused.permanent)
        else:
            await self._db(self._finish_download, one, *stored)

    def _fail_download(self, one: Download, is_permanent: bool) -> None:
        downloads.fail(self.connection, self.lease, one, is_permanent=is_permanent)

    def _finish_download(self, one: Download, path: str, size: int) -> None:
        downloads.finish(self.connection, self.lease, one, path=path, size=size, mime=one.media["mime"])

    # --- telling ----------------------------------------------------------------------------

    async def _show(self, qr: wire.QrShown) -> None:
        expires_at = datetime.now(UTC) + timedelta(seconds=qr.expires_in)
        self.shown_qr = {
            "connection_id": str(self.connection.id),
            "svg": draw(qr.code),
            "expires_at": timestamp(expires_at),
            "attempt": qr.attempt,
            "attempts": qr.attempts,
        }
        await self._report_once(State.SCAN_QR)
        await self._whisper_to_keepers("connection.qr", self.shown_qr)

    async def _whisper_to_keepers(self, kind: str, data: dict[str, Any]) -> None:
        tenant_id = self.connection.tenant_id
        group = audience.connection(tenant_id, self.connection.id)
        await channel.whisper_async(tenant_id, group, kind, data)

    async def _whisper_to_chat(self, typing: wire.Typing) -> None:
        tenant_id, connection_id = self.connection.tenant_id, self.connection.id
        await channel.whisper_async(
            tenant_id,
            audience.chat(tenant_id, connection_id, typing.chat),
            "contact.typing",
            {
                "connection_id": str(connection_id),
                "chat": typing.chat,
                "activity": typing.activity,
            },
        )

    async def _report_once(self, state: str) -> None:
        """Say a state of linking, unless it is said already or hides that we are reconnecting."""
        is_retrying = self.connection.state == State.RECONNECTING and state == State.STARTING
        if self.connection.state != state and not is_retrying:
            await self._report(wire.Ended(state=state, reason=""))

    async def _report(self, said: wire.Ended) -> None:
        if self.is_stopping and said.state == State.RECONNECTING:
            return
        self.log.info("session state", state=said.state, reason=said.reason)
        self.connection.state = said.state
        await self._db(self._report_state, said)

    def _report_state(self, said: wire.Ended) -> None:
        actions.report_state(self.lease, said.state, reason=said.reason, detail=said.detail, wish=self.wish)

    async def _db(self, function: Callable[..., Answer], *args: Any) -> Answer:
        return await self.desk.db(self.connection, function, *args)
