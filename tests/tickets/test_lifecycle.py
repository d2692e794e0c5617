"""What a message does when no ticket is open: the table, and the same through the product."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tickets.lifecycle import Step, step_without_open_ticket
from tickets.models import Message, Ticket

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def ago(**before):
    return NOW - timedelta(**before)


@pytest.mark.parametrize(
    ("is_from_customer", "last_closed_at", "reopen_minutes", "step"),
    [
        (True, None, 120, Step.OPEN),
        (True, None, 0, Step.OPEN),
        (True, ago(seconds=1), 120, Step.REOPEN),
        (True, ago(minutes=119, seconds=59), 120, Step.REOPEN),
        (True, ago(minutes=120), 120, Step.OPEN),
        (True, ago(days=3), 120, Step.OPEN),
        (True, ago(seconds=0), 0, Step.OPEN),
        (True, ago(seconds=1), 0, Step.OPEN),
        (False, None, 120, Step.NOTHING),
        (False, ago(seconds=1), 120, Step.FILE),
        (False, ago(days=300), 120, Step.FILE),
        (False, ago(seconds=1), 0, Step.FILE),
    ],
)
def test_the_table_of_steps(is_from_customer, last_closed_at, reopen_minutes, step):
    assert (
        step_without_open_ticket(
            is_from_customer=is_from_customer,
            at=NOW,
            last_closed_at=last_closed_at,
            reopen_minutes=reopen_minutes,
        )
        == step
    )


def closed_before(ticket, **before):
    Ticket.objects.filter(id=ticket.id).update(closed_at=timezone.now() - timedelta(**before))


def test_within_the_window_the_ticket_goes_on_in_its_queue(closed_ticket, maria, log):
    message = maria.writes("Thanks, but…")

    ticket = Ticket.objects.get(id=closed_ticket.id)
    assert message.ticket_id == ticket.id
    assert (ticket.status, ticket.assignee, ticket.closed_at) == ("waiting", None, None)
    assert log.last("ticket.reopened")["by"] is None
    assert Message.objects.filter(ticket=ticket, entry__what="reopened").count() == 1


def test_after_the_window_there_is_a_new_ticket(closed_ticket, maria):
    closed_before(closed_ticket, minutes=121)
    message = maria.writes("Something new")

    assert message.ticket_id != closed_ticket.id
    assert message.ticket.number == closed_ticket.number + 1
    assert Ticket.objects.get(id=closed_ticket.id).status == "closed"


def test_a_sector_may_never_reopen(closed_ticket, maria, sales):
    sales.reopen_minutes = 0
    sales.save()

    assert maria.writes("Thanks").ticket_id != closed_ticket.id


def test_the_window_is_the_one_of_the_tickets_own_sector(closed_ticket, maria, sales, support):
    """Not of the connection's default one."""
    sales.reopen_minutes, support.reopen_minutes = 0, 120
    sales.save()
    support.save()
    Ticket.objects.filter(id=closed_ticket.id).update(sector=support)

    assert maria.writes("Thanks").ticket_id == closed_ticket.id


def test_of_several_closed_tickets_the_last_one_counts(closed_ticket, maria, bruno):
    from tickets.actions import close_ticket, take_ticket

    closed_before(closed_ticket, days=2)
    second = close_ticket(take_ticket(maria.writes("Again").ticket, by=bruno), by=bruno)

    assert maria.writes("Thanks").ticket_id == second.id
