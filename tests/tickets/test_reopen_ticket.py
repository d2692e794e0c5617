"""Going on with a closed ticket."""

import pytest
from django.utils import timezone
from world import browser

from tickets.actions import OtherTicketOpen, TicketIsOpen, reopen_ticket
from tickets.models import Message, Ticket


def closure(ticket):
    return f"tickets/{ticket.id}/closure/"


def test_whoever_reopens_a_ticket_serves_it(bruno, closed_ticket):
    answer = browser(bruno).delete(closure(closed_ticket))

    assert answer.status_code == 200
    row = answer.json()
    assert (row["status"], row["assignee"]["name"]) == ("in_service", "Bruno")
    assert (row["closed_at"], row["closed_by"]) == (None, None)


def test_a_stranger_gets_404(rui, closed_ticket):
    assert browser(rui, tenant="rival").delete(closure(closed_ticket)).status_code == 404


def test_an_agent_who_does_not_see_it_gets_404(carla, closed_ticket):
    assert browser(carla).delete(closure(closed_ticket)).status_code == 404


def test_a_wrong_method_gets_405(bruno, closed_ticket):
    assert browser(bruno).patch(closure(closed_ticket)).status_code == 405


def test_the_event_is_recorded(sofia, closed_ticket, log):
    reopen_ticket(closed_ticket, by=sofia)

    told = log.last("ticket.reopened")
    assert (told["was"]["status"], told["standing"]["assignee_id"]) == ("closed", str(sofia.id))


@pytest.mark.parametrize("standing", ["waiting_ticket", "open_ticket"])
def test_only_a_closed_ticket_can_be_reopened(standing, request, ana):
    with pytest.raises(TicketIsOpen):
        reopen_ticket(request.getfixturevalue(standing), by=ana)


def test_not_while_the_contact_has_another_open_ticket(bruno, closed_ticket, maria, log):
    """One open ticket per contact and connection: the database holds it, the agent is told."""
    long_ago = timezone.now() - timezone.timedelta(days=2)
    Ticket.objects.filter(id=closed_ticket.id).update(closed_at=long_ago)
    newer = maria.writes("Something else").ticket
    assert newer.id != closed_ticket.id

    answer = browser(bruno).delete(closure(closed_ticket))

    assert (answer.status_code, answer.json()["code"]) == (409, "other_ticket_open")
    assert Ticket.objects.get(id=closed_ticket.id).status == "closed"
    with pytest.raises(OtherTicketOpen):
        reopen_ticket(closed_ticket, by=bruno)


def test_the_timeline_goes_on(bruno, closed_ticket):
    reopen_ticket(closed_ticket, by=bruno)

    entries = Message.objects.filter(ticket=closed_ticket, kind="entry").order_by("id")
    assert [entry.entry["what"] for entry in entries] == ["opened", "taken", "closed", "reopened"]
