"""What was written while nobody listened: missed messages, gaps, and the history of a new link."""

from datetime import timedelta

import pytest
from django.utils import timezone
from gateway import READY
from hosting import end
from live import happens

from connections import wire
from connections.drivers.base import Can, DriverError
from connections.models import Inbound
from events.models import Event
from tickets import intake
from tickets.models import Message, Ticket

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("committed", "pauses")]


def ago(**span):
    return (timezone.now() - timedelta(**span)).replace(microsecond=0)


@pytest.fixture
def history(gateway):
    gateway.can = frozenset([Can.HISTORY])
    return gateway


async def kept(hosted, message_id):
    """The row of a happening, once it is there."""
    key = f"message:{message_id}"
    await hosted.desk.until(lambda: Inbound.objects.filter(key=key).exists())
    return await happens(hosted.tenant, lambda: Inbound.objects.get(key=key))


async def test_what_was_missed_is_fetched_and_taken_in_like_everything_else(host, history, maria):
    history.past = [maria.message("Anybody there?", id="MISSED", sent_at=ago(hours=2))]
    hosted = await host()
    down_since = ago(hours=3)
    await hosted.becomes(down_since=down_since, linked_at=ago(days=9), state="reconnecting")
    await hosted.is_ready()
    row = await kept(hosted, "MISSED")
    await happens(hosted.tenant, intake.drain, str(hosted.connection_id), maria.chat)

    (asked,) = history.asked_past
    assert timedelta(0) < down_since - asked < timedelta(minutes=5), "a little earlier: clocks differ"
    assert not row.payload["is_past"]
    ticket = await happens(hosted.tenant, lambda: Ticket.objects.get(chat=maria.chat))
    assert (ticket.status, ticket.unread) == ("waiting", 1)
    await end(hosted)


async def test_a_gateway_that_fails_in_the_middle_is_asked_again(host, history, maria):
    first, second = (maria.message(text, id=text, sent_at=ago(hours=1)) for text in ("one", "two"))
    history.past = [first, DriverError("no_answer", permanent=False), second]
    hosted = await host()
    await hosted.becomes(down_since=ago(hours=3), linked_at=ago(days=9))
    await hosted.is_ready()

    await kept(hosted, "two")
    await kept(hosted, "one")
    assert len(history.asked_past) == 2
    await end(hosted)


async def test_a_newly_linked_number_brings_the_days_people_asked_for(host, history, maria):
    history.past = [
        maria.message("Last month", id="OLD", sent_at=ago(days=5)),
        maria.message("Our answer", id="OLD2", sent_at=ago(days=5), from_me=True),
    ]
    hosted = await host()
    await hosted.becomes(history_days=7)
    hosted.session.connection.history_days = 7
    link = await hosted.link()
    link.tells(wire.Linked(credentials=b"key"), READY)
    await kept(hosted, "OLD2")
    await happens(hosted.tenant, intake.drain, str(hosted.connection_id), maria.chat)

    (asked,) = history.asked_past
    assert timedelta(days=7) - timedelta(minutes=1) < timezone.now() - asked < timedelta(days=7, minutes=1)

    def filed():
        ticket = Ticket.objects.get(chat=maria.chat)
        texts = list(
            Message.objects.filter(ticket=ticket).order_by("sent_at", "id").values_list("text", flat=True)
        )
        return ticket, texts

    ticket, texts = await happens(hosted.tenant, filed)
    assert (ticket.status, ticket.is_history, ticket.unread) == ("closed", True, 0)
    assert texts == ["Last month", "Our answer"]
    await end(hosted)


async def test_without_the_wish_no_history_is_asked_for(host, history):
    hosted = await host()
    link = await hosted.link()
    link.tells(wire.Linked(credentials=b"key"), READY)
    await hosted.until("connected")

    assert history.asked_past == []
    await end(hosted)


async def test_an_absence_that_matters_is_told_of_and_a_blink_is_not(host, gateway):
    hosted = await host()
    for down_since, told in ((ago(seconds=5), 0), (ago(minutes=9), 1)):
        await hosted.becomes(down_since=down_since, linked_at=ago(days=1), state="reconnecting")
        link = await hosted.link()
        link.tells(READY)
        await hosted.until_row(state="connected", down_since=None)
        assert await happens(hosted.tenant, lambda: rejoined().count()) == told
        link.tells(wire.Ended(state="reconnecting", reason="connection_lost"))
        await hosted.until("reconnecting")
    await end(hosted)


def rejoined():
    return Event.objects.filter(kind="connection.rejoined")
