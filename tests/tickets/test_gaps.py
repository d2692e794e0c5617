"""A number was away: the threads that were open on it say so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.catalog import ConnectionRejoined
from tenants.rendering import timestamp
from tickets import gaps
from tickets.actions import close_ticket
from tickets.models import Message


@pytest.fixture
def rejoined(line):
    def one(*, away_for=timedelta(minutes=10)):
        until = timezone.now() + timedelta(minutes=20)
        times = {"since": timestamp(until - away_for), "until": timestamp(until)}
        return ConnectionRejoined(connection_id=str(line.connection.id), **times)

    return one


def gaps_of(ticket):
    entries = Message.objects.filter(ticket=ticket, kind="entry")
    return [message.entry for message in entries if message.entry["what"] == "gap"]


def test_an_open_ticket_gets_a_line_that_says_from_when_to_when(open_ticket, rejoined, log):
    fact = rejoined()
    gaps.mark_gap(fact)

    (entry,) = gaps_of(open_ticket)
    assert (entry["since"], entry["until"]) == (fact.since, fact.until)
    assert log.kinds()[-1] == "message.changed", "open consoles hear of it"


def test_a_closed_ticket_is_left_alone(open_ticket, bruno, rejoined):
    close_ticket(open_ticket, by=bruno)
    gaps.mark_gap(rejoined())

    assert gaps_of(open_ticket) == []


def test_a_ticket_that_was_opened_later_missed_nothing(open_ticket, rejoined):
    gaps.mark_gap(rejoined(away_for=timedelta(hours=5)))

    assert gaps_of(open_ticket) == []
