"""The pool: the sessions one worker hosts. Takes free connections, renews leases, wakes sleepers.

It owns one thread with an event loop; database calls run in a few threads beside it.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import close_old_connections

from connections import downloads, inbound, leases, mailbox, outbound, workers
from connections.drivers import registry
from connections.inbound import Arrival
from connections.leases import Lease, LeaseLost, Wish
from connections.models import Connection, Outbound
from connections.outbound import Turn
from connections.sessions import memory
from connections.sessions.session import Session
from connections.sessions.together import Together
from connections.workers import Share
from tenants import scope
from tenants.doors import work_for
from tenants.models import Tenant

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")
Farewell = Callable[[], Coroutine[Any, Any, None]]

DATABASE_THREADS = 6
ACQUIRE_SECONDS = 1.0
# The safety net below the wake-ups: one query a worker, not one a session.
POLL_SECONDS = 2.0
TAKE_AT_ONCE = 10
HAND_OVER_AT_ONCE = 5
GOODBYE_SECONDS = 40.0
REQUESTS = ("wake", "wake_to_fetch", "show_qr", "show_typing", "show_screenshot", "look_around")


class SessionPool:
    def __init__(self, worker: str) -> None:
        self.worker = worker
        self.sessions: dict[UUID, Session] = {}
        self.tasks: dict[UUID, asyncio.Task[None]] = {}
        # Sessions on their way out. A gateway may take its time; leases of the others must not wait for it.
        self.endings: dict[UUID, asyncio.Task[None]] = {}
        # This worker's fair share, once it knows; and how many to hand over to others now.
        self.share = Share(most=0, give_up=0)
        self.threads = ThreadPoolExecutor(DATABASE_THREADS, thread_name_prefix="sessions-db")
        self.stores = Together(self._store_all)
        self.turns = Together(self._take_turns)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._live, name="sessions", daemon=True)

    # --- called from the worker's own threads -------------------------------------------------

    def start(self) -> None:
        self.thread.start()
        log.info("session pool started", worker=self.worker)

    def stop(self) -> None:
        """Close every session without logging out, give the leases back, end the thread."""
        goodbye = asyncio.run_coroutine_threadsafe(self._say_goodbye(), self.loop)
        try:
            goodbye.result(GOODBYE_SECONDS)
        except TimeoutError:
            log.warning("sessions did not end in time: their leases run out by themselves")
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.threads.shutdown(wait=False)
        log.info("session pool stopped", worker=self.worker)

    def hosts(self, connection_id: UUID) -> bool:
        return connection_id in self.sessions

    def tell(self, connection_id: UUID, what: str, *args: Any) -> None:
        """Ask a hosted session for one of `REQUESTS`. Sessions hosted elsewhere are ignored."""
        self.loop.call_soon_threadsafe(self._tell, connection_id, what, *args)

    def look_around(self) -> None:
        """Somebody wants a connection to start, stop or log out: do not wait for the next round."""
        self.loop.call_soon_threadsafe(self.changed.set)

    # --- in the loop --------------------------------------------------------------------------

    async def db(self, connection: Connection, function: Callable[..., Answer], *args: Any) -> Answer:
        """Run a database function in the scope of the connection's tenant."""
        return await self._work_for(connection.tenant, function, *args)

    async def store(self, arrival: Arrival) -> int:
        return await self.stores.call(arrival.connection.tenant, arrival)

    async def take_turn(self, connection: Connection, turn: Turn) -> Outbound | None:
        return await self.turns.call(connection.tenant, turn)

    async def _store_all(self, tenant: Tenant, arrivals: list[Arrival]) -> list[int]:
        return await self._work_for(tenant, inbound.store, arrivals)

    async def _take_turns(self, tenant: Tenant, turns: list[Turn]) -> list[Outbound | None]:
        return await self._work_for(tenant, outbound.take_turns, turns)

    async def _work_for(self, tenant: Tenant, function: Callable[..., Answer], *args: Any) -> Answer:
        return await self.loop.run_in_executor(self.threads, partial(work_for, tenant, function, *args))

    def _live(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.changed = asyncio.Event()
        self.rounds = [
            self.loop.create_task(self._every(settings.LEASE_SECONDS / 4, self._renew)),
            self.loop.create_task(self._every(settings.LEASE_SECONDS / 4, self._share_out)),
            self.loop.create_task(self._every(ACQUIRE_SECONDS, self._acquire, self.changed)),
            self.loop.create_task(self._every(POLL_SECONDS, self._poll)),
        ]
        self.loop.run_forever()

    async def _every(
        self,
        seconds: float,
        work: Callable[[], Coroutine[Any, Any, None]],
        sooner: asyncio.Event | None = None,
    ) -> None:
        """Do it again and again; sooner when somebody wants something."""
        sooner = sooner or asyncio.Event()
        while True:
            await self._attempt(work)
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds * random.uniform(0.8, 1.2)):
                    await sooner.wait()
            if sooner.is_set():
                sooner.clear()
                await self._attempt(self._renew)

    async def _attempt(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """A round that fails must not be the last one: a database that is away comes back, and a lease
        lost in the middle concerns one session."""
        try:
            await work()
        except (DatabaseFailure, LeaseLost) as failure:
            log.warning("session pool: a round failed", error=repr(failure))

    async def _renew(self) -> None:
        """Only living sessions are renewed: a heartbeat must not keep the lease of a dead one. No driver is
        waited for here: a lease is short, and one slow gateway must not cost all the others theirs."""
        living = [key for key, task in self.tasks.items() if not task.done()]
        wishes = await self._run(leases.renew, self.worker, living) if living else {}
        for key in living:
            session = self.sessions.get(key)
            if session is None:
                continue
            wish = wishes.get(key)
            if wish is None or wish.epoch != session.lease.epoch:
                log.warning("lease lost", connection=str(key))
                self._let_end(key, None)
            else:
                session.renewed()
                self._fulfil(key, session, wish)

    async def _share_out(self) -> None:
        """Say that we are there; hand over, a few at a time, what others have more room for."""
        before = self.share.most
        self.share = await self._run(self._say_present)
        if self.share.most > before:
            self.changed.set()
        movable = [key for key, one in self.sessions.items() if one.can_move and key not in self.endings]
        for key in movable[: min(self.share.give_up, HAND_OVER_AT_ONCE)]:
            log.info("connection is handed over", connection=str(key))
            self._let_end(key, None)

    def _say_present(self) -> Share:
        return workers.say_present(
            self.worker,
            capacity=settings.SESSIONS_PER_WORKER,
            hosted=len(self.sessions),
            memory_bytes=memory.resident_bytes(),
        )

    def _fulfil(self, key: UUID, session: Session, wish: Wish) -> None:
        """Begin what people asked for since."""
        if wish.should_log_out:
            if session.can_log_out():
                self._let_end(key, session.log_out)
        elif not wish.should_run and not session.connection.is_over:
            self._let_end(key, session.stop)
        elif wish.should_run and wish.wish != session.wish:
            log.info("connection starts afresh", connection=str(key))
            self._let_end(key, None)

    def _let_end(self, key: UUID, farewell: Farewell | None) -> None:
        """Say goodbye and end a session, beside everything else. Once, however often it is asked for."""
        if key not in self.endings:
            ending = self.loop.create_task(self._say_and_end(key, farewell))
            self.endings[key] = ending
            ending.add_done_callback(lambda _: self.endings.pop(key, None))
            ending.add_done_callback(_log_failure)

    async def _say_and_end(self, key: UUID, farewell: Farewell | None) -> None:
        try:
            if farewell is not None:
                await farewell()
        finally:
            await self._end(key)
            self.changed.set()

    async def _acquire(self) -> None:
        room = min(self.share.most - len(self.sessions), TAKE_AT_ONCE)
        if room <= 0:
            return
        for connection in await self._run(leases.acquire, self.worker, room):
            lease = Lease(connection.id, self.worker, connection.lease_epoch)
            session = Session(connection, lease, self, wish=connection.wish)
            if not (connection.should_run or connection.should_log_out):
                # Its worker died before it could say that it had stopped.
                await session.stop()
                await self._run(leases.release, lease)
                continue
            self.sessions[connection.id] = session
            task = self.loop.create_task(session.run(), name=f"session {connection.id}")
            self.tasks[connection.id] = task
            task.add_done_callback(partial(self._ended, connection.id))
            log.info("session taken", connection=str(connection.id), epoch=lease.epoch)

    async def _poll(self) -> None:
        """Of all sessions: how a link comes about may be posted as well."""
        if hosted := list(self.sessions):
            to_wake, to_fetch = await self._run(_with_work, hosted)
            for key in to_wake:
                self._tell(key, "wake")
            for key in to_fetch:
                self._tell(key, "wake_to_fetch")

    def _tell(self, connection_id: UUID, what: str, *args: Any) -> None:
        if what == "look_around":
            self.changed.set()
            return
        session = self.sessions.get(connection_id)
        if session is None or what not in REQUESTS:
            return
        asked = getattr(session, what)(*args)
        if asyncio.iscoroutine(asked):
            background = self.loop.create_task(asked)
            background.add_done_callback(_log_failure)

    def _ended(self, key: UUID, task: asyncio.Task[None]) -> None:
        """A session is over, by itself or because it was ended: give its connection back at once."""
        session = self.sessions.pop(key)
        del self.tasks[key]
        _log_failure(task)
        release = self.loop.create_task(self._run(leases.release, session.lease))
        release.add_done_callback(self._released)

    def _released(self, release: asyncio.Task[None]) -> None:
        """Somebody may be waiting for it to be free: a start that came while it was still stopping."""
        _log_failure(release)
        self.changed.set()

    async def _end(self, key: UUID) -> None:
        """Until its task is done it stays ours and is renewed: nobody may open the link a second time."""
        task = self.tasks.get(key)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _say_goodbye(self) -> None:
        for task in self.rounds:
            task.cancel()
        await asyncio.gather(*(self._end(key) for key in list(self.sessions)))
        await asyncio.gather(*self.endings.values(), return_exceptions=True)
        await registry.leave_worker()
        # Leases that are just given back, and what was on its way out already, get there as well.
        while rest := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.gather(*rest, return_exceptions=True)
        await self._attempt(self._leave)

    async def _leave(self) -> None:
        await self._run(workers.leave, self.worker)

    async def _run(self, function: Callable[..., Answer], *args: Any) -> Answer:
        """Run a database function that opens its own scope."""
        call = partial(_fresh, function, *args)
        return await self.loop.run_in_executor(self.threads, call)


def _fresh(function: Callable[..., Answer], *args: Any) -> Answer:
    close_old_connections()
    return function(*args)


def _with_work(connection_ids: list[UUID]) -> tuple[set[UUID], set[UUID]]:
    """Those with something to send or to read, and those with a file to fetch."""
    with scope.across_tenants(reason="one poll covers the worker's sessions of every tenant"):
        to_send = outbound.with_something_queued(connection_ids)
        to_read = mailbox.with_something_unread(connection_ids)
        return to_send | to_read, downloads.with_something_due(connection_ids)


def _log_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (failure := task.exception()) is not None:
        log.error("session task failed", error=repr(failure))


_hosted: SessionPool | None = None


def hosted() -> SessionPool | None:
    """The pool of this process, in a worker that hosts sessions."""
    return _hosted


def host(pool: SessionPool | None) -> None:
    global _hosted
    _hosted = pool
