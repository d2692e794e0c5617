"""Who sees a ticket: one rule, told as a query for lists and as groups for live frames."""

import itertools

import pytest
from world import Customer, member

from events import audience
from tickets.actions import close_ticket, reopen_ticket, return_ticket, take_ticket, transfer_ticket
from tickets.choices import Status
from tickets.consumers import ConsoleConsumer
from tickets.models import Ticket

PEOPLE = ["Ana", "Dora", "Sofia", "Bruno", "Carla"]


@pytest.fixture
def standings(line, sales, support, bruno, carla, sofia):
    """A ticket in every standing there is: status × sector × who has it, reached as people would."""
    made = []

    def new():
        made.append(Customer("C", f"+5511900000{len(made):03}", line).writes("Hi").ticket)
        return made[-1]

    for sector in (sales, support):
        transfer_ticket(new(), sector=sector, to=None, by=sofia)
    for who in (bruno, sofia):
        take_ticket(new(), by=who)
    transfer_ticket(new(), sector=support, to=carla, by=sofia)
    return_ticket(take_ticket(new(), by=bruno), by=bruno)
    for who in (bruno, sofia):
        close_ticket(take_ticket(new(), by=who), by=who)
    close_ticket(new(), by=bruno)
    reopen_ticket(close_ticket(take_ticket(new(), by=bruno), by=bruno), by=sofia)
    return list(Ticket.objects.order_by("number"))


def groups_of(who):
    """The groups the member's console is in, whatever it looks at."""
    consumer = ConsoleConsumer()
    consumer.member, consumer.tenant = who, who.tenant
    return set(ConsoleConsumer._standing_groups.__wrapped__(consumer))


def test_the_query_and_the_groups_tell_the_same_people(standings, acme):
    """For every standing and every role: who finds the ticket is who hears of it."""
    people = {name: member(name) for name in PEOPLE}
    for ticket in standings:
        finds = {name for name, who in people.items() if Ticket.objects.visible_to(who).filter(id=ticket.id)}
        told = audience.of_ticket(acme.id, ticket.standing)
        hears = {name for name, who in people.items() if groups_of(who) & told}

        assert finds == hears, f"{ticket.status} {ticket.standing}"
        assert finds >= {"Ana", "Dora", "Sofia"}


def test_the_standings_are_worth_asking_about(standings):
    """Else the comparison above would compare nothing."""
    reached = {(ticket.status, str(ticket.sector), str(ticket.assignee)) for ticket in standings}

    assert {status for status, _sector, _who in reached} == set(Status.values)
    assert len(reached) >= 7


def test_the_tabs_together_show_what_the_rule_allows(standings):
    for name in PEOPLE:
        who = member(name)
        in_tabs = itertools.chain.from_iterable(Ticket.objects.in_tab(status, who) for status in Status)

        assert {ticket.id for ticket in in_tabs} == set(
            Ticket.objects.visible_to(who).values_list("id", flat=True)
        )


@pytest.mark.parametrize(
    ("standing", "hears"),
    [
        ({"status": "waiting", "sector_id": "S", "assignee_id": None}, {"overseers", "sector.S"}),
        ({"status": "in_service", "sector_id": "S", "assignee_id": "M"}, {"overseers", "member.M"}),
        ({"status": "closed", "sector_id": "S", "assignee_id": "M"}, {"overseers", "member.M"}),
    ],
)
def test_the_table_of_groups(standing, hears):
    assert audience.of_ticket("T", standing) == {f"t.T.{group}" for group in hears}


def test_every_group_name_carries_its_tenant():
    names = [
        audience.everyone("T"),
        audience.overseers("T"),
        audience.member("T", "M"),
        audience.sector("T", "S"),
        audience.ticket("T", "K"),
        audience.chat("T", "C", "5511@c.us"),
        audience.connection("T", "C"),
        audience.connection_keepers("T"),
    ]

    assert all(name.startswith("t.T.") for name in names)
    assert len(set(names)) == len(names)


def test_a_lone_agent_without_sectors_sees_only_their_own(dora, standings, bruno):
    from accounts.actions import change_role

    agent = change_role(dora, role="agent")

    assert not Ticket.objects.visible_to(agent).exists()
