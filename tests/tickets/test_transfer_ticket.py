"""Handing a ticket to another sector, or to a member of it."""

import pytest
from django.db.models import Q
from world import browser, member

from accounts.actions import set_active
from tenants.errors import DomainError
from tenants.scope import working_for
from tickets.actions import NotInSector, NotYours, TicketIsClosed, close_ticket, transfer_ticket
from tickets.models import Message, Ticket


def transfer(ticket):
    return f"tickets/{ticket.id}/transfer/"


def test_a_ticket_goes_to_the_queue_of_another_sector(bruno, open_ticket, support):
    answer = browser(bruno).post(transfer(open_ticket), {"sector_id": str(support.id)})

    assert answer.status_code == 200
    row = answer.json()
    assert (row["status"], row["sector"]["name"], row["assignee"]) == ("waiting", "Support", None)


def test_a_stranger_gets_404(rui, open_ticket, support):
    answer = browser(rui, tenant="rival").post(transfer(open_ticket), {"sector_id": str(support.id)})

    assert answer.status_code == 404


def test_an_agent_who_does_not_see_it_gets_404(carla, open_ticket, support):
    assert browser(carla).post(transfer(open_ticket), {"sector_id": str(support.id)}).status_code == 404


def test_a_wrong_method_gets_405(bruno, open_ticket):
    assert browser(bruno).get(transfer(open_ticket)).status_code == 405


def test_the_event_is_recorded(bruno, open_ticket, support, carla, log):
    transfer_ticket(open_ticket, sector=support, to=carla, by=bruno)

    told = log.last("ticket.transferred")
    assert told["was"]["assignee_id"] == str(bruno.id)
    assert told["standing"] == {
        "status": "in_service",
        "sector_id": str(support.id),
        "assignee_id": str(carla.id),
    }


def test_a_ticket_goes_straight_to_a_member_of_the_sector(bruno, carla, open_ticket, support):
    moved = transfer_ticket(open_ticket, sector=support, to=carla, by=bruno)

    assert (moved.status, moved.assignee.name, moved.sector.name) == ("in_service", "Carla", "Support")
    assert moved.taken_at > open_ticket.taken_at
    assert moved.queued_at == open_ticket.queued_at, "it did not wait again"


def test_the_one_who_gave_it_away_does_not_see_it_any_more(bruno, carla, open_ticket, support):
    transfer_ticket(open_ticket, sector=support, to=carla, by=bruno)

    assert browser(bruno).get(f"tickets/{open_ticket.id}/").status_code == 404
    assert browser(carla).get(f"tickets/{open_ticket.id}/").status_code == 200


def test_somebody_who_does_not_work_there_cannot_get_it(bruno, open_ticket, support):
    answer = browser(bruno).post(
        transfer(open_ticket), {"sector_id": str(support.id), "member_id": str(bruno.id)}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "not_in_sector")


def test_whoever_oversees_every_ticket_may_get_it_in_any_sector(bruno, sofia, open_ticket, support):
    assert transfer_ticket(open_ticket, sector=support, to=sofia, by=bruno).assignee == sofia


def test_a_member_who_was_shut_out_cannot_get_it(bruno, carla, open_ticket, support):
    set_active(carla, is_active=False)
    answer = browser(bruno).post(
        transfer(open_ticket), {"sector_id": str(support.id), "member_id": str(carla.id)}
    )

    assert answer.status_code == 404


def test_a_waiting_ticket_may_be_sent_on_by_whoever_sees_it(bruno, waiting_ticket, support):
    moved = transfer_ticket(waiting_ticket, sector=support, to=None, by=bruno)

    assert (moved.status, moved.sector.name) == ("waiting", "Support")


def test_a_ticket_that_somebody_else_serves_is_not_theirs_to_give(carla, open_ticket, support):
    with pytest.raises(NotYours):
        transfer_ticket(open_ticket, sector=support, to=carla, by=carla)


def test_a_closed_ticket_cannot_be_transferred(bruno, closed_ticket, support):
    with pytest.raises(TicketIsClosed):
        transfer_ticket(closed_ticket, sector=support, to=None, by=bruno)


def test_a_refused_transfer_leaves_no_trace(bruno, open_ticket, sales, carla, log):
    with pytest.raises(NotInSector):
        transfer_ticket(open_ticket, sector=sales, to=carla, by=bruno)

    assert log.kinds() == []
    assert Ticket.objects.get(id=open_ticket.id).version == open_ticket.version


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "sector_id"), ({"sector_id": "Sales"}, "sector_id"), ({"sector_id": None}, "sector_id")],
)
def test_a_body_that_makes_no_sense_is_explained(body, field, bruno, open_ticket):
    answer = browser(bruno).post(transfer(open_ticket), body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert field in answer.json()["fields"]


def test_the_timeline_says_from_whom_to_whom(bruno, carla, open_ticket, support):
    transfer_ticket(open_ticket, sector=support, to=carla, by=bruno)

    entry = Message.objects.filter(ticket=open_ticket, kind="entry").latest("id").entry
    assert entry["what"] == "transferred"
    assert (entry["by"]["name"], entry["sector"]["name"], entry["to"]["name"]) == (
        "Bruno",
        "Support",
        "Carla",
    )


def test_transfer_and_close_at_once_end_in_one_of_both_worlds(at_once, acme, open_ticket, support):
    """Either it was closed and the transfer is refused, or it moved and the closing came after it."""
    bruno = member("Bruno")

    def act(wanted):
        with working_for(acme):
            try:
                if wanted == "close":
                    return close_ticket(open_ticket, by=bruno).status
                return transfer_ticket(open_ticket, sector=support, to=None, by=bruno).status
            except DomainError as refused:
                return refused.code

    moved, closed = at_once(act, ["transfer", "close"])

    with working_for(acme):
        ticket = Ticket.objects.select_related("sector").get(id=open_ticket.id)
        entries = Message.objects.filter(
            Q(entry__what="transferred") | Q(entry__what="closed"), ticket=ticket
        )
        story = [entry.entry["what"] for entry in entries.order_by("id")]
    worlds = {
        ("ticket_closed", "closed"): ("closed", "Sales", ["closed"]),
        ("waiting", "closed"): ("closed", "Support", ["transferred", "closed"]),
    }
    assert (ticket.status, ticket.sector.name, story) == worlds[(moved, closed)]
