"""Closing a ticket."""

import pytest
from world import browser

from tickets.actions import NotYours, TicketIsClosed, close_ticket
from tickets.models import Message, Ticket


def closure(ticket):
    return f"tickets/{ticket.id}/closure/"


def test_the_member_who_serves_it_closes_it(bruno, open_ticket):
    answer = browser(bruno).post(closure(open_ticket))

    assert answer.status_code == 200
    row = answer.json()
    assert (row["status"], row["closed_by"]["name"]) == ("closed", "Bruno")
    assert row["closed_at"]


def test_a_stranger_gets_404(rui, open_ticket):
    assert browser(rui, tenant="rival").post(closure(open_ticket)).status_code == 404


def test_an_agent_who_does_not_see_it_gets_404(carla, open_ticket):
    assert browser(carla).post(closure(open_ticket)).status_code == 404


def test_a_wrong_method_gets_405(bruno, open_ticket):
    assert browser(bruno).put(closure(open_ticket)).status_code == 405


def test_the_event_is_recorded(bruno, open_ticket, log):
    close_ticket(open_ticket, by=bruno)

    told = log.last("ticket.closed")
    assert (told["was"]["status"], told["standing"]["status"]) == ("in_service", "closed")
    assert told["by"]["name"] == "Bruno"


def test_a_closed_ticket_cannot_be_closed_again(bruno, closed_ticket, log):
    with pytest.raises(TicketIsClosed):
        close_ticket(closed_ticket, by=bruno)

    assert log.kinds() == []


def test_closing_a_colleagues_ticket_takes_oversight(carla, sofia, open_ticket):
    with pytest.raises(NotYours):
        close_ticket(open_ticket, by=carla)

    closed = close_ticket(open_ticket, by=sofia)
    assert (closed.closed_by.name, closed.assignee.name) == ("Sofia", "Bruno")


def test_whoever_closes_a_waiting_ticket_keeps_it_in_sight(bruno, waiting_ticket):
    close_ticket(waiting_ticket, by=bruno)

    assert browser(bruno).get(f"tickets/{waiting_ticket.id}/").status_code == 200
    assert Ticket.objects.get(id=waiting_ticket.id).assignee == bruno


def test_the_timeline_says_who_closed_it(bruno, open_ticket):
    close_ticket(open_ticket, by=bruno)

    entry = Message.objects.filter(ticket=open_ticket, kind="entry").latest("id").entry
    assert (entry["what"], entry["by"]["name"]) == ("closed", "Bruno")


def test_the_counters_follow(bruno, open_ticket):
    close_ticket(open_ticket, by=bruno)

    assert browser(bruno).get("tickets/counters/").json() == {"waiting": 0, "in_service": 0, "closed": 1}
