"""What stands around a driver in its tests: a berth on the real database, a far end, a customer's phone."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from fake_cloud import ACCOUNT, APP_SECRET, NUMBER, TOKEN, VERIFY, FakeCloud
from fake_evolution import GLOBAL_KEY, FakeEvolution
from live import elsewhere

from connections import wire
from connections.drivers.base import Berth, Driver
from connections.drivers.registry import make_driver
from connections.models import Connection
from connections.sessions import vault
from tenants.scope import working_for

SOON = 10.0
CHAT = "5511987654321@c.us"


class Heard:
    """What a driver tells, in order."""

    def __init__(self, driver: Driver) -> None:
        self.told = driver.listen()

    async def next(self, *kinds: type) -> Any:
        """The next of these kinds, whatever comes before it."""
        async with asyncio.timeout(SOON):
            while not isinstance(one := await anext(self.told), kinds):
                pass
        return one

    async def happening(self, *kinds: type) -> Any:
        while not isinstance(happening := (await self.next(wire.Stored)).happening, kinds):
            pass
        return happening

    async def nothing(self, within: float = 0.2) -> None:
        try:
            async with asyncio.timeout(within):
                raise AssertionError(f"told {await anext(self.told)!r}")
        except TimeoutError:
            pass


class Rig:
    """One connection of Acme's, linked through one kind of driver. `committed` is in force."""

    driver = ""
    settings: dict[str, Any] = {}
    secrets: dict[str, str] = {}

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.posted = asyncio.Event()
        self.opened: list[Driver] = []

    async def prepare(self) -> None:
        def turn() -> None:
            rows = Connection.objects.filter(id=self.connection.id)
            rows.update(driver=self.driver, driver_settings=self.settings)
            vault.keep_settings(self.connection, self.secrets)

        await self.db(turn)

    async def db(self, function: Any, *args: Any) -> Any:
        def within() -> Any:
            with working_for(self.connection.tenant):
                return function(*args)

        return await elsewhere(within)

    def berth(self, **more: Any) -> Berth:
        return Berth(
            tenant_id=self.connection.tenant_id,
            connection_id=self.connection.id,
            epoch=1,
            settings=self.settings,
            secrets=self.secrets,
            db=self.db,
            posted=self.posted,
            **more,
        )

    async def open(self, credentials: bytes | None = None, **more: Any) -> tuple[Any, Heard]:
        driver = make_driver(self.driver, self.berth(**more))
        self.opened.append(driver)
        await driver.open(credentials)
        return driver, Heard(driver)

    async def deliver(self, address: str, body: Any, headers: dict[str, str]) -> int:
        """A gateway's POST, through our own front door; the session is told as a nudge would."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()

        def post() -> int:
            client = Client(enforce_csrf_checks=True)
            path = urlsplit(address).path
            return client.post(path, raw, content_type="application/json", headers=headers).status_code

        status: int = await elsewhere(post)
        self.posted.set()
        return status

    async def close(self) -> None:
        for driver in self.opened:
            await driver.close()


class EvolutionRig(Rig):
    driver = "evolution"
    secrets = {"api_key": GLOBAL_KEY}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[EvolutionRig]:
        async with FakeEvolution(self.deliver) as self.far:
            self.settings = {"base_url": self.far.url}
            await self.prepare()
            try:
                yield self
            finally:
                await self.close()
        assert self.far.surprises == []

    async def linked(self) -> tuple[Any, Heard, bytes]:
        driver, heard = await self.open()
        await heard.next(wire.QrShown)
        await self.far.phone_scans()
        credentials = (await heard.next(wire.Linked)).credentials
        await heard.next(wire.Ready)
        return driver, heard, credentials


class CloudRig(Rig):
    driver = "cloud"
    settings = {"phone_number_id": NUMBER, "business_account_id": ACCOUNT}
    secrets = {"access_token": TOKEN, "app_secret": APP_SECRET, "verify_token": VERIFY}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[CloudRig]:
        async with FakeCloud(self.deliver) as self.far:
            settings.CLOUD_API_URL = self.far.url
            await self.prepare()
            try:
                yield self
            finally:
                await self.close()
        assert self.far.surprises == []

    async def linked(self) -> tuple[Any, Heard, bytes]:
        driver, heard = await self.open()
        credentials = (await heard.next(wire.Linked)).credentials
        await heard.next(wire.Ready)
        return driver, heard, credentials


def outbound(*, chat: str = CHAT, id: int = 1, **payload: Any) -> Any:
    """A message as the queue holds it."""
    filled = {"kind": "text", "text": "Hi", "quoted_id": None, "media": None, **payload}
    return SimpleNamespace(
        id=id,
        kind="message",
        chat=chat,
        client_ref=uuid.uuid4(),
        payload=filled,
        queued_at=datetime.now(UTC),
    )


def command(kind: str, **payload: Any) -> Any:
    """Another command of the queue."""
    one = outbound()
    one.kind, one.payload = kind, payload
    return one


def a_file(content: bytes, *, name: str = "price list.txt", mime: str = "text/plain") -> dict[str, Any]:
    """Something to send, below the media root."""
    path = uuid.uuid4().hex
    (settings.MEDIA_ROOT / path).write_bytes(content)
    return {"path": path, "mime": mime, "name": name, "seconds": None}
