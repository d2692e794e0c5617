"""The thread of a ticket: newest first, page by page."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from world import answer, browser

from tickets.models import Message


@pytest.fixture
def thread(maria, open_ticket):
    """Nine more questions, in three seconds of three messages each."""
    now = timezone.now().replace(microsecond=0) + timedelta(seconds=10)
    return [maria.writes(f"{n}", sent_at=now + timedelta(seconds=n // 3)) for n in range(9)]


def messages(ticket):
    return f"tickets/{ticket.id}/messages/"


def test_the_newest_comes_first(bruno, open_ticket, thread):
    results = browser(bruno).get(messages(open_ticket)).json()["results"]

    assert [bubble["text"] for bubble in results[:9]] == [f"{n}" for n in range(8, -1, -1)]
    assert [bubble["kind"] for bubble in results[9:]] == ["entry", "text", "entry"]


def test_a_stranger_gets_404(rui, open_ticket):
    assert browser(rui, tenant="rival").get(messages(open_ticket)).status_code == 404


def test_an_agent_who_does_not_see_the_ticket_gets_404(carla, open_ticket):
    assert browser(carla).get(messages(open_ticket)).status_code == 404


def test_pages_show_every_message_once_in_order(bruno, open_ticket, thread):
    caller, cursor, seen = browser(bruno), "", []
    while cursor is not None:
        answered = caller.get(f"{messages(open_ticket)}?limit=4&cursor={cursor}").json()
        seen += [bubble["id"] for bubble in answered["results"]]
        cursor = answered["next"]

    rows = Message.objects.filter(ticket=open_ticket).newest_first()
    assert seen == [str(row.id) for row in rows]


def test_pages_are_stable_while_the_customer_goes_on(bruno, open_ticket, thread, maria):
    caller = browser(bruno)
    first = caller.get(f"{messages(open_ticket)}?limit=4").json()
    maria.writes("One more")
    second = caller.get(f"{messages(open_ticket)}?limit=4&cursor={first['next']}").json()

    assert [bubble["text"] for bubble in second["results"]] == ["4", "3", "2", "1"]


def test_a_bad_cursor_is_refused(bruno, open_ticket):
    answered = browser(bruno).get(f"{messages(open_ticket)}?cursor=nonsense")

    assert (answered.status_code, answered.json()["code"]) == (400, "bad_cursor")


def test_the_number_of_queries_does_not_grow_with_the_messages(bruno, open_ticket, thread, maria):
    for bubble in thread:
        answer(open_ticket, "Yes", by=bruno, quoted=bubble)
    caller = browser(bruno)
    counts = []
    for limit in (10, 18):  # both pages have quotes
        with CaptureQueriesContext(connection) as queries:
            caller.get(f"{messages(open_ticket)}?limit={limit}")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_quote_shows_whose_it_was(bruno, open_ticket, thread):
    answer(open_ticket, "Yes", by=bruno, quoted=thread[0])
    newest = browser(bruno).get(f"{messages(open_ticket)}?limit=100").json()["results"]
    bubble = next(one for one in newest if one["text"] == "Yes")

    assert bubble["quoted"]["author_name"] == "Maria"
    assert bubble["quoted"]["text"] == "0"
