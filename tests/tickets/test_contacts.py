"""Contacts: who an agent has to do with, and what was before."""

import pytest
from django.db import connection
from world import Customer, browser

from tickets.actions import close_ticket, take_ticket
from tickets.models import Contact, Ticket
from tickets.searching import contacts_like


def test_an_agent_sees_the_contacts_of_tickets_in_sight(bruno, open_ticket):
    results = browser(bruno).get("contacts/").json()["results"]

    assert [(row["name"], row["phone"]) for row in results] == [("Maria", "+5511987654321")]


def test_a_stranger_gets_404(rui, open_ticket):
    assert browser(rui, tenant="rival").get(f"contacts/{open_ticket.contact_id}/").status_code == 404


def test_an_agent_without_a_ticket_of_theirs_gets_404(carla, open_ticket):
    assert browser(carla).get(f"contacts/{open_ticket.contact_id}/").status_code == 404
    assert browser(carla).get("contacts/").json()["results"] == []


def test_a_wrong_method_gets_405(bruno, open_ticket):
    assert browser(bruno).delete(f"contacts/{open_ticket.contact_id}/").status_code == 405


def test_a_contact_without_a_name_is_called_by_the_number(sofia, line):
    ticket = Customer("", "+5531911112222", line).writes("Hello").ticket

    assert browser(sofia).get(f"contacts/{ticket.contact_id}/").json()["name"] == "+5531911112222"


@pytest.mark.parametrize(
    ("search", "found"), [("mari", 1), ("987654321", 1), ("98765-4321", 1), ("321", 0), ("x", 0)]
)
def test_search_by_name_or_number(search, found, bruno, open_ticket):
    assert len(browser(bruno).get(f"contacts/?search={search}").json()["results"]) == found


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("JOAO", True),
        ("joão da", True),
        ("conceição sou", True),
        ("da conceicao", True),
        ("souza", True),
        ("ouza", False),
        ("  souza   e ", True),
        ("joao souza", False),
        ("552197", True),
        ("%2B55 21 97654", True),
        ("6543210", True),
        ("97654", False),
        ("%25", False),
        ("_o", False),
        ("%F4%8F%BF%BF", False),
    ],
)
def test_a_contact_is_found_by_how_a_word_or_the_number_begins_or_how_it_ends(search, found, sofia, line):
    Customer("João  da Conceição Souza e Silva", "+5521976543210", line).writes("Hi")
    results = browser(sofia).get(f"contacts/?search={search}").json()["results"]

    assert [row["phone"] for row in results] == (["+5521976543210"] if found else [])


def test_a_name_that_comes_later_is_found_too(sofia, line):
    stranger = Customer("Paula", "+5531911112222", line)
    stranger.writes("", sender_name="")
    stranger.writes("It is me")

    assert len(browser(sofia).get("contacts/?search=paula").json()["results"]) == 1


@pytest.mark.parametrize("search", ["maria", "98765-4321"])
def test_search_reads_indexes_and_not_all_contacts(search, acme, maria, waiting_ticket):
    """Behind row-level security only what cannot leak may be looked up in an index."""
    Contact.objects.bulk_create(
        Contact(name=f"Cousin {n} of Somebody", phone=f"+55110000{n:05}") for n in range(3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze tickets_contact")
    plan = contacts_like(search).explain()

    assert "Seq Scan" not in plan
    assert "contact_by_name_4" in plan
    assert search == "maria" or "contact_by_phone_end" in plan


def test_pages_go_on_where_the_last_one_ended(sofia, line):
    for n in range(3):
        Customer(f"C{n}", f"+551190000000{n}", line).writes("Hi")
    caller = browser(sofia)
    first = caller.get("contacts/?limit=2").json()
    second = caller.get(f"contacts/?limit=2&cursor={first['next']}").json()

    assert [row["name"] for row in first["results"] + second["results"]] == ["C2", "C1", "C0"]
    assert second["next"] is None


def test_the_history_names_tickets_out_of_sight_without_opening_them(
    bruno, sofia, maria, closed_ticket, sales
):
    """Bruno sees that Sofia served Maria before, not what they wrote."""
    sales.reopen_minutes = 0
    sales.save()
    hers = close_ticket(take_ticket(maria.writes("Again").ticket, by=sofia), by=sofia)
    caller = browser(bruno)
    history = caller.get(f"contacts/{closed_ticket.contact_id}/tickets/").json()["results"]

    assert [(row["number"], row["is_visible"]) for row in history] == [
        (hers.number, False),
        (closed_ticket.number, True),
    ]
    assert "last_message" not in history[0]
    assert caller.get(f"tickets/{hers.id}/messages/").status_code == 404


def test_the_history_is_for_those_who_see_the_contact(carla, closed_ticket):
    assert browser(carla).get(f"contacts/{closed_ticket.contact_id}/tickets/").status_code == 404


def test_losing_the_ticket_loses_the_contact(bruno, open_ticket, support, carla):
    from tickets.actions import transfer_ticket

    transfer_ticket(open_ticket, sector=support, to=carla, by=bruno)

    assert browser(bruno).get(f"contacts/{open_ticket.contact_id}/").status_code == 404
    assert Ticket.objects.get(id=open_ticket.id).contact_id == open_ticket.contact_id
