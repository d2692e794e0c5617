"""A gateway in memory, behind the Driver protocol: it tells what a test lets it tell, and remembers."""

from __future__ import annotations

import asyncio
import queue
from datetime import datetime
from typing import Any

import pytest
from channels.db import database_sync_to_async

from connections import inbound, outbound
from connections.drivers import registry
from connections.drivers.base import Berth, Can, Driver, DriverError
from connections.models import Connection, Outbound
from connections.wire import Found, Message, Ready, Sent
from tenants.doors import work_for
from tenants.scope import across_tenants

SOON = 10.0
READY = Ready(phone="+5511900000001", profile_name="Acme")


class Gateway:
    """The far side of all links that a test's sessions open."""

    def __init__(self) -> None:
        self.links: queue.Queue[Link] = queue.Queue()
        self.credentials: list[bytes | None] = []
        self.refuses_to_open: list[Exception] = []
        self.sent: list[Outbound] = []
        self.answers_to_send: list[Exception] = []
        self.knows: dict[Any, Sent] = {}
        self.asked_for: list[Any] = []
        self.confirmed: list[int] = []
        self.files: dict[str, bytes | Exception] = {}
        self.log_outs = 0
        self.typed: list[tuple[str, str]] = []
        self.repeats_are_safe = True
        self.holds_sends: asyncio.Event | None = None
        self.can: frozenset[Can] = frozenset()
        self.answers_to_probe: list[Exception] = []
        self.probes = 0
        self.on_whatsapp: dict[str, Found] = {}
        self.past: list[Message | Exception] = []
        self.asked_past: list[datetime] = []
        self.memory: int | None = None

    def link(self, berth: Berth) -> Link:
        return Link(self, berth)

    def next_link(self) -> Link:
        """The next link that a session opens."""
        return self.links.get(timeout=SOON)


class Link(Driver):
    """One link of a test."""

    def __init__(self, gateway: Gateway, berth: Berth) -> None:
        super().__init__(berth)
        self.gateway, self.can = gateway, gateway.can
        self.repeats_are_safe = gateway.repeats_are_safe
        self.is_closed = False

    def tells(self, *told: Any) -> None:
        """From any thread. An exception is raised where the session listens."""
        for one in told:
            self.loop.call_soon_threadsafe(self.inbox.put_nowait, one)

    async def open(self, credentials: bytes | None) -> None:
        self.loop, self.inbox = asyncio.get_running_loop(), asyncio.Queue()
        self.gateway.credentials.append(credentials)
        if self.gateway.refuses_to_open:
            raise self.gateway.refuses_to_open.pop(0)
        self.gateway.links.put(self)

    async def listen(self) -> Any:
        while (told := await self.inbox.get()) is not None:
            if isinstance(told, Exception):
                raise told
            yield told

    async def confirm(self, receipt: int) -> None:
        self.gateway.confirmed.append(receipt)

    async def send(self, outbound: Outbound) -> Sent:
        self.gateway.sent.append(outbound)
        if self.gateway.holds_sends is not None:
            await self.gateway.holds_sends.wait()
        if self.gateway.answers_to_send:
            raise self.gateway.answers_to_send.pop(0)
        return Sent(wa_id=outbound.client_ref.hex.upper())

    async def find(self, outbounds: list[Outbound]) -> dict[int, Sent]:
        self.gateway.asked_for.append([one.client_ref for one in outbounds])
        known = self.gateway.knows
        return {one.id: known[one.client_ref] for one in outbounds if one.client_ref in known}

    async def type(self, chat: str, activity: str) -> None:
        self.gateway.typed.append((chat, activity))

    async def fetch(self, media_id: str) -> Any:
        content = self.gateway.files.get(media_id) or DriverError("media_gone", permanent=True)
        if isinstance(content, Exception):
            raise content
        yield content[:3]
        yield content[3:]

    async def probe(self) -> None:
        self.gateway.probes += 1
        if self.gateway.answers_to_probe:
            raise self.gateway.answers_to_probe.pop(0)

    async def look_up(self, phone: str) -> Found | None:
        return self.gateway.on_whatsapp.get(phone)

    async def history(self, since: datetime) -> Any:
        self.gateway.asked_past.append(since)
        for one in list(self.gateway.past):
            if isinstance(one, Exception):
                self.gateway.past.remove(one)
                raise one
            yield one

    async def screenshot(self) -> bytes:
        return b"PNG"

    async def memory_bytes(self) -> int | None:
        return self.gateway.memory

    async def log_out(self) -> None:
        self.gateway.log_outs += 1

    async def close(self) -> None:
        self.is_closed = True


class Desk:
    """What a session needs of its pool; and a way to wait until the database says what a test wants."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()

    async def db(self, connection: Connection, function: Any, *args: Any) -> Any:
        try:
            return await database_sync_to_async(work_for)(connection.tenant, function, *args)
        finally:
            self.changed.set()

    async def store(self, arrival: inbound.Arrival) -> int:
        (new,) = await self.db(arrival.connection, inbound.store, [arrival])
        return new

    async def take_turn(self, connection: Connection, turn: outbound.Turn) -> Outbound | None:
        (one,) = await self.db(connection, outbound.take_turns, [turn])
        return one

    async def until(self, condition: Any) -> None:
        """Asked again after everything a session did in the database."""

        def ask() -> bool:
            with across_tenants(reason="a test waits"):
                return bool(condition())

        async with asyncio.timeout(SOON):
            while not await database_sync_to_async(ask)():
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Gateway:
    """Every session of the test speaks to this one, and never waits long before it tries again."""
    made = Gateway()
    settings.DRIVERS = ["simulator"]
    monkeypatch.setitem(registry.DRIVERS, "simulator", made.link)
    return made
