"""Ticks: how far a message got. Their level only rises, whatever order the news come in."""

import itertools

import pytest
from world import answer, deliver, fail

from connections import inbound, outbound, wire
from connections.choices import Ack
from connections.models import Inbound, Outbound
from connections.wire import Sent
from tenants.scope import working_for
from tickets import intake, sending
from tickets.actions import take_ticket
from tickets.choices import rises
from tickets.models import EarlyTicks, Message, Ticket
from tickets.sending import settle_send

ORDER = ["pending", "sent", "failed", "delivered", "read", "played"]

# level now → the levels it may move to
RISES = {
    None: {"pending", "sent", "delivered", "read", "played", "failed", "unconfirmed"},
    "pending": {"sent", "delivered", "read", "played", "failed", "unconfirmed"},
    "failed": {"delivered", "read", "played"},
    "unconfirmed": {"sent", "delivered", "read", "played", "failed"},
    "sent": {"delivered", "read", "played", "failed"},
    "delivered": {"read", "played"},
    "read": {"played"},
    "played": set(),
}


@pytest.mark.parametrize(("now", "then"), list(itertools.product(RISES, Ack.values)))
def test_the_table_of_levels(now, then):
    assert rises(now, then) == (then in RISES[now])


def test_the_table_names_every_level():
    assert set(RISES) == {None, *Ack.values}


@pytest.fixture
def sent(bruno, open_ticket, line):
    return deliver(line, answer(open_ticket, "On its way", by=bruno))


def level(message):
    return Message.objects.get(id=message.id).ack


@pytest.mark.parametrize("order", list(itertools.permutations(["delivered", "read", "played"])), ids="-".join)
def test_ticks_in_any_order_end_at_the_highest(order, sent, maria):
    seen = [level(sent)]
    for told in order:
        maria.ticks(told, sent.wa_id)
        seen.append(level(sent))

    assert seen[-1] == "played"
    assert [ORDER.index(one) for one in seen] == sorted(ORDER.index(one) for one in seen)


def test_whatsapp_may_refuse_what_it_took_and_says_why(sent, maria, line):
    ticks = {"ids": (sent.wa_id,), "level": "failed", "error_code": "window_closed", "error": "131047 Late"}
    line.hears(wire.Ticks(chat=maria.chat, **ticks))
    maria.ticks("sent", sent.wa_id)

    refused = Message.objects.get(id=sent.id)
    assert (refused.ack, refused.error_code, refused.error) == ("failed", "window_closed", "131047 Late")


def test_a_failure_told_late_does_not_undo_a_delivery(sent, maria):
    maria.ticks("delivered", sent.wa_id)
    maria.ticks("failed", sent.wa_id)

    assert level(sent) == "delivered"


def test_a_tick_that_proves_delivery_overrules_a_failure(bruno, open_ticket, line, maria):
    failed = fail(line, answer(open_ticket, "Hello", by=bruno))
    maria.ticks("delivered", failed.id.hex.upper())

    assert level(failed) == "delivered"


def test_ticks_may_come_before_the_news_of_the_send(bruno, open_ticket, line, maria):
    """The gateway's ticks overtook the answer to our own request."""
    early = answer(open_ticket, "Quick", by=bruno)
    maria.ticks("read", early.id.hex.upper())
    assert level(early) == "read"

    settled = deliver(line, early)
    assert (settled.ack, settled.wa_id) == ("read", early.id.hex.upper())


def test_ticks_may_come_before_the_message_is_known_at_all(open_ticket, maria):
    told = maria.message("From my phone", from_me=True)
    maria.ticks("delivered", told.id)
    maria.ticks("sent", told.id)
    maria.line.hears(told)

    assert maria.got(told.id).ack == "delivered"
    assert not EarlyTicks.objects.exists(), "they have said all they had to say"


def test_early_ticks_only_rise_too(open_ticket, maria):
    for told in ("read", "delivered", "sent"):
        maria.ticks(told, "UNKNOWN-YET")

    assert EarlyTicks.objects.get(wa_id="UNKNOWN-YET").ack == "read"


def test_ticks_for_what_the_customer_wrote_mean_nothing(open_ticket, maria):
    received = maria.writes("Hello")
    maria.ticks("read", received.wa_id)

    assert level(received) is None


def test_one_tick_may_speak_of_many_messages(bruno, open_ticket, line, maria):
    both = [deliver(line, answer(open_ticket, text, by=bruno)) for text in ("One", "Two")]
    maria.ticks("read", *[message.wa_id for message in both])

    assert [level(message) for message in both] == ["read", "read"]


def test_of_ticks_that_wait_together_only_the_highest_is_told(sent, line, log):
    chat = sent.ticket.chat
    waiting = [
        wire.Ticks(chat=chat, ids=(sent.wa_id,), level=told) for told in ("delivered", "played", "read")
    ]
    inbound.accept_all(line.connection, waiting, lease=line.lease)
    before = log.kinds().count("message.changed")
    intake.drain(str(line.connection.id), chat)

    assert level(sent) == "played"
    assert log.kinds().count("message.changed") == before + 1
    assert not Inbound.objects.filter(taken_in_at=None).exists()


def test_the_row_of_the_ticket_shows_the_ticks_of_its_last_message(sent, maria, log):
    before = Ticket.objects.get(id=sent.ticket_id)
    maria.ticks("read", sent.wa_id)

    ticket = Ticket.objects.get(id=sent.ticket_id)
    assert (before.last_message["ack"], ticket.last_message["ack"]) == ("sent", "read")
    assert ticket.version > before.version
    assert log.last("message.changed")["ticket"]["last_message"]["ack"] == "read"


def test_a_tick_that_changes_nothing_is_not_told(sent, maria, log):
    maria.ticks("read", sent.wa_id)
    told = log.kinds().count("message.changed")
    maria.ticks("delivered", sent.wa_id)

    assert log.kinds().count("message.changed") == told


# --- what became of a send --------------------------------------------------------------------


def test_a_sent_message_knows_its_id_in_whatsapp(sent, log):
    assert (sent.ack, sent.wa_id) == ("sent", sent.id.hex.upper())


def test_settling_twice_is_settling_once(sent, log):
    settle_send(Outbound.objects.get(client_ref=sent.id).id)

    assert log.kinds().count("message.changed") == 0
    assert level(sent) == "sent"


def test_news_of_a_first_attempt_do_not_undo_a_second_one(bruno, open_ticket, line, monkeypatch):
    """The failure is told once more, and its reader waits for the ticket while it is tried again."""
    failed = fail(line, answer(open_ticket, "Hello", by=bruno))
    first = Outbound.objects.get(client_ref=failed.id)
    lock = sending.lock_ticket

    def lock_after_a_while(ticket):
        monkeypatch.setattr(sending, "lock_ticket", lock)
        sending.retry_message(failed, by=bruno)
        return lock(ticket)

    monkeypatch.setattr(sending, "lock_ticket", lock_after_a_while)
    settle_send(first.id)

    assert level(failed) == "pending"


def test_a_refused_message_says_why(bruno, open_ticket, line, log):
    failed = fail(line, answer(open_ticket, "Hello", by=bruno), code="not_on_whatsapp")

    assert (failed.ack, failed.error_code, failed.error) == ("failed", "not_on_whatsapp", "Refused.")
    assert log.last("message.changed")["message"]["error"] == {
        "code": "not_on_whatsapp",
        "message": "Refused.",
    }


def test_an_unconfirmed_message_says_so_and_may_still_be_confirmed(bruno, open_ticket, line, maria):
    doubtful = answer(open_ticket, "Hello", by=bruno)
    sending = outbound.claim(line.lease)
    outbound.mark_unconfirmed(line.lease, sending.id)
    settle_send(sending.id)
    assert level(doubtful) == "unconfirmed"

    maria.ticks("delivered", doubtful.id.hex.upper())
    assert level(doubtful) == "delivered"


def test_settling_a_read_mark_touches_no_message(bruno, open_ticket, line, log):
    from tickets.actions import mark_read

    mark_read(open_ticket, by=bruno)
    sending = outbound.claim(line.lease)
    outbound.mark_sent(line.lease, sending.id, Sent(wa_id=""))
    before = log.kinds()
    settle_send(sending.id)

    assert log.kinds() == before


def test_settling_what_is_gone_does_nothing(acme, log):
    settle_send(10**12)

    assert log.kinds() == []


def test_ticks_that_come_while_the_name_is_written_down_are_not_lost(at_once, acme, line, bruno, maria):
    """A gateway that names messages itself: ticks may come in the very moment in which we learn the name."""

    def prepare(number):
        with working_for(acme):
            message = answer(ticket, f"{number}", by=bruno)
            one = outbound.claim(line.lease)
            outbound.mark_sent(line.lease, one.id, Sent(wa_id=f"3EB0{number:018}"))
            ticks = wire.Ticks(chat=ticket.chat, ids=(f"3EB0{number:018}",), level="delivered")
            inbound.accept(line.connection, ticks, lease=line.lease)
            return message.id, one.id

    def either(what):
        with working_for(acme):
            what()

    with working_for(acme):
        ticket = take_ticket(maria.writes("Hello").ticket, by=bruno)
    for number in range(15):
        message_id, outbound_id = prepare(number)
        at_once(
            either,
            [
                lambda outbound_id=outbound_id: sending.settle_send(outbound_id),
                lambda: intake.drain(str(line.connection.id), ticket.chat),
            ],
        )
        with working_for(acme):
            assert Message.objects.get(id=message_id).ack == "delivered", number
            assert not EarlyTicks.objects.exists()
