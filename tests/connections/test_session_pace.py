"""What a session holds back, why it says so, and that nothing held back is lost."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from gateway import SOON
from hosting import end
from live import happens
from world import answer

from connections import outbound, wire
from connections.drivers.base import Can
from connections.models import Connection, Outbound
from connections.wire import Found
from events.models import Event
from tickets import sending
from tickets.actions import take_ticket
from tickets.models import Message

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("committed", "pauses")]

TEN_A_SECOND = {"per_minute": 600, "burst": 1}
ONE_IN_TWENTY_SECONDS = {"per_minute": 3, "burst": 1}
STRANGER = "5511900001111@c.us"


def queue(connection, chat=STRANGER, **more):
    return outbound.enqueue(
        connection,
        lane=uuid4(),
        kind="message",
        chat=chat,
        payload={"kind": "text", "text": "Hello"},
        client_ref=uuid4(),
        **more,
    )


async def row_of(hosted, one):
    return await happens(hosted.tenant, lambda: Outbound.objects.get(id=one.id))


async def until_sent(gateway, count):
    async with asyncio.timeout(SOON):
        while len(gateway.sent) < count:
            await asyncio.sleep(0.01)


async def test_sends_keep_the_pace_of_the_number(host, gateway, connection):
    await happens(connection.tenant, lambda: Connection.objects.update(pacing=TEN_A_SECOND))
    connection.pacing = TEN_A_SECOND
    for _ in range(5):
        await happens(connection.tenant, queue, connection)
    hosted = await host()
    begun = asyncio.get_running_loop().time()
    await hosted.is_ready()
    await until_sent(gateway, 5)

    took = asyncio.get_running_loop().time() - begun
    assert took >= 4 * 0.1 * 0.7
    await end(hosted)


async def test_whoever_waits_long_is_told_why_and_until_when(host, gateway, connection, maria, bruno):
    connection.pacing = ONE_IN_TWENTY_SECONDS
    await happens(connection.tenant, lambda: Connection.objects.update(pacing=ONE_IN_TWENTY_SECONDS))

    def two_answers():
        ticket = take_ticket(maria.writes("Hello").ticket, by=bruno)
        return [answer(ticket, text, by=bruno) for text in ("first", "second")]

    _first, second = await happens(connection.tenant, two_answers)
    hosted = await host()
    await hosted.is_ready()
    await until_sent(gateway, 1)

    def waits():
        return Outbound.objects.filter(client_ref=second.id, waits_for="pace").first()

    await hosted.desk.until(waits)
    waiting = await happens(hosted.tenant, waits)
    told = await happens(
        hosted.tenant, lambda: Event.objects.filter(kind="connection.send_waits").latest("id").payload
    )
    assert told == {"outbound_id": waiting.id}
    await happens(hosted.tenant, sending.note_wait, waiting.id)
    message = await happens(hosted.tenant, lambda: Message.objects.get(id=second.id))
    assert message.waits_for == "pace"
    assert timedelta(seconds=5) < message.waits_until - timezone.now() < timedelta(seconds=30)
    await end(hosted)


async def test_a_restricted_number_begins_no_chats_and_still_answers(host, gateway, connection):
    until = timezone.now() + timedelta(hours=5)
    hosted = await host()
    await hosted.becomes(restricted_until=until)
    begins = await happens(hosted.tenant, lambda: queue(connection, is_new_chat=True))
    answers = await happens(hosted.tenant, lambda: queue(connection))
    await hosted.is_ready()
    await hosted.until_settled(answers.id, "sent")

    held = await row_of(hosted, begins)
    assert (held.state, held.waits_for, held.not_before) == ("queued", "restriction", until)
    await end(hosted)


async def test_once_a_restriction_is_lifted_what_waited_goes(host, gateway, connection):
    hosted = await host()
    await hosted.becomes(restricted_until=timezone.now() + timedelta(hours=5))
    begins = await happens(hosted.tenant, lambda: queue(connection, is_new_chat=True))
    link = await hosted.is_ready()
    await hosted.desk.until(lambda: Outbound.objects.filter(id=begins.id, waits_for="restriction").exists())
    link.tells(wire.Restricted(until=None))
    await hosted.until_row(restricted_until=None)
    hosted.session.wake()

    await hosted.until_settled(begins.id, "sent")
    await end(hosted)


async def test_a_number_that_is_not_on_whatsapp_is_never_written_to(host, gateway, connection):
    gateway.can = frozenset([Can.LOOK_UP])
    begins = await happens(connection.tenant, lambda: queue(connection, is_new_chat=True))
    hosted = await host()
    await hosted.is_ready()
    await hosted.until_settled(begins.id, "failed")

    assert (await row_of(hosted, begins)).error_code == "not_on_whatsapp"
    assert gateway.sent == []
    await end(hosted)


async def test_a_number_that_whatsapp_spells_otherwise_is_written_to_there(host, gateway, connection):
    """An old Brazilian number without its ninth digit."""
    gateway.can = frozenset([Can.LOOK_UP])
    gateway.on_whatsapp = {"+5511900001111": Found(chat="551100001111@c.us")}
    begins = await happens(connection.tenant, lambda: queue(connection, is_new_chat=True))
    hosted = await host()
    await hosted.is_ready()
    await hosted.until_settled(begins.id, "sent")

    assert [one.chat for one in gateway.sent] == ["551100001111@c.us"]
    assert (await row_of(hosted, begins)).chat == "551100001111@c.us"
    await end(hosted)


async def test_one_that_waits_for_its_time_holds_up_no_other_chat(host, gateway, connection, line, bruno):
    quiet = {"quiet_from": "00:00", "quiet_until": "23:59"}
    await happens(connection.tenant, lambda: Connection.objects.update(pacing=quiet))
    reminder = await happens(connection.tenant, lambda: queue(connection, is_automatic=True))
    written = await happens(connection.tenant, lambda: queue(connection, chat="5511900002222@c.us"))
    hosted = await host()
    await hosted.is_ready()
    await hosted.until_settled(written.id, "sent")

    assert (await row_of(hosted, reminder)).waits_for == "quiet_hours"
    await end(hosted)


async def test_a_day_that_began_enough_chats_begins_no_more(host, gateway, connection):
    await happens(connection.tenant, lambda: Connection.objects.update(pacing={"new_chats_per_day": 2}))
    three = [
        await happens(
            connection.tenant, lambda n=n: queue(connection, f"551190000{n}@c.us", is_new_chat=True)
        )
        for n in range(3)
    ]
    hosted = await host()
    await hosted.is_ready()
    await hosted.until_settled(three[1].id, "sent")
    await hosted.desk.until(lambda: Outbound.objects.filter(id=three[2].id, waits_for="new_chats").exists())

    held = await row_of(hosted, three[2])
    assert timedelta(hours=23) < held.not_before - timezone.now() <= timedelta(hours=24)
    await end(hosted)
