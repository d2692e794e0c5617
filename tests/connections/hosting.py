"""Sessions that a test hosts in its own loop, behind the gateway in memory."""

import asyncio

import pytest
from gateway import READY, SOON, Desk
from live import happens
from world import line_of

from connections.models import Connection, Outbound, Transition
from connections.sessions import sending, telling
from connections.sessions import session as sessions
from connections.sessions.session import Session
from tenants.scope import working_for


class Hosted:
    """A session that a test hosts in its own loop."""

    def __init__(self, connection, gateway):
        self.gateway, self.desk = gateway, Desk()
        self.connection_id, self.tenant = connection.id, connection.tenant
        self.session = Session(connection, line_of(connection).lease, self.desk, wish=connection.wish)
        self.task = asyncio.create_task(self.session.run())

    async def link(self):
        return await asyncio.to_thread(self.gateway.next_link)

    async def until(self, state):
        await self.desk.until(lambda: Connection.objects.filter(id=self.connection_id, state=state).exists())

    async def until_row(self, **columns):
        def is_so():
            return Connection.objects.filter(id=self.connection_id, **columns).exists()

        await self.desk.until(is_so)

    async def becomes(self, **columns):
        def write():
            Connection.objects.filter(id=self.connection_id).update(**columns)

        await happens(self.tenant, write)

    async def until_settled(self, outbound_id, state):
        await self.desk.until(lambda: Outbound.objects.filter(id=outbound_id, state=state).exists())

    async def is_ready(self):
        """Linked before, and up again."""
        link = await self.link()
        link.tells(READY)
        await self.until("connected")
        async with asyncio.timeout(SOON):
            while not self.session.is_connected:
                await asyncio.sleep(0)
        return link

    async def row(self):
        return await happens(self.tenant, Connection.objects.get, id=self.connection_id)

    async def ends(self):
        await asyncio.wait_for(asyncio.shield(self.task), SOON)

    async def story(self):
        def states():
            newest = Transition.objects.filter(connection_id=self.connection_id).order_by("id")
            return [(one.to_state, one.reason) for one in newest]

        return await happens(self.tenant, lambda: states()[self.before :])


@pytest.fixture
def pauses(monkeypatch):
    """How often a session paused before it tried again; the pauses themselves are skipped."""
    attempts = []

    def at_once(attempt, luck):
        attempts.append(attempt)
        return 0.0

    monkeypatch.setattr(sessions, "backoff_seconds", at_once)
    monkeypatch.setattr(sending, "backoff_seconds", at_once)
    return attempts


@pytest.fixture
def whispers(monkeypatch):
    """(group, kind, data) of what is told live and kept nowhere."""
    told = []

    async def whisper(tenant_id, group, kind, data):
        told.append((group, kind, data))

    monkeypatch.setattr(telling.channel, "whisper_async", whisper)
    return told


@pytest.fixture
def host(acme, connection, gateway, pauses, whispers):
    """Starts the session of Acme's number; ends it with the test."""
    started = []
    with working_for(acme):
        before = Transition.objects.filter(connection=connection).count()

    async def start():
        started.append(Hosted(connection, gateway))
        started[-1].before = before
        return started[-1]

    yield start
    for hosted in started:
        assert hosted.task.done() or hosted.task.get_loop().is_closed()


async def end(hosted):
    hosted.task.cancel()
    await asyncio.gather(hosted.task, return_exceptions=True)
