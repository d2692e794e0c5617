"""The hub of a sockets process: takes each frame from Redis once and writes it to local consoles.

Stock Channels gives every socket its own queue, wake-up and JSON encoding; here one subscription per
tenant and process serves them all, and who hears what is decided from memberships held in memory.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from contextlib import suppress
from typing import Any, Protocol
from weakref import WeakValueDictionary

import structlog
from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from events.catalog import CLOSE_SOCKETS
from events.channel import layer, layer_group

log = structlog.get_logger(__name__)
# The channel layer pauses a second before it subscribes again after losing Redis, so a pulse a second
# cannot miss an outage.
PULSE_SECONDS = 1.0
# A busy machine delays a pulse, and hanging up on everybody then would make it busier.
PULSE_LATE_SECONDS = 5.0
WATCH_SECONDS = 60.0
DEAF_AFTER_PULSES = 2
PROBE_SECONDS = 2.0
SUBSCRIBE_ATTEMPTS = 3
MISSED_FRAMES = 4408
# Tickets of a tenant whose newest version a hub remembers: those something happened to last.
REMEMBERED = 5000


class Listener(Protocol):
    """A console's socket, as the hub sees it. Neither method may block."""

    def hear(self, text: str) -> None: ...
    def hang_up(self, code: int) -> None: ...


class TenantHub:
    """Local consoles of one tenant and the groups they are in."""

    def __init__(self, tenant_id: str) -> None:
        self.tenant_id = tenant_id
        self.members: dict[str, set[Listener]] = defaultdict(set)
        self.groups: dict[Listener, set[str]] = {}
        self.newest: OrderedDict[str, int] = OrderedDict()
        self.reader: asyncio.Task[None] | None = None
        self.has_heard_itself = asyncio.Event()

    async def open(self) -> None:
        """Subscribe, and hear ourselves before anybody relies on it. Raises when Redis is away."""
        self.channel = await layer().new_channel()
        self.group = layer_group(self.tenant_id)
        self.reader = asyncio.create_task(self._read())
        self.reader.add_done_callback(self._reader_ended)
        try:
            await self._subscribe()
        finally:
            if not self.has_heard_itself.is_set():
                self.reader.cancel()  # it must not outlive a hub that nobody gets

    async def _subscribe(self) -> None:
        """A subscription that got lost on its way is told to nobody: whoever relied on it would never hear
        anything."""
        probe = {"type": "frames", "frames": [], "probe": self.channel}
        for _ in range(SUBSCRIBE_ATTEMPTS):
            await layer().group_add(self.group, self.channel)
            await layer().group_send(self.group, probe)
            with suppress(TimeoutError):
                async with asyncio.timeout(PROBE_SECONDS):
                    await self.has_heard_itself.wait()
                    return
            log.warning("live frames: subscription lost", tenant_id=self.tenant_id)
            await layer().group_discard(self.group, self.channel)
        raise ConnectionError("no subscription to the tenant's frames")

    async def close(self) -> None:
        if self.reader is not None:
            self.reader.cancel()
        await layer().group_discard(self.group, self.channel)

    @property
    def is_deaf(self) -> bool:
        """Its reader has failed: consoles that are still here are on their way out."""
        return self.reader is not None and self.reader.done()

    def join(self, listener: Listener, *groups: str) -> None:
        for group in groups:
            self.members[group].add(listener)
            self.groups.setdefault(listener, set()).add(group)

    def leave(self, listener: Listener, *groups: str) -> None:
        for group in groups:
            self.members[group].discard(listener)
            if not self.members[group]:
                del self.members[group]
            self.groups.get(listener, set()).discard(group)

    def forget(self, listener: Listener) -> None:
        self.leave(listener, *self.groups.get(listener, ()))
        self.groups.pop(listener, None)

    def deliver(self, frames: list[dict[str, Any]]) -> None:
        """Write each frame to the consoles it is for; a console gets one frame of an event."""
        served: set[Listener] = set()
        for frame in frames:
            targets = self._in_any(frame["groups"]) - served
            if frame["among"] and targets:
                targets = self._in_any(frame["among"], of=targets)
            served |= targets
            is_old = self._is_old(frame)
            if frame["kind"] == CLOSE_SOCKETS:
                for listener in targets:
                    listener.hang_up(4403)
                continue
            text = frame["text"]
            for listener in targets:
                listener.hear(text)
            if frame["leave"] and not is_old:
                for listener in targets:
                    self.leave(listener, *frame["leave"])

    def _is_old(self, frame: dict[str, Any]) -> bool:
        """Whether it tells how a ticket stood before something that was delivered already: relayed late,
        or by a process that was slower. Who may hear of the ticket has been decided anew since."""
        subject = frame.get("subject")
        return self.saw(subject, frame["version"]) if subject else False

    def saw(self, subject: str, version: int) -> bool:
        """Remember how far a ticket has got; whether a newer version was seen before. What a console was let
        in for counts as well as what was delivered."""
        newest = self.newest.get(subject, 0)
        self.newest[subject] = max(newest, version)
        self.newest.move_to_end(subject)
        if len(self.newest) > REMEMBERED:
            self.newest.popitem(last=False)
        return version < newest

    def _reader_ended(self, reader: asyncio.Task[None]) -> None:
        """A hub that hears nothing any more must not look alive: its consoles come back to a new one."""
        if not reader.cancelled() and (failure := reader.exception()) is not None:
            log.error("live frames: the reader failed", error=repr(failure))
            self.hang_up_everyone()

    def hang_up_everyone(self) -> None:
        for listener in list(self.groups):
            listener.hang_up(MISSED_FRAMES)

    def _in_any(self, groups: list[str], *, of: set[Listener] | None = None) -> set[Listener]:
        """Who is in one of these groups; `of` these listeners only."""
        members = (self.members.get(group, set()) for group in groups)
        return set().union(*(members if of is None else (of & there for there in members)))

    async def _read(self) -> None:
        while True:
            message = await layer().receive(self.channel)
            if message.get("probe") == self.channel:
                self.has_heard_itself.set()
            self.deliver(message["frames"])


class Hub:
    """The hubs of the tenants that have consoles on this process, opened and closed as needed."""

    def __init__(self) -> None:
        self.tenants: dict[str, TenantHub] = {}
        # One who waits for a slow Redis keeps only the consoles of the same tenant waiting. A lock lives as
        # long as somebody holds it or waits for it.
        self.locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.starts = 0  # how often everything was subscribed anew
        self.is_doubtful = False  # frames may have been missed
        self.watchers: list[asyncio.Task[None]] = []

    async def enter(self, tenant_id: str, listener: Listener, *groups: str) -> TenantHub:
        if not self.watchers:
            watches = (self._watch_redis(), self._watch_connection())
            self.watchers = [asyncio.create_task(watch) for watch in watches]
        async with self._lock(tenant_id):
            hub = self.tenants.get(tenant_id)
            if hub is None or hub.is_deaf:
                self.tenants.pop(tenant_id, None)
                if hub is not None:
                    await hub.close()
                self.tenants[tenant_id] = hub = await self._opened(tenant_id)
            hub.join(listener, *groups)
            return hub

    async def exit(self, tenant_id: str, listener: Listener) -> None:
        async with self._lock(tenant_id):
            hub = self.tenants.get(tenant_id)
            if hub is None:
                return
            hub.forget(listener)
            if not hub.groups:
                del self.tenants[tenant_id]
                await hub.close()

    def _lock(self, tenant_id: str) -> asyncio.Lock:
        return self.locks.setdefault(tenant_id, asyncio.Lock())

    async def _opened(self, tenant_id: str) -> TenantHub:
        while True:
            starts = self.starts
            hub = TenantHub(tenant_id)
            await hub.open()
            if starts == self.starts:
                return hub
            await hub.close()  # what it subscribed to in the meantime was dropped with everything else

    async def _watch_redis(self) -> None:
        """After an outage of Redis, however short, frames may have been missed: once a pulse comes
        through again, consoles are hung up, and load their state when they come back."""
        channel: str | None = None
        missed = 0
        while True:
            await asyncio.sleep(PULSE_SECONDS)
            try:
                async with asyncio.timeout(PULSE_LATE_SECONDS):
                    channel = channel or await layer().new_channel("pulse.")
                    await layer().send(channel, {"type": "pulse"})
                    await layer().receive(channel)
            except (OSError, TimeoutError, RedisError) as away:
                log.warning("live frames: no pulse through Redis", error=repr(away))
                self.is_doubtful = True
                if isinstance(away, TimeoutError):
                    channel = None  # the layer gives a channel up whose receiver was cancelled
                    missed += 1
                if missed == DEAF_AFTER_PULSES:
                    missed = 0
                    await self._start_over()
                continue
            missed = 0
            if self.is_doubtful:
                self.is_doubtful = False
                self._hang_up_everyone()

    async def _start_over(self) -> None:
        """Redis takes our pulses and none comes back: the layer's own reader may have died without a word,
        and nothing would revive it. Fresh subscriptions, and every console comes back to them."""
        log.error("live frames: deaf, starting over")
        with suppress(TimeoutError):
            async with asyncio.timeout(PULSE_LATE_SECONDS):
                await layer().flush()
        lost, self.tenants = self.tenants, {}
        self.starts += 1
        self.is_doubtful = False
        for hub in lost.values():
            if hub.reader is not None:
                hub.reader.cancel()
            hub.hang_up_everyone()

    async def _watch_connection(self) -> None:
        """Notice an outage that fell between two pulses. The layer subscribes again without a word;
        a subscription of our own hears the second confirmation."""
        subscription = Redis.from_url(settings.REDIS_URL).pubsub()
        is_confirmed = False
        while True:
            try:
                if not subscription.subscribed:
                    await subscription.subscribe("balcao.outages")
                told = await subscription.get_message(timeout=WATCH_SECONDS)
            except (OSError, RedisError):
                self.is_doubtful = True
                await asyncio.sleep(PULSE_SECONDS / 4)
                continue
            if told is not None and told["type"] == "subscribe":
                self.is_doubtful = self.is_doubtful or is_confirmed
                is_confirmed = True

    def _hang_up_everyone(self) -> None:
        for hub in self.tenants.values():
            hub.hang_up_everyone()


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """The hub of the running loop: one in a sockets process, one per loop in tests."""
    loop = asyncio.get_running_loop()
    for stale in [known for known in _hubs if known.is_closed()]:
        del _hubs[stale]
    return _hubs.setdefault(loop, Hub())
