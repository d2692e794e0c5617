"""Facts and timeline entries of tickets: rows in, recorded events out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import Membership
from accounts.serializers import person
from events.catalog import MessageFact, TicketFact
from events.recording import record
from sectors.models import Sector
from tickets.choices import Direction, Kind, Origin
from tickets.models import Message, Ticket
from tickets.serializers import message_row, ticket_row


def now_in_seconds() -> datetime:
    """Now, cut to the second like WhatsApp's own times, so that both sort alike."""
    return timezone.now().replace(microsecond=0)


def tell_ticket(
    fact: type[TicketFact],
    ticket: Ticket,
    *,
    was: dict[str, Any] | None,
    by: Membership | None,
    entry: Message | None = None,
) -> None:
    """Record what happened to a ticket whose row is locked and saved, and the line its timeline got."""
    line = message_row(entry) if entry else None
    row = ticket_row(ticket)
    record(fact(ticket=row, standing=ticket.standing, was=was, by=person(by), entry=line))


def tell_message(fact: type[MessageFact], message: Message) -> None:
    """Record what happened to a message. It and its `ticket`, which is locked, are saved as they are here."""
    ticket = message.ticket
    record(fact(message=message_row(message), ticket=ticket_row(ticket), standing=ticket.standing))


def write_entry(
    ticket: Ticket,
    what: str,
    *,
    by: Membership | None,
    sector: Sector | None = None,
    to: Membership | None = None,
    **more: str,
) -> Message:
    """A line of the ticket's timeline, in the thread; `more`: what only this kind of line says."""
    entry: Message = Message.objects.create(
        ticket=ticket,
        connection_id=ticket.connection_id,
        direction=Direction.NONE,
        kind=Kind.ENTRY,
        origin=Origin.CONSOLE if by else Origin.AUTOMATION,
        author=by,
        sent_at=now_in_seconds(),
        entry={
            "what": what,
            "by": person(by),
            "sector": {"id": str(sector.id), "name": sector.name} if sector else None,
            "to": person(to),
            **more,
        },
    )
    return entry
