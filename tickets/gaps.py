"""Stretches of a thread in which its number was not connected: marked, so that nobody wonders."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from events import catalog
from events.catalog import ConnectionRejoined
from tickets.actions import lock_ticket
from tickets.choices import Status
from tickets.models import Ticket
from tickets.storytelling import tell_message, write_entry


def mark_gap(fact: ConnectionRejoined) -> None:
    """A line in the thread of each ticket that was open on this number. One transaction each: with many
    open tickets nobody waits for all of them."""
    since = datetime.fromisoformat(fact.since)
    open_then = Ticket.objects.filter(connection_id=fact.connection_id, opened_at__lt=since)
    for ticket in open_then.exclude(status=Status.CLOSED).order_by("id"):
        _mark(ticket, fact)


@transaction.atomic
def _mark(ticket: Ticket, fact: ConnectionRejoined) -> None:
    ticket = lock_ticket(ticket)
    if ticket.is_closed:
        return
    entry = write_entry(ticket, "gap", by=None, since=fact.since, until=fact.until)
    tell_message(catalog.MessageChanged, entry)
