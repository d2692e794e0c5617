"""Marking what the customer wrote as read."""

from world import browser

from connections.models import Outbound
from tickets.actions import mark_read
from tickets.models import Ticket


def read_mark(ticket):
    return f"tickets/{ticket.id}/read-mark/"


def test_the_member_who_serves_it_has_read_it(bruno, open_ticket):
    assert open_ticket.unread == 1
    answer = browser(bruno).post(read_mark(open_ticket))

    assert answer.status_code == 200
    assert answer.json()["unread"] == 0


def test_a_stranger_gets_404(rui, open_ticket):
    assert browser(rui, tenant="rival").post(read_mark(open_ticket)).status_code == 404


def test_an_agent_who_does_not_see_it_gets_404(carla, open_ticket):
    assert browser(carla).post(read_mark(open_ticket)).status_code == 404


def test_a_wrong_method_gets_405(bruno, open_ticket):
    assert browser(bruno).get(read_mark(open_ticket)).status_code == 405


def test_the_event_is_recorded(bruno, open_ticket, log):
    mark_read(open_ticket, by=bruno)

    assert log.last("ticket.read")["ticket"]["unread"] == 0


def test_the_customer_gets_blue_ticks_for_all_that_was_unread(bruno, open_ticket, maria):
    first = maria.writes("Hello?")
    second = maria.writes("Are you there?")

    mark_read(Ticket.objects.get(id=open_ticket.id), by=bruno)

    told = Outbound.objects.get(kind="read")
    assert set(told.payload["ids"]) >= {first.wa_id, second.wa_id}
    assert len(told.payload["ids"]) == 3
    assert told.chat == maria.chat


def test_blue_ticks_do_not_wait_behind_an_answer(bruno, open_ticket):
    mark_read(open_ticket, by=bruno)

    assert Outbound.objects.get(kind="read").lane != open_ticket.id


def test_a_supervisor_who_looks_on_does_not_read_for_the_agent(sofia, open_ticket, log):
    answer = browser(sofia).post(read_mark(open_ticket))

    assert (answer.status_code, answer.json()["unread"]) == (200, 1)
    assert log.kinds() == []


def test_nothing_unread_is_nothing_to_tell(bruno, open_ticket, log):
    mark_read(open_ticket, by=bruno)
    before = log.kinds()
    mark_read(Ticket.objects.get(id=open_ticket.id), by=bruno)

    assert log.kinds() == before
    assert Outbound.objects.filter(kind="read").count() == 1
