"""A session whose gateway posts to us: from the customer's phone into the ticket and back."""

import asyncio

import pytest
from gateway import SOON, Desk
from live import elsewhere
from rigs import CHAT, CloudRig, EvolutionRig
from world import line_of, member

from connections.choices import SendState
from connections.drivers.cloud.api import GraphAPI
from connections.drivers.evolution.api import EvolutionAPI
from connections.models import Connection, Inbound, Outbound, Post
from connections.sessions.session import Session
from tickets import intake
from tickets.actions import take_ticket
from tickets.models import Message, Ticket
from tickets.sending import send_message, settle_send

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("committed", "pauses", "whispers")]


@pytest.fixture(params=[EvolutionRig, CloudRig])
def rig(request, connection, settings, monkeypatch, tmp_path):
    settings.DRIVERS = ["evolution", "cloud"]
    settings.MEDIA_ROOT = tmp_path
    settings.CLOUD_API_URL = "http://127.0.0.1:1"
    settings.CLOUD_API_VERSION = "v23.0"
    for api in (EvolutionAPI, GraphAPI):
        monkeypatch.setattr(api, "answer_seconds", 2.0)
    return request.param(connection)


class Running:
    """The session of the rig's connection."""

    def __init__(self, rig, connection):
        self.desk, self.rig = Desk(), rig
        self.session = Session(connection, line_of(connection).lease, self.desk, wish=connection.wish)
        rig.posted = self.session.something_posted
        self.task = asyncio.create_task(self.session.run())

    async def connected(self):
        async with asyncio.timeout(SOON):
            while not self.session.is_connected:
                await asyncio.sleep(0.01)

    async def until(self, condition):
        async with asyncio.timeout(SOON):
            while not await self.rig.db(condition):
                await asyncio.sleep(0.02)

    async def end(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def started(rig):
    def fresh():
        return Connection.objects.select_related("tenant", "sector").get(id=rig.connection.id)

    running = Running(rig, await rig.db(fresh))
    if isinstance(rig, EvolutionRig):
        await running.until(lambda: Connection.objects.filter(state="scan_qr").exists())
        await rig.far.phone_scans()
    await running.connected()
    return running


async def test_a_conversation_goes_through_the_mailbox(rig):
    async with rig.running():
        running = await started(rig)
        await rig.writes("Where is my order?")
        await running.until(lambda: Inbound.objects.filter(chat=CHAT, kind="message").exists())
        await running.until(lambda: not Post.objects.filter(read_at=None).exists())
        bruno = await elsewhere(member, "Bruno")

        def answer():
            intake.drain(str(rig.connection.id), CHAT)
            ticket = take_ticket(Ticket.objects.get(), by=bruno)
            return send_message(ticket, by=bruno, reference=ticket.id, text="On its way")[0]

        message = await rig.db(answer)
        running.session.wake()
        await running.until(lambda: Outbound.objects.filter(state=SendState.SENT).exists())
        assert await rig.got() == ["On its way"]

        def settled():
            sent = Outbound.objects.get(client_ref=message.id)
            settle_send(sent.id)
            return sent

        sent = await rig.db(settled)
        await rig.reads(type("Sent", (), {"wa_id": sent.wa_id}))
        await running.until(lambda: Inbound.objects.filter(kind="ticks").exists())

        def level():
            intake.drain(str(rig.connection.id), CHAT)
            return Message.objects.get(id=message.id).ack

        assert await rig.db(level) == "read"
        await running.end()


async def test_a_send_whose_answer_never_came_is_settled_and_not_sent_twice(rig):
    async with rig.running():
        running = await started(rig)

        def queue():
            return Outbound.objects.create(
                connection=rig.connection,
                lane=rig.connection.id,
                kind="message",
                chat=CHAT,
                payload={"kind": "text", "text": "Once", "quoted_id": None, "media": None},
            )

        await rig.loses_next_answer()
        one = await rig.db(queue)
        running.session.wake()
        await running.until(lambda: Outbound.objects.filter(id=one.id, state=SendState.SENT).exists())

        assert await rig.got() == ["Once"]
        await running.end()


async def test_what_was_posted_while_no_session_ran_is_taken_in_by_the_next(rig):
    async with rig.running():
        first = await started(rig)
        await first.end()
        for number in range(5):
            await rig.writes(str(number))

        def fresh():
            return Connection.objects.select_related("tenant", "sector").get(id=rig.connection.id)

        second = Running(rig, await rig.db(fresh))
        await second.connected()
        await second.until(lambda: Inbound.objects.filter(chat=CHAT, kind="message").count() == 5)
        await second.until(lambda: not Post.objects.filter(read_at=None).exists())

        def told():
            rows = Inbound.objects.filter(chat=CHAT, kind="message").order_by("id")
            return [row.payload["text"] for row in rows]

        assert await rig.db(told) == ["0", "1", "2", "3", "4"]
        await second.end()


async def test_logging_out_leaves_nothing_at_the_far_end(rig):
    async with rig.running():
        running = await started(rig)
        await running.session.log_out()

        assert not await rig.is_linked()
        row = await rig.db(lambda: Connection.objects.get(id=rig.connection.id))
        assert (row.state, row.reason) == ("logged_out", "asked_to_log_out")
        await running.end()
