"""Taking a waiting ticket: one wins, the others are told who."""

import pytest
from world import browser, member

from accounts.actions import set_active
from tenants.errors import DomainError
from tenants.scope import working_for
from tickets.actions import AlreadyTaken, TicketIsClosed, take_ticket
from tickets.models import Message, Ticket


def assignment(ticket):
    return f"tickets/{ticket.id}/assignment/"


def test_an_agent_takes_a_waiting_ticket_of_their_sector(bruno, waiting_ticket):
    answer = browser(bruno).post(assignment(waiting_ticket))

    assert answer.status_code == 200
    row = answer.json()
    assert (row["status"], row["assignee"]["name"]) == ("in_service", "Bruno")
    assert row["taken_at"]


def test_a_stranger_gets_404(rui, waiting_ticket):
    assert browser(rui, tenant="rival").post(assignment(waiting_ticket)).status_code == 404


def test_an_agent_of_another_sector_gets_404(carla, waiting_ticket):
    assert browser(carla).post(assignment(waiting_ticket)).status_code == 404


def test_a_wrong_method_gets_405(bruno, waiting_ticket):
    assert browser(bruno).put(assignment(waiting_ticket)).status_code == 405


def test_the_event_is_recorded(bruno, waiting_ticket, log):
    take_ticket(waiting_ticket, by=bruno)

    told = log.last("ticket.taken")
    assert told["by"]["name"] == "Bruno"
    assert told["was"]["status"] == "waiting"
    assert told["ticket"]["assignee"]["name"] == "Bruno"


def test_the_timeline_says_who_took_it(bruno, waiting_ticket):
    take_ticket(waiting_ticket, by=bruno)

    entry = Message.objects.filter(ticket=waiting_ticket, kind="entry").latest("id")
    assert entry.entry["what"] == "taken"
    assert entry.entry["by"] == {"id": str(bruno.id), "name": "Bruno"}


def test_taking_raises_the_version(bruno, waiting_ticket):
    assert take_ticket(waiting_ticket, by=bruno).version > waiting_ticket.version


def test_who_comes_second_is_told_who_was_first(bruno, sofia, waiting_ticket):
    take_ticket(waiting_ticket, by=bruno)

    answer = browser(sofia).post(assignment(waiting_ticket))

    assert answer.status_code == 409
    assert answer.json()["code"] == "already_taken"
    assert answer.json()["fields"]["assignee"] == {"id": str(bruno.id), "name": "Bruno"}


def test_a_colleague_of_the_sector_is_told_too_though_the_ticket_left_their_sight(
    bruno, waiting_ticket, ana, sales, carla
):
    from sectors.actions import change_sector

    change_sector(sales, members=[ana.id, bruno.id, carla.id])
    take_ticket(waiting_ticket, by=bruno)

    assert browser(carla).get(f"tickets/{waiting_ticket.id}/").status_code == 404
    answer = browser(carla).post(assignment(waiting_ticket))
    assert (answer.status_code, answer.json()["fields"]["assignee"]["name"]) == (409, "Bruno")


def test_taking_what_one_has_already_changes_nothing(bruno, open_ticket, log):
    again = take_ticket(open_ticket, by=bruno)

    assert again.version == open_ticket.version
    assert log.kinds() == []


def test_a_closed_ticket_cannot_be_taken(sofia, bruno, closed_ticket):
    for somebody in (sofia, bruno):
        with pytest.raises(TicketIsClosed):
            take_ticket(closed_ticket, by=somebody)


def test_a_refused_claim_writes_nothing(sofia, open_ticket, log):
    with pytest.raises(AlreadyTaken):
        take_ticket(open_ticket, by=sofia)

    assert log.kinds() == []
    assert Ticket.objects.get(id=open_ticket.id).assignee.name == "Bruno"


def test_of_twenty_who_click_at_once_exactly_one_wins(at_once, acme, waiting_ticket):
    crowd = [member(name) for name in ("Ana", "Dora", "Sofia", "Bruno")] * 5

    def click(somebody):
        with working_for(acme):
            try:
                return take_ticket(waiting_ticket, by=somebody).assignee.name
            except DomainError as refused:
                return refused.fields["assignee"]["name"]

    told = at_once(click, crowd)

    with working_for(acme):
        ticket = Ticket.objects.get(id=waiting_ticket.id)
        winner = ticket.assignee.name
        taken = Message.objects.filter(ticket=ticket, kind="entry", entry__what="taken").count()
    assert told == [winner] * 20
    assert taken == 1


def test_of_twenty_requests_at_once_exactly_one_is_answered_200(at_once, acme, waiting_ticket):
    """The same through the API: sessions, doors and all."""
    callers = [browser(member(name)) for name in ("Ana", "Dora", "Sofia", "Bruno")]

    answers = at_once(lambda caller: caller.post(assignment(waiting_ticket)), callers)

    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200, 409, 409, 409]
    (winner,) = (answer.json()["assignee"]["name"] for answer in answers if answer.status_code == 200)
    losers = {answer.json()["fields"]["assignee"]["name"] for answer in answers if answer.status_code == 409}
    assert losers == {winner}


def test_a_member_who_was_shut_out_takes_nothing(bruno, waiting_ticket):
    caller = browser(bruno)
    set_active(bruno, is_active=False)

    assert caller.post(assignment(waiting_ticket)).status_code == 404
