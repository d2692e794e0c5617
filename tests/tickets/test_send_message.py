"""Answering the customer: once, in order, by the one who serves the ticket."""

import uuid
from io import BytesIO

import pytest
from world import answer, browser, deliver, member

from accounts.actions import set_active
from connections.models import Outbound
from tenants.scope import working_for
from tickets.actions import NotInService, NotYours, TicketIsClosed, transfer_ticket
from tickets.models import Message, Ticket
from tickets.sending import IdempotencyMismatch, send_message


def messages(ticket):
    return f"tickets/{ticket.id}/messages/"


def key():
    return {"Idempotency-Key": str(uuid.uuid4())}


def test_the_member_who_serves_it_answers(bruno, open_ticket):
    answered = browser(bruno).post(messages(open_ticket), {"text": "On its way!"}, **key())

    assert answered.status_code == 201
    bubble = answered.json()
    assert (bubble["text"], bubble["direction"], bubble["ack"]) == ("On its way!", "out", "pending")
    assert (bubble["author"]["name"], bubble["origin"]) == ("Bruno", "console")


def test_a_stranger_gets_404(rui, open_ticket):
    assert browser(rui, tenant="rival").post(messages(open_ticket), {"text": "Hi"}).status_code == 404


def test_an_agent_who_does_not_see_it_gets_404(carla, open_ticket):
    assert browser(carla).post(messages(open_ticket), {"text": "Hi"}).status_code == 404


def test_a_wrong_method_gets_405(bruno, open_ticket):
    assert browser(bruno).delete(messages(open_ticket)).status_code == 405


def test_the_event_is_recorded(bruno, open_ticket, log):
    sent = answer(open_ticket, "On its way!", by=bruno)

    told = log.last("message.sent")
    assert told["message"]["id"] == str(sent.id)
    assert told["ticket"]["last_message"]["text"] == "On its way!"
    assert log.kinds() == ["connection.send_queued", "message.sent"]


def test_it_is_queued_in_the_lane_of_its_ticket(bruno, open_ticket):
    sent = answer(open_ticket, "On its way!", by=bruno)

    queued = Outbound.objects.get(client_ref=sent.id)
    assert (queued.lane, queued.chat, queued.state) == (open_ticket.id, open_ticket.chat, "queued")
    assert (queued.payload["kind"], queued.payload["text"]) == ("text", "On its way!")


def test_the_first_answer_is_noted_once(bruno, open_ticket):
    answer(open_ticket, "One", by=bruno)
    first = Ticket.objects.get(id=open_ticket.id).first_response_at
    answer(open_ticket, "Two", by=bruno)

    assert first is not None
    assert Ticket.objects.get(id=open_ticket.id).first_response_at == first


# --- whose turn it is -------------------------------------------------------------------------


def test_whoever_answers_has_read_it(bruno, maria, open_ticket):
    """Also a program that never says so: else the list shows unread messages that were answered."""
    maria.writes("Anybody there?")
    assert Ticket.objects.get(id=open_ticket.id).unread > 0
    answer(open_ticket, "Here I am", by=bruno)

    assert Ticket.objects.get(id=open_ticket.id).unread == 0


def test_not_before_the_ticket_is_taken(bruno, waiting_ticket):
    with pytest.raises(NotInService):
        answer(waiting_ticket, by=bruno)


def test_not_over_somebodys_head(sofia, open_ticket):
    """Not even who oversees every ticket: take it first."""
    with pytest.raises(NotYours) as refused:
        answer(open_ticket, by=sofia)

    assert refused.value.fields["assignee"]["name"] == "Bruno"


def test_not_after_the_ticket_was_closed(bruno, closed_ticket):
    with pytest.raises(TicketIsClosed):
        answer(closed_ticket, by=bruno)


def test_a_refused_answer_leaves_nothing(sofia, open_ticket, log):
    refused = browser(sofia).post(messages(open_ticket), {"text": "Hello"})

    assert (refused.status_code, refused.json()["code"]) == (409, "not_yours")
    assert log.kinds() == []
    assert not Outbound.objects.exists()


# --- once -------------------------------------------------------------------------------------


def test_the_same_key_with_the_same_text_gives_the_same_message(bruno, open_ticket, log):
    caller, once = browser(bruno), key()
    first = caller.post(messages(open_ticket), {"text": "Only once"}, **once)
    again = caller.post(messages(open_ticket), {"text": "Only once"}, **once)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["client_ref"] == once["Idempotency-Key"]
    assert log.kinds().count("message.sent") == 1


def test_the_same_key_with_another_text_is_an_error(bruno, open_ticket):
    caller, once = browser(bruno), key()
    caller.post(messages(open_ticket), {"text": "One thing"}, **once)
    other = caller.post(messages(open_ticket), {"text": "Another thing"}, **once)

    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")
    assert Message.objects.filter(direction="out").count() == 1


def test_the_same_key_for_another_ticket_is_an_error(bruno, open_ticket, joao):
    from tickets.actions import take_ticket

    once = uuid.uuid4()
    other = take_ticket(joao.writes("Me too").ticket, by=bruno)
    answer(open_ticket, "Hello", by=bruno, reference=once)

    with pytest.raises(IdempotencyMismatch):
        answer(other, "Hello", by=bruno, reference=once)


def test_the_key_of_a_colleague_is_another_key(bruno, sofia, open_ticket, joao):
    from tickets.actions import take_ticket

    once = uuid.uuid4()
    hers = take_ticket(joao.writes("Me too").ticket, by=sofia)

    assert answer(open_ticket, "Hello", by=bruno, reference=once).author == bruno
    assert answer(hers, "Hello", by=sofia, reference=once).author == sofia


def test_a_repeat_gives_the_message_even_when_the_turn_is_over(bruno, open_ticket, support):
    """The answer got lost, the ticket has moved on: the sender still learns that it was accepted."""
    once = uuid.uuid4()
    sent = answer(open_ticket, "Bye", by=bruno, reference=once)
    transfer_ticket(open_ticket, sector=support, to=None, by=bruno)

    known, is_new = send_message(open_ticket, by=bruno, reference=once, text="Bye")
    assert (known.id, is_new) == (sent.id, False)


def test_a_repeat_over_http_finds_a_ticket_that_has_gone_out_of_sight(bruno, open_ticket, support, carla):
    caller, once = browser(bruno), key()
    first = caller.post(messages(open_ticket), {"text": "Bye"}, **once)
    transfer_ticket(open_ticket, sector=support, to=carla, by=bruno)

    again = caller.post(messages(open_ticket), {"text": "Bye"}, **once)
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    other = caller.post(messages(open_ticket), {"text": "Something else"}, **once)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")
    for body, headers in [({"text": "Bye"}, key()), ({"text": "Bye"}, {}), ({}, once)]:
        assert caller.post(messages(open_ticket), body, **headers).status_code == 404
    assert browser(carla).post(messages(open_ticket), {"text": "Bye"}, **once).status_code == 201


def test_without_a_key_every_request_is_a_message(bruno, open_ticket):
    caller = browser(bruno)
    ids = {caller.post(messages(open_ticket), {"text": "Twice"}).json()["id"] for _ in range(2)}

    assert len(ids) == 2


def test_a_key_that_is_no_uuid_is_refused(bruno, open_ticket):
    refused = browser(bruno).post(messages(open_ticket), {"text": "Hi"}, **{"Idempotency-Key": "once"})

    assert (refused.status_code, refused.json()["code"]) == (400, "bad_idempotency_key")


def test_twenty_requests_at_once_with_one_key_make_one_message(at_once, acme, open_ticket):
    bruno, once = member("Bruno"), uuid.uuid4()

    def send(_):
        with working_for(acme):
            message, is_new = send_message(open_ticket, by=bruno, reference=once, text="Only once")
            return message.id, is_new

    told = at_once(send, list(range(20)))

    assert {message_id for message_id, _new in told} == {told[0][0]}
    assert sorted(is_new for _id, is_new in told) == [False] * 19 + [True]
    with working_for(acme):
        assert Message.objects.filter(direction="out").count() == 1
        assert Outbound.objects.filter(kind="message").count() == 1


def test_one_key_in_two_tickets_at_once_makes_one_message_and_one_error(at_once, acme, open_ticket, joao):
    from tickets.actions import take_ticket

    bruno, once = member("Bruno"), uuid.uuid4()
    with working_for(acme):
        other = take_ticket(joao.writes("Me too").ticket, by=bruno)

    def send(ticket):
        answered = browser(bruno).post(messages(ticket), {"text": "Hello"}, **{"Idempotency-Key": str(once)})
        return answered.status_code

    assert sorted(at_once(send, [open_ticket, other] * 4)) == [200] * 3 + [201] + [409] * 4


def test_answers_sent_at_once_all_arrive_and_the_row_counts_them(at_once, acme, open_ticket):
    bruno = member("Bruno")

    def send(number):
        with working_for(acme):
            return answer(open_ticket, f"Line {number}", by=bruno).id

    ids = at_once(send, list(range(10)))

    with working_for(acme):
        assert set(Message.objects.filter(direction="out").values_list("id", flat=True)) == set(ids)
        assert Ticket.objects.get(id=open_ticket.id).version == open_ticket.version + 10


# --- what it says -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": "  \n "}, {"text": None}, {"text": 5 * "x" * 1000}]
)
def test_an_answer_must_say_something_and_not_too_much(body, bruno, open_ticket):
    refused = browser(bruno).post(messages(open_ticket), body)

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert "text" in refused.json()["fields"]


def test_nul_characters_are_refused_not_crashed_upon(bruno, open_ticket):
    assert browser(bruno).post(messages(open_ticket), {"text": "a\x00b"}).status_code == 400


@pytest.mark.parametrize(
    "text", ["olá 👋🏽 ñ ü", "<script>alert(1)</script>", "{{ 7 * 7 }} {% now %}", "a\n\n  b  "]
)
def test_text_travels_as_it_was_written(text, bruno, open_ticket):
    answered = browser(bruno).post(messages(open_ticket), {"text": text})

    assert answered.json()["text"] == text
    assert Outbound.objects.get().payload["text"] == text


def test_an_answer_quotes_what_the_customer_wrote(bruno, open_ticket, maria):
    question = maria.writes("Do you ship abroad?")
    answered = browser(bruno).post(messages(open_ticket), {"text": "Yes", "quoted_id": str(question.id)})

    quoted = answered.json()["quoted"]
    assert (quoted["id"], quoted["text"], quoted["author_name"]) == (str(question.id), question.text, "Maria")
    assert Outbound.objects.get().payload["quoted_id"] == question.wa_id


def test_a_message_of_somebody_else_cannot_be_quoted(bruno, open_ticket, joao):
    foreign = joao.writes("A secret")
    refused = browser(bruno).post(messages(open_ticket), {"text": "So?", "quoted_id": str(foreign.id)})

    assert refused.status_code == 404


def test_quoting_ones_own_answer_tells_its_id_in_whatsapp(bruno, open_ticket, line):
    mine = deliver(line, answer(open_ticket, "It is 10 reais", by=bruno))
    answer(open_ticket, "I mean: 12", by=bruno, quoted=mine)

    assert Outbound.objects.latest("id").payload["quoted_id"] == mine.wa_id


def test_quoting_an_answer_that_is_still_on_its_way_tells_its_id_too(bruno, open_ticket):
    """It travels under its own reference, so its id is known before WhatsApp has it."""
    mine = answer(open_ticket, "It is 10 reais", by=bruno)
    answer(open_ticket, "I mean: 12", by=bruno, quoted=mine)

    assert Outbound.objects.latest("id").payload["quoted_id"] == mine.id.hex.upper()


def test_a_file_goes_with_its_caption(bruno, open_ticket):
    file = BytesIO(b"%PDF-1.4 the invoice")
    file.name = "invoice.pdf"
    answered = browser(bruno).post(messages(open_ticket), {"file": file, "text": "Your invoice"}, **key())

    assert answered.status_code == 201
    bubble = answered.json()
    assert (bubble["kind"], bubble["text"], bubble["media"]["name"]) == (
        "document",
        "Your invoice",
        "invoice.pdf",
    )
    assert Outbound.objects.get().payload["media"]["name"] == "invoice.pdf"


def test_the_same_key_with_another_file_is_an_error(bruno, open_ticket):
    caller, once = browser(bruno), key()
    codes = []
    for content in (b"%PDF-1.4 one", b"%PDF-1.4 one", b"%PDF-1.4 two"):
        file = BytesIO(content)
        file.name = "invoice.pdf"
        codes.append(caller.post(messages(open_ticket), {"file": file}, **once).status_code)

    assert codes == [201, 200, 409]


def test_a_member_who_was_shut_out_does_not_answer(bruno, open_ticket):
    caller = browser(bruno)
    set_active(bruno, is_active=False)

    assert caller.post(messages(open_ticket), {"text": "Hi"}).status_code == 404
