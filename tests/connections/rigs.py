"""What stands around a driver in its tests: a berth on the real database, a far end, a customer's phone."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client
from fake_cloud import ACCOUNT, APP_SECRET, NUMBER, TOKEN, VERIFY, FakeCloud
from fake_evolution import GLOBAL_KEY, FakeEvolution
from live import elsewhere
from strict import do_and_hang, hang, status

from connections import wire
from connections.drivers.base import Berth, Driver
from connections.drivers.registry import make_driver
from connections.models import Connection
from connections.sessions import vault
from tenants.scope import working_for

sys.path.append(str(Path(__file__).parents[1] / "simulator"))
from pretend_phones import MARIA, SHOP, running  # the network's own tests start it so

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

    # --- the far end, as the contract (test_driver_contract.py) needs it ----------------------

    def running(self) -> Any:
        """Everything a driver speaks to, as an asynchronous context."""
        raise NotImplementedError

    async def linked(self) -> tuple[Any, Heard, bytes]:
        """A driver that is ready, what it tells, and what brings its link back."""
        raise NotImplementedError

    async def is_linked(self) -> bool:
        """Whether the far end still takes us for linked."""
        raise NotImplementedError

    async def writes(self, text: str) -> None:
        """The customer writes to us."""
        raise NotImplementedError

    async def sends_file(self, content: bytes) -> None:
        """The customer sends us a document."""
        raise NotImplementedError

    async def got(self) -> list[str]:
        """The texts that the customer has from us, oldest first; of files their captions."""
        raise NotImplementedError

    async def got_file(self) -> bytes:
        """The newest file that the customer has from us."""
        raise NotImplementedError

    async def reads(self, sent: wire.Sent) -> None:
        """The customer reads a message of ours."""
        raise NotImplementedError

    async def loses_next_answer(self) -> None:
        """The next send is carried out, and we are not told."""
        raise NotImplementedError

    async def refuses_next_send(self, *, permanent: bool) -> None:
        raise NotImplementedError


class SimulatorRig(Rig):
    driver = "simulator"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.folder = settings.MEDIA_ROOT

    @asynccontextmanager
    async def running(self) -> AsyncIterator[SimulatorRig]:
        async with running(self.folder / "network.json") as self.net:
            settings.SIMULATOR_URL = f"http://127.0.0.1:{self.net.port}"
            await self.net.phone(SHOP, "Loja Acme")
            await self.net.phone(MARIA, "Maria")
            await self.prepare()
            try:
                yield self
            finally:
                await self.close()

    async def linked(self) -> tuple[Any, Heard, bytes]:
        driver, heard = await self.open()
        shown = await heard.next(wire.QrShown)
        await self.net.post(f"/api/phones/{SHOP}/scan", {"code": shown.code})
        credentials = (await heard.next(wire.Linked)).credentials
        await heard.next(wire.Ready)
        return driver, heard, credentials

    async def is_linked(self) -> bool:
        return bool(await self._devices())

    async def _devices(self) -> list[dict[str, Any]]:
        return (await self.net.get(f"/api/phones/{SHOP}/devices"))["results"]

    async def writes(self, text: str) -> None:
        await self.net.write(MARIA, SHOP, text)

    async def sends_file(self, content: bytes) -> None:
        headers = {"Content-Type": "application/pdf", "X-File-Name": "nota.pdf"}
        answer = await self.net.http.post(f"/api/phones/{MARIA}/media", content=content, headers=headers)
        await self.net.write(MARIA, SHOP, "", kind="document", media_id=answer.json()["id"])

    async def _ours(self) -> list[dict[str, Any]]:
        return [row for row in await self.net.messages(MARIA, SHOP) if not row["from_me"]]

    async def got(self) -> list[str]:
        return [row["text"] for row in await self._ours()]

    async def got_file(self) -> bytes:
        media = (await self._ours())[-1]["media"]
        own = {"Referer": f"http://127.0.0.1:{self.net.port}/"}
        return (await self.net.http.get(f"/media/{media['id']}", headers=own)).content

    async def reads(self, sent: wire.Sent) -> None:
        await self.net.post(f"/api/phones/{MARIA}/read", {"to": SHOP})

    async def _fault(self, fault: dict[str, Any]) -> None:
        (device,) = await self._devices()
        await self.net.post(f"/api/devices/{device['id']}/faults", fault)

    async def loses_next_answer(self) -> None:
        await self._fault({"lose_next_response": True})

    async def refuses_next_send(self, *, permanent: bool) -> None:
        refusal = {"code": "no", "message": "No", "permanent": permanent}
        await self._fault({"refuse_next_send": refusal})


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

    async def is_linked(self) -> bool:
        return any(instance.state == "open" for instance in self.far.instances.values())

    async def writes(self, text: str) -> None:
        await self.far.customer_writes({"conversation": text})

    async def sends_file(self, content: bytes) -> None:
        part = {"mimetype": "application/pdf", "fileName": "nota.pdf", "fileLength": str(len(content))}
        wa_id = await self.far.customer_writes({"documentMessage": part}, "documentMessage", file=content)
        assert wa_id

    async def got(self) -> list[str]:
        texts = []
        for one in self.far.delivered:
            (part,) = one["message"].values()
            texts.append(part if isinstance(part, str) else part.get("caption", ""))
        return texts

    async def got_file(self) -> bytes:
        return self.far.files[self.far.delivered[-1]["key"]["id"]]

    async def reads(self, sent: wire.Sent) -> None:
        update = {"keyId": sent.wa_id, "remoteJid": "5511987654321@s.whatsapp.net", "fromMe": True}
        await self.far.posts("messages.update", {**update, "status": "READ"})

    async def loses_next_answer(self) -> None:
        self.far.next("/message/send", do_and_hang)

    async def refuses_next_send(self, *, permanent: bool) -> None:
        self.far.next("/message/send", status(400, {"message": "bad"}) if permanent else status(429))


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

    async def is_linked(self) -> bool:
        return bool(self.far.callback)

    async def writes(self, text: str) -> None:
        await self.far.customer_writes({"type": "text", "text": {"body": text}})

    async def sends_file(self, content: bytes) -> None:
        self.far.files["777"] = (content, "application/pdf")
        document = {"id": "777", "mime_type": "application/pdf", "filename": "nota.pdf"}
        await self.far.customer_writes({"type": "document", "document": document})

    async def got(self) -> list[str]:
        parts = [one[one["type"]] for one in self.far.delivered]
        return [part.get("body") or part.get("caption", "") for part in parts]

    async def got_file(self) -> bytes:
        newest = self.far.delivered[-1]
        return self.far.uploads[newest[newest["type"]]["id"]]

    async def reads(self, sent: wire.Sent) -> None:
        (told,) = [one for one in self.far.delivered if one["id"] == f"wamid.{sent.wa_id}"]
        await self.far.reports(told, "read")

    async def loses_next_answer(self) -> None:
        async def do_report_and_hang(request: Any, answer: Any) -> Any:
            await answer(request)
            await self.far.reports(self.far.delivered[-1], "sent")
            return await hang(request, answer)

        self.far.next("/messages", do_report_and_hang)

    async def refuses_next_send(self, *, permanent: bool) -> None:
        code = 131047 if permanent else 130429
        self.far.next("/messages", status(400, {"error": {"message": "no", "code": code}}))


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
