"""Giving a ticket back to its sector's queue."""

import pytest
from world import browser

from tickets.actions import NotInService, NotYours, return_ticket
from tickets.models import Message


def assignment(ticket):
    return f"tickets/{ticket.id}/assignment/"


def test_the_member_who_serves_it_gives_it_back(bruno, open_ticket):
    answer = browser(bruno).delete(assignment(open_ticket))

    assert answer.status_code == 200
    row = answer.json()
    assert (row["status"], row["assignee"], row["taken_at"]) == ("waiting", None, None)
    assert row["queued_at"] > open_ticket.queued_at.isoformat()


def test_a_stranger_gets_404(rui, open_ticket):
    assert browser(rui, tenant="rival").delete(assignment(open_ticket)).status_code == 404


def test_an_agent_who_does_not_serve_it_gets_404(carla, open_ticket):
    assert browser(carla).delete(assignment(open_ticket)).status_code == 404


def test_a_wrong_method_gets_405(bruno, open_ticket):
    assert browser(bruno).patch(assignment(open_ticket)).status_code == 405


def test_the_event_is_recorded(bruno, open_ticket, log):
    return_ticket(open_ticket, by=bruno)

    told = log.last("ticket.returned")
    assert told["was"] == {
        "status": "in_service",
        "sector_id": str(open_ticket.sector_id),
        "assignee_id": str(bruno.id),
    }
    assert told["standing"]["assignee_id"] is None


def test_a_supervisor_may_give_back_a_colleagues_ticket(sofia, open_ticket):
    assert return_ticket(open_ticket, by=sofia).assignee is None


def test_another_agent_may_not_even_from_code(carla, open_ticket):
    with pytest.raises(NotYours) as refused:
        return_ticket(open_ticket, by=carla)

    assert refused.value.fields["assignee"]["name"] == "Bruno"


@pytest.mark.parametrize("standing", ["waiting_ticket", "closed_ticket"])
def test_only_a_ticket_in_service_can_be_given_back(standing, request, ana):
    with pytest.raises(NotInService):
        return_ticket(request.getfixturevalue(standing), by=ana)


def test_colleagues_of_the_sector_see_it_waiting_again(bruno, open_ticket):
    return_ticket(open_ticket, by=bruno)

    waiting = browser(bruno).get("tickets/?status=waiting").json()["results"]
    assert [row["id"] for row in waiting] == [str(open_ticket.id)]


def test_the_timeline_names_the_sector(bruno, open_ticket):
    return_ticket(open_ticket, by=bruno)

    entry = Message.objects.filter(ticket=open_ticket, kind="entry").latest("id").entry
    assert (entry["what"], entry["sector"]["name"]) == ("returned", "Sales")
