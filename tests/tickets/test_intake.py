"""From what a session stored to contact, ticket and messages: in order, once, one at a time per chat."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from world import Customer, answer, deliver, line_of, take_line

from connections import inbound, wire
from connections.actions import create_connection, start_connection
from connections.models import Connection, Inbound
from tenants.scope import working_for
from tickets import intake
from tickets.models import Contact, Identity, Message, Ticket


def stored(line, *happenings):
    """The session stored them; nobody has taken them in yet."""
    for happening in happenings:
        inbound.accept(line.connection, happening, lease=line.lease)


def texts(ticket):
    return [
        message.text
        for message in Message.objects.filter(ticket=ticket, kind="text").order_by("sent_at", "id")
    ]


def test_a_first_message_makes_contact_ticket_and_message(maria, log):
    message = maria.writes("Where is my order?")

    ticket = message.ticket
    assert (ticket.status, ticket.number, ticket.unread) == ("waiting", 1, 1)
    assert ticket.sector.name == "Sales", "the connection's own sector"
    assert (ticket.contact.name, ticket.contact.phone) == ("Maria", "+5511987654321")
    assert (message.direction, message.origin, message.text) == ("in", "customer", "Where is my order?")
    assert log.kinds() == ["connection.happenings_stored", "ticket.opened", "message.received"]


def test_the_next_message_joins_the_open_ticket(maria, waiting_ticket):
    message = maria.writes("It is urgent")

    assert message.ticket_id == waiting_ticket.id
    assert Ticket.objects.get(id=waiting_ticket.id).unread == 2
    assert Contact.objects.count() == 1


def test_a_customer_gets_one_ticket_per_connection(maria, waiting_ticket, sales):
    second = create_connection(name="Second", driver="simulator", sector=sales)
    start_connection(second)
    other = Customer("Maria", maria.number, take_line(second)).writes("Hello there")

    assert other.ticket_id != waiting_ticket.id
    assert other.ticket.contact_id == waiting_ticket.contact_id, "one person, two numbers of ours"


def test_the_same_person_writing_to_two_tenants_is_two_contacts(maria, waiting_ticket, rival, rui):
    with working_for(rival):
        connection = Connection.objects.select_related("tenant", "sector").get()
        theirs = Customer("Maria", maria.number, line_of(connection)).writes("A word to Rival")
        assert theirs.ticket.contact_id != waiting_ticket.contact_id

    assert Message.objects.filter(text="A word to Rival").count() == 0


def test_numbers_count_up_per_tenant_without_gaps(line):
    numbers = [Customer(f"C{n}", f"+55119000000{n}", line).writes("Hi").ticket.number for n in range(1, 5)]

    assert numbers == [1, 2, 3, 4]


def test_messages_keep_the_order_they_were_stored_in(line, maria):
    second = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
    stored(line, *[maria.message(f"{n}", sent_at=second) for n in range(20)])
    intake.drain(str(line.connection.id), maria.chat)

    assert texts(Ticket.objects.get()) == [f"{n}" for n in range(20)]


def test_an_older_message_that_arrives_late_goes_to_its_place(maria, waiting_ticket):
    an_hour_ago = timezone.now().replace(microsecond=0) - timedelta(hours=1)
    maria.writes("I wrote this before", sent_at=an_hour_ago)

    assert texts(waiting_ticket) == ["I wrote this before", "Where is my order?"]
    ticket = Ticket.objects.get(id=waiting_ticket.id)
    assert ticket.last_message["text"] == "Where is my order?"
    assert ticket.unread == 2


def test_a_message_told_twice_is_kept_once(line, maria, log):
    told = maria.message("Once")

    assert line.hears(told) is True
    assert line.hears(told) is False
    assert Message.objects.filter(text="Once").count() == 1
    assert log.kinds().count("message.received") == 1


def test_draining_again_takes_in_nothing_twice(line, maria, waiting_ticket):
    assert intake.drain(str(line.connection.id), maria.chat) == 0


def test_a_name_comes_with_the_first_message_of_their_own(maria, line):
    """Written to first from the phone: a ticket of before gives the contact, without a name."""
    stranger = Customer("Paula", "+5531911112222", line)
    stranger.writes("", sender_name="")
    assert Contact.objects.get(phone=stranger.number).name == ""

    stranger.writes("It is me")
    assert Contact.objects.get(phone=stranger.number).name == "Paula"


def test_a_chat_without_a_phone_number_is_known_by_its_other_identity(line):
    hidden = Customer("Hidden", "+0", line)
    hidden.chat = "98765@lid"
    contact = hidden.writes("Hello").ticket.contact

    assert contact.phone is None
    assert list(Identity.objects.filter(contact=contact).values_list("kind", "value")) == [("lid", "98765")]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("location", {"place": wire.Place(latitude=-23.5, longitude=-46.6, name="Here", address="There")}),
        ("contact", {}),
        ("sticker", {}),
        ("unsupported", {}),
    ],
)
def test_every_kind_of_message_opens_a_ticket(kind, more, maria):
    message = maria.writes("", message_kind=kind, **more)

    assert message.kind == kind
    assert message.ticket.status == "waiting"
    if kind == "location":
        assert message.location == {"latitude": -23.5, "longitude": -46.6, "name": "Here", "address": "There"}


def test_a_reply_shows_what_it_quotes(bruno, open_ticket, line, maria):
    ours = deliver(line, answer(open_ticket, "Blue or green?", by=bruno))
    reply = maria.writes("Green", quoted_id=ours.wa_id)

    assert reply.quoted_id == ours.id


def test_a_reply_to_an_answer_whose_sending_is_not_settled_yet_shows_it_too(bruno, open_ticket, maria):
    ours = answer(open_ticket, "Blue or green?", by=bruno)
    reply = maria.writes("Green", quoted_id=ours.id.hex.upper())

    assert reply.quoted_id == ours.id


def test_a_quote_from_before_our_time_is_remembered_as_such(maria):
    reply = maria.writes("As I said", quoted_id="SOMETHING-OLD")

    assert (reply.quoted_id, reply.quoted_wa_id) == (None, "SOMETHING-OLD")


# --- written on the phone itself --------------------------------------------------------------


def test_an_answer_from_the_phone_joins_the_open_ticket(open_ticket, maria, log):
    told = maria.is_written_to_from_the_phone("Answered from my phone")

    echo = maria.got(told.id)
    assert (echo.ticket_id, echo.direction, echo.origin, echo.ack) == (open_ticket.id, "out", "phone", "sent")
    assert Ticket.objects.get(id=open_ticket.id).unread == 1, "ours are never unread"
    assert log.last("message.sent")["message"]["origin"] == "phone"


def test_an_answer_from_the_phone_to_a_stranger_opens_nothing(maria, line, log):
    maria.is_written_to_from_the_phone()

    assert not Ticket.objects.exists()
    assert "message.sent" not in log.kinds()
    assert not Inbound.objects.filter(taken_in_at=None).exists()


def test_an_answer_from_the_phone_is_filed_in_the_last_ticket_which_stays_closed(closed_ticket, maria):
    told = maria.is_written_to_from_the_phone("One more thing")

    assert maria.got(told.id).ticket_id == closed_ticket.id
    assert Ticket.objects.get(id=closed_ticket.id).status == "closed"


@pytest.mark.parametrize("settled_first", [True, False])
def test_the_echo_of_our_own_answer_is_no_second_message(settled_first, bruno, open_ticket, line, maria):
    ours = answer(open_ticket, "On its way", by=bruno)
    if settled_first:
        deliver(line, ours)
    line.hears(maria.message("On its way", id=ours.id.hex.upper(), from_me=True))

    assert Message.objects.filter(ticket=open_ticket, text="On its way").count() == 1


# --- what cannot be taken in ------------------------------------------------------------------


def test_what_nobody_understands_is_kept_raw_and_holds_nobody_up(line, maria, log):
    stored(line, wire.Unknown(chat=maria.chat, raw={"kind": "poll", "votes": 3}))
    message = maria.writes("After it")

    assert message.text == "After it"
    kept = Inbound.objects.get(kind="unknown")
    assert kept.taken_in_at is not None
    assert kept.payload["raw"] == {"kind": "poll", "votes": 3}


def test_a_message_that_fails_holds_up_the_next_ones_until_it_is_set_aside(line, maria, monkeypatch):
    """Order matters, so what came after waits; but not for ever."""

    def choke(connection, payload):
        raise ValueError("indigestible")

    monkeypatch.setitem(intake.TAKERS, "reaction", choke)
    bad = wire.Reaction(chat=maria.chat, id="R", target_id="T", emoji="x", from_me=False)
    stored(line, bad, maria.message("After it"))
    attempts = []
    for _ in range(intake.MAX_ATTEMPTS):
        attempts.append(Message.objects.filter(text="After it").count())
        intake.drain(str(line.connection.id), maria.chat)

    assert attempts == [0] * intake.MAX_ATTEMPTS
    assert Message.objects.filter(text="After it").count() == 1
    aside = Inbound.objects.get(kind="reaction")
    assert aside.attempts == intake.MAX_ATTEMPTS
    assert aside.error == "ValueError", "not its words, which may be a customer's"


def test_of_several_that_wait_those_before_a_failing_one_come_through(line, maria, monkeypatch):
    def choke(connection, payload):
        raise ValueError("indigestible")

    monkeypatch.setitem(intake.TAKERS, "reaction", choke)
    bad = wire.Reaction(chat=maria.chat, id="R", target_id="T", emoji="x", from_me=False)
    stored(line, maria.message("One"), maria.message("Two"), bad, maria.message("After it"))
    intake.drain(str(line.connection.id), maria.chat)

    assert texts(Ticket.objects.get()) == ["One", "Two"]
    assert [row.kind for row in Inbound.objects.filter(taken_in_at=None).order_by("id")] == [
        "reaction",
        "message",
    ]


def test_no_words_of_a_failure_are_kept_or_logged(line, maria, monkeypatch, caplog):
    """PostgreSQL names the row that it refuses, and in it whose phone that is."""

    def choke(connection, payload):
        twin = Identity.objects.create(kind="phone", value=maria.number, contact=Contact.objects.create())
        Identity.objects.create(kind="phone", value=twin.value, contact=twin.contact)

    monkeypatch.setitem(intake.TAKERS, "message", choke)
    stored(line, maria.message("A secret"))
    intake.drain(str(line.connection.id), maria.chat)

    assert Inbound.objects.get().error == "IntegrityError 23505 tickets_identity identity_of_one_contact"
    assert "not taken in" in caplog.text
    assert maria.number.strip("+") not in caplog.text


def test_what_is_written_to_a_stranger_is_logged_without_the_number(maria, caplog):
    caplog.set_level("INFO")
    maria.is_written_to_from_the_phone()

    assert "without a ticket" in caplog.text
    assert maria.number.strip("+") not in caplog.text


def test_what_failed_once_and_then_works_loses_its_error(line, maria, monkeypatch):
    taker = intake.TAKERS["message"]
    monkeypatch.setitem(intake.TAKERS, "message", lambda *_: 1 / 0)
    stored(line, maria.message("Second try"))
    intake.drain(str(line.connection.id), maria.chat)
    assert Inbound.objects.latest("id").error

    monkeypatch.setitem(intake.TAKERS, "message", taker)
    intake.drain(str(line.connection.id), maria.chat)
    kept = Inbound.objects.latest("id")
    assert (kept.error, kept.attempts) == ("", 1)
    assert Message.objects.filter(text="Second try").exists()


def test_a_failed_attempt_leaves_nothing_half_done(line, maria, monkeypatch, log):
    monkeypatch.setattr(intake, "touch", lambda *_: 1 / 0)
    stored(line, maria.message("Half"))
    intake.drain(str(line.connection.id), maria.chat)

    assert not Ticket.objects.exists()
    assert not Contact.objects.filter(name="Maria").exists()
    assert "ticket.opened" not in log.kinds()


def test_one_customers_trouble_is_not_anothers(line, maria, joao, monkeypatch):
    taker = intake.TAKERS["message"]

    def choke_on_maria(connection, payload):
        if payload["chat"] == maria.chat:
            raise ValueError("indigestible")
        taker(connection, payload)

    monkeypatch.setitem(intake.TAKERS, "message", choke_on_maria)
    stored(line, maria.message("Stuck"))
    intake.drain(str(line.connection.id), maria.chat)

    assert joao.writes("Through").ticket.status == "waiting"


def test_the_sweep_finds_chats_that_were_left_behind(acme, line, maria, joao, work_off):
    stored(line, maria.message("Lost task"), maria.message("Another"), joao.message("Too young"))
    long_ago = timezone.now() - timedelta(minutes=1)
    Inbound.objects.filter(chat=maria.chat).update(received_at=long_ago)

    assert intake.chats_left_behind() == [(str(acme.id), str(line.connection.id), maria.chat)]


def test_the_clocks_task_takes_in_what_was_left_behind(committed, acme, line, maria, work_off):
    from tickets import tasks

    with working_for(acme):
        stored(line, maria.message("Lost task"))
        Inbound.objects.update(received_at=timezone.now() - timedelta(minutes=1))
    work_off()  # the ordinary reaction has run; pretend that it never did
    with working_for(acme):
        Message.objects.filter(text="Lost task").delete()
        Inbound.objects.filter(chat=maria.chat).update(taken_in_at=None)
    tasks.take_in_late()

    assert work_off() == ["tickets.tasks.take_in_chat"]
    assert maria.got(Inbound_id(acme, maria)).text == "Lost task"


def Inbound_id(acme, customer):
    with working_for(acme):
        return Inbound.objects.get(chat=customer.chat).payload["id"]


# --- many at once -----------------------------------------------------------------------------


def test_twenty_first_messages_at_once_make_one_contact_one_ticket_and_twenty_messages(
    at_once, acme, line, maria
):
    """Each stored and taken in by a thread of its own, as by workers that race."""
    told = [maria.message(f"Message {n}") for n in range(20)]

    outcomes = at_once(line.hears, told)

    assert outcomes == [True] * 20
    with working_for(acme):
        assert Contact.objects.count() == Identity.objects.count() == 1
        ticket = Ticket.objects.get()
        assert ticket.unread == 20
        assert sorted(texts(ticket)) == sorted(happening.text for happening in told)
        assert not Inbound.objects.filter(taken_in_at=None).exists()


def test_the_same_message_stored_by_many_at_once_is_kept_once(at_once, acme, line, maria):
    told = maria.message("Once")

    outcomes = at_once(line.hears, [told] * 10)

    assert sorted(outcomes) == [False] * 9 + [True]
    with working_for(acme):
        assert Message.objects.filter(text="Once").count() == 1


def test_many_customers_at_once_get_a_ticket_each_and_numbers_without_gaps(at_once, acme, line):
    crowd = [Customer(f"C{n}", f"+55119000000{n:02}", line) for n in range(20)]

    numbers = at_once(lambda customer: customer.writes("Hi").ticket.number, crowd)

    assert sorted(numbers) == list(range(1, 21))


def test_one_person_writing_to_two_numbers_at_once_is_one_contact(at_once, acme, line, sales):
    with working_for(acme):
        second = create_connection(name="Second", driver="simulator", sector=sales)
        start_connection(second)
    lines = [line, take_line(second)]

    outcomes = at_once(lambda one: Customer("Maria", "+5511987654321", one).writes("Hello").id, lines)

    assert len(set(outcomes)) == 2
    with working_for(acme):
        assert Contact.objects.count() == Identity.objects.count() == 1
        assert Ticket.objects.count() == 2
