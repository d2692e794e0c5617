"""The lists of the console: tabs, pages, search, counters."""

from datetime import timedelta
from itertools import chain

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from world import Customer, browser

from tickets.actions import close_ticket, take_ticket
from tickets.models import Ticket


@pytest.fixture
def crowd(line):
    """Five customers who wrote one after the other, a minute apart."""
    now = timezone.now().replace(microsecond=0)
    tickets = []
    for n in range(5):
        customer = Customer(f"Customer {n}", f"+551190000000{n}", line)
        tickets.append(customer.writes("Hi", sent_at=now - timedelta(minutes=10 - n)).ticket)
    return tickets


def listed(who, query=""):
    answer = browser(who).get(f"tickets/{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_queue_shows_newest_activity_first(bruno, crowd):
    rows = listed(bruno)["results"]

    assert [row["contact"]["name"] for row in rows] == [f"Customer {n}" for n in (4, 3, 2, 1, 0)]


def test_a_stranger_gets_404(rui, crowd):
    assert browser(rui, tenant="acme").get("tickets/").status_code == 404


def test_an_agent_of_another_sector_sees_an_empty_list(carla, crowd):
    assert listed(carla) == {"results": [], "next": None}


def test_a_wrong_method_gets_405(bruno):
    assert browser(bruno).post("tickets/").status_code == 405


def test_each_tab_shows_its_own(bruno, crowd):
    take_ticket(crowd[0], by=bruno)
    close_ticket(take_ticket(crowd[1], by=bruno), by=bruno)

    tabs = {
        status: listed(bruno, f"?status={status}")["results"]
        for status in ("waiting", "in_service", "closed")
    }
    assert {status: len(rows) for status, rows in tabs.items()} == {
        "waiting": 3,
        "in_service": 1,
        "closed": 1,
    }
    assert browser(bruno).get("tickets/counters/").json() == {"waiting": 3, "in_service": 1, "closed": 1}


def test_an_unknown_tab_is_refused(bruno):
    answer = browser(bruno).get("tickets/?status=snoozed")

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["status"])


# --- pages ------------------------------------------------------------------------------------


def walk(who, query, caller=None):
    """Every page of a list, by following `next`."""
    caller = caller or browser(who)
    cursor, pages = "", []
    while cursor is not None:
        answer = caller.get(f"tickets/?{query}&cursor={cursor}").json()
        pages.append([row["contact"]["name"] for row in answer["results"]])
        cursor = answer["next"]
    return pages


def test_pages_show_every_ticket_once(bruno, crowd):
    assert walk(bruno, "limit=2") == [
        ["Customer 4", "Customer 3"],
        ["Customer 2", "Customer 1"],
        ["Customer 0"],
    ]


def test_a_page_that_ends_the_list_says_so(bruno, crowd):
    assert listed(bruno, "?limit=5")["next"] is None
    assert listed(bruno, "?limit=4")["next"] is not None


def test_pages_are_stable_while_new_tickets_come_in(bruno, crowd, line):
    """An offset would show Customer 3 again; a key does not."""
    first = listed(bruno, "?limit=2")
    Customer("Newcomer", "+5511911111111", line).writes("I am new")
    second = listed(bruno, f"?limit=2&cursor={first['next']}")

    assert [row["contact"]["name"] for row in second["results"]] == ["Customer 2", "Customer 1"]


def test_pages_are_stable_among_tickets_of_the_same_moment(bruno, crowd):
    Ticket.objects.update(last_message_at=timezone.now().replace(microsecond=0))
    pages = walk(bruno, "limit=2")

    assert sorted(chain.from_iterable(pages)) == [f"Customer {n}" for n in range(5)]


@pytest.mark.parametrize("cursor", ["nonsense", "MTIz", "////", "é", "MjAyNi0wMS0wMSB4", "a" * 200])
def test_a_bad_cursor_is_refused(cursor, bruno):
    answer = browser(bruno).get(f"tickets/?cursor={cursor}")

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


@pytest.mark.parametrize("limit", ["0", "-1", "101", "many"])
def test_a_page_has_between_1_and_100_rows(limit, bruno):
    assert browser(bruno).get(f"tickets/?limit={limit}").status_code == 400


def test_the_number_of_queries_does_not_grow_with_the_rows(bruno, crowd, django_assert_max_num_queries):
    caller = browser(bruno)
    counts = []
    for limit in (1, 5):
        with CaptureQueriesContext(connection) as queries:
            caller.get(f"tickets/?limit={limit}")
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- search -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("customer 3", ["Customer 3"]),
        ("CUSTOMER 3", ["Customer 3"]),
        ("90000-0002", ["Customer 2"]),
        ("+55 11 90000-0002", ["Customer 2"]),
        ("%23{number}", ["Customer 4"]),
        ("{number}", ["Customer 4"]),
        ("nobody", []),
        ("%25", []),
        ("%5F", []),
        ("'; drop table tickets_ticket; --", []),
        ("   ", [f"Customer {n}" for n in (4, 3, 2, 1, 0)]),
    ],
)
def test_search_by_name_phone_or_ticket_number(search, found, bruno, crowd):
    rows = listed(bruno, "?search=" + search.format(number=crowd[4].number).replace("+", "%2B"))["results"]

    assert [row["contact"]["name"] for row in rows] == found


def test_one_letter_finds_nothing(bruno, crowd):
    assert listed(bruno, "?search=c")["results"] == []


def test_searching_does_not_widen_what_one_sees(carla, crowd):
    assert listed(carla, "?search=customer")["results"] == []


def test_a_search_that_is_too_long_is_refused(bruno):
    assert browser(bruno).get("tickets/?search=" + "x" * 81).status_code == 400


def test_a_very_long_number_is_no_ticket_number(bruno, crowd):
    assert listed(bruno, "?search=" + "9" * 30)["results"] == []


# --- one ticket -------------------------------------------------------------------------------


def test_the_row_says_who_what_and_when(bruno, open_ticket):
    row = browser(bruno).get(f"tickets/{open_ticket.id}/").json()

    assert row["number"] == open_ticket.number
    assert row["contact"] == {
        "id": str(open_ticket.contact_id),
        "name": "Maria",
        "phone": "+5511987654321",
    }
    assert (row["connection"]["name"], row["sector"]["name"], row["chat"]) == (
        "Acme main",
        "Sales",
        "5511987654321@c.us",
    )
    assert row["last_message"]["text"] == "Where is my order?"
    assert row["opened_at"].endswith("Z")


def test_the_tab_of_counters_stops_counting_at_a_thousand(bruno, crowd, monkeypatch):
    monkeypatch.setattr("tickets.queries.COUNTED_UP_TO", 3)

    assert browser(bruno).get("tickets/counters/").json()["waiting"] == 3
