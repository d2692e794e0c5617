"""Opening tickets: a customer wrote and none was open."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F
from django.utils import timezone

from connections.models import Connection
from events import catalog
from tenants import scope
from tenants.models import Tenant
from tickets.choices import Status
from tickets.models import Contact, Ticket
from tickets.storytelling import now_in_seconds, tell_ticket, write_entry


def open_ticket(connection: Connection, contact: Contact, *, chat: str) -> Ticket:
    """A new ticket in the queue of the connection's default sector. The database lets only one be
    open for contact and connection."""
    now = timezone.now()
    ticket: Ticket = Ticket.objects.create(
        number=next_number(),
        contact=contact,
        connection=connection,
        chat=chat,
        sector=connection.sector,
        last_message_at=now_in_seconds(),
        opened_at=now,
        queued_at=now,
    )
    entry = write_entry(ticket, "opened", by=None, sector=connection.sector)
    tell_ticket(catalog.TicketOpened, ticket, was=None, by=None, entry=entry)
    return ticket


def open_archive(connection: Connection, contact: Contact, *, chat: str, at: datetime) -> Ticket:
    """A closed ticket for what was written before the number was linked. Nobody is told: nobody waits."""
    ticket: Ticket = Ticket.objects.create(
        number=next_number(),
        contact=contact,
        connection=connection,
        chat=chat,
        sector=connection.sector,
        status=Status.CLOSED,
        is_history=True,
        last_message_at=at,
        opened_at=at,
        queued_at=at,
        closed_at=at,
    )
    return ticket


def reopen_by_customer(ticket: Ticket) -> Ticket:
    """The last ticket goes on: back into its sector's queue. Its row is locked."""
    was = ticket.standing
    ticket.status, ticket.assignee = Status.WAITING, None
    ticket.queued_at, ticket.taken_at = timezone.now(), None
    ticket.closed_at = ticket.closed_by = None
    ticket.version += 1
    ticket.save()
    entry = write_entry(ticket, "reopened", by=None, sector=ticket.sector)
    tell_ticket(catalog.TicketReopened, ticket, was=was, by=None, entry=entry)
    return ticket


def next_number() -> int:
    """The tenant's next ticket number: no gaps but those of rolled-back openings."""
    tenants = Tenant.objects.filter(id=scope.current().id)
    tenants.update(last_ticket_number=F("last_ticket_number") + 1)
    return tenants.values_list("last_ticket_number", flat=True).get()
