"""A session hosts it as any driver: linked, killed, back without a code, everything in the database."""

import asyncio
import os
import signal
import uuid

import pytest
import pytest_asyncio
from browser_stage import CHAT, MARIA, SHOP, SOON
from gateway import Desk
from live import happens
from world import line_of

from connections import outbound
from connections.choices import Command
from connections.choices import Driver as DriverName
from connections.models import Connection, Inbound, Outbound, ProfileArchive, Transition
from connections.sessions.session import Session
from tenants.scope import across_tenants

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("committed")]


@pytest_asyncio.fixture(loop_scope="module")
async def hosted(town, connection, settings):
    """The cast's number on this driver, hosted in this loop."""
    settings.DRIVERS = ["browser"]

    def switch():
        Connection.objects.filter(id=connection.id).update(driver=DriverName.BROWSER)
        connection.driver = DriverName.BROWSER
        return line_of(connection).lease

    lease = await happens(connection.tenant, switch)
    session = Session(connection, lease, Desk(), wish=connection.wish)
    task = asyncio.create_task(session.run())
    yield session
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(condition):
    def ask():
        with across_tenants(reason="a test waits"):
            return condition()

    async with asyncio.timeout(SOON * 2):
        while not (found := await asyncio.to_thread(ask)):
            await asyncio.sleep(0.05)
    return found


async def test_it_lives_as_any_session(town, hosted, connection):
    def state(wanted):
        return lambda: Connection.objects.filter(id=connection.id, state=wanted).exists()

    await until(state("scan_qr"))
    code = (await hosted.driver.link.web.ask("state"))["qr"]
    await town.net.post(f"/api/phones/{SHOP}/scan", {"code": code})
    await until(state("connected"))

    # In and out, through the database.
    message = await town.net.write(MARIA, SHOP, "Bom dia")
    await until(lambda: Inbound.objects.filter(key=f"message:{message['id']}").exists())

    def queue():
        payload = {"kind": "text", "text": "Bom dia, Maria", "quoted_id": None, "media": None}
        return outbound.enqueue(
            connection,
            lane=uuid.uuid4(),
            kind=Command.MESSAGE,
            chat=CHAT,
            payload=payload,
            client_ref=uuid.uuid4(),
        )

    queued = await happens(connection.tenant, queue)
    hosted.wake()
    sent = await until(lambda: Outbound.objects.filter(id=queued.id, state="sent").first())
    assert sent.wa_id in [one["id"] for one in await town.net.messages(MARIA, SHOP)]

    # Killed, and back without a code.
    os.kill(hosted.driver.link.browser, signal.SIGKILL)
    await until(lambda: Transition.objects.filter(connection=connection, reason="browser_gone").exists())
    await until(state("connected"))
    after = await town.net.write(MARIA, SHOP, "Ainda aí?")
    await until(lambda: Inbound.objects.filter(key=f"message:{after['id']}").exists())
    with_codes = await until(
        lambda: [Transition.objects.filter(connection=connection, to_state="scan_qr").count()]
    )
    assert with_codes == [1]
    assert await until(lambda: ProfileArchive.objects.filter(connection=connection).exists())
