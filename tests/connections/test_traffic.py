"""What went through a number, by the hour: counted beside the work, the same however often."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from world import CANARY, answer, deliver, fail

from connections import traffic
from connections.models import Connection, Inbound, TrafficHour


def counted(line):
    rows = TrafficHour.objects.filter(connection=line.connection)
    return {kind: sum(getattr(row, kind) for row in rows) for kind in traffic.KINDS}


@pytest.fixture
def before(line):
    traffic.count_recent()
    return counted(line)


def test_messages_in_and_out_are_counted(bruno, open_ticket, line, maria, before):
    maria.writes("One more")
    deliver(line, answer(open_ticket, "Yes", by=bruno))
    fail(line, answer(open_ticket, "No", by=bruno))
    traffic.count_recent()

    after = counted(line)
    assert {kind: after[kind] - before[kind] for kind in traffic.KINDS} == {
        "received": 1,
        "sent": 1,
        "failed": 1,
    }


def test_counting_twice_counts_nothing_twice(line, maria, before):
    maria.writes("Once")
    traffic.count_recent()
    first = counted(line)
    traffic.count_recent()

    assert counted(line) == first


def test_what_is_neither_a_customers_message_nor_ours_is_not_counted(line, maria, before):
    maria.reacts(maria.writes("Hello"), "👍")
    line.hears(maria.message("from the phone", from_me=True))
    traffic.count_recent()

    assert counted(line)["received"] - before["received"] == 1


def test_the_last_message_of_a_customer_is_noted(line, maria):
    maria.writes("Now")
    traffic.count_recent()

    noted = Connection.objects.get(id=line.connection.id).last_received_at
    newest = Inbound.objects.filter(connection=line.connection).order_by("-id").first()
    assert noted == newest.received_at


def test_a_usual_hour_is_the_average_of_four_weeks(line):
    now = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)
    for weeks, received in zip((1, 2, 3, 4, 5), itertools.repeat(40)):
        hour = now.replace(minute=0) - timedelta(weeks=weeks)
        TrafficHour.objects.create(connection=line.connection, hour=hour, received=received)
    TrafficHour.objects.create(connection=line.connection, hour=now.replace(minute=0), received=999)

    assert traffic.usual(line.connection.id, now) == {(2, 15): 30.0}


def test_sums_are_of_the_tenants_own_numbers(line, rival, maria):
    maria.writes("Hello")
    traffic.count_recent()
    sums = traffic.since(timezone.now() - timedelta(days=1))

    assert set(sums) == {line.connection.id}
    assert CANARY not in str(sums)
