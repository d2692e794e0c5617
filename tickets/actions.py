"""What members do with tickets: take, return, transfer, close, reopen, read."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.serializers import person
from connections import outbound
from events import catalog
from sectors.models import Seat, Sector
from tenants.errors import DomainError
from tickets.choices import Direction, Status
from tickets.models import Message, Ticket
from tickets.storytelling import tell_ticket, write_entry

READ_AT_ONCE = 100


class AlreadyTaken(DomainError):
    code = "already_taken"
    message = _("Somebody else has taken this ticket.")


class TicketIsClosed(DomainError):
    code = "ticket_closed"
    message = _("This ticket is closed.")


class TicketIsOpen(DomainError):
    code = "ticket_open"
    message = _("This ticket is open already.")


class NotInService(DomainError):
    code = "not_in_service"
    message = _("Nobody is serving this ticket.")


class NotYours(DomainError):
    code = "not_yours"
    message = _("Somebody else is serving this ticket.")


class NotInSector(DomainError):
    code = "not_in_sector"
    status = 400
    message = _("This person does not work in that sector.")


class OtherTicketOpen(DomainError):
    code = "other_ticket_open"
    message = _("This contact has another open ticket.")


@transaction.atomic
def take_ticket(ticket: Ticket, *, by: Membership) -> Ticket:
    """Take a waiting ticket into service. Of two who click at once one wins, and the other is told
    who has it. Taking what one has already is no error."""
    ticket = lock_ticket(ticket)
    if ticket.assignee_id == by.id and not ticket.is_closed:
        return ticket
    if ticket.is_closed:
        raise TicketIsClosed
    if ticket.status != Status.WAITING:
        raise AlreadyTaken(assignee=person(ticket.assignee))
    was = ticket.standing
    ticket.status, ticket.assignee, ticket.taken_at = Status.IN_SERVICE, by, timezone.now()
    _save(ticket, "status", "assignee", "taken_at")
    entry = write_entry(ticket, "taken", by=by)
    tell_ticket(catalog.TicketTaken, ticket, was=was, by=by, entry=entry)
    return ticket


@transaction.atomic
def return_ticket(ticket: Ticket, *, by: Membership) -> Ticket:
    """Give a ticket back to its sector's queue."""
    ticket = lock_ticket(ticket)
    if ticket.status != Status.IN_SERVICE:
        raise NotInService
    require_service(ticket, by)
    was = ticket.standing
    ticket.status, ticket.assignee = Status.WAITING, None
    ticket.queued_at, ticket.taken_at = timezone.now(), None
    _save(ticket, "status", "assignee", "queued_at", "taken_at")
    entry = write_entry(ticket, "returned", by=by, sector=ticket.sector)
    tell_ticket(catalog.TicketReturned, ticket, was=was, by=by, entry=entry)
    return ticket


@transaction.atomic
def transfer_ticket(ticket: Ticket, *, sector: Sector, to: Membership | None, by: Membership) -> Ticket:
    """Hand a ticket to a sector's queue, or to a member of that sector."""
    ticket = lock_ticket(ticket)
    if ticket.is_closed:
        raise TicketIsClosed
    if ticket.status == Status.IN_SERVICE:
        require_service(ticket, by)
    if to is not None and not _may_serve(to, sector):
        raise NotInSector
    was, now = ticket.standing, timezone.now()
    ticket.sector, ticket.assignee = sector, to
    ticket.status = Status.IN_SERVICE if to else Status.WAITING
    ticket.queued_at, ticket.taken_at = (ticket.queued_at, now) if to else (now, None)
    _save(ticket, "sector", "assignee", "status", "queued_at", "taken_at")
    entry = write_entry(ticket, "transferred", by=by, sector=sector, to=to)
    tell_ticket(catalog.TicketTransferred, ticket, was=was, by=by, entry=entry)
    return ticket


@transaction.atomic
def close_ticket(ticket: Ticket, *, by: Membership) -> Ticket:
    """End the episode. The customer's next message decides what comes then (`lifecycle`)."""
    ticket = lock_ticket(ticket)
    if ticket.is_closed:
        raise TicketIsClosed
    if ticket.status == Status.IN_SERVICE:
        require_service(ticket, by)
    was = ticket.standing
    # Whoever closes a waiting ticket keeps it in sight: it becomes theirs.
    ticket.assignee = ticket.assignee or by
    ticket.status, ticket.closed_at, ticket.closed_by = Status.CLOSED, timezone.now(), by
    _save(ticket, "assignee", "status", "closed_at", "closed_by")
    entry = write_entry(ticket, "closed", by=by)
    tell_ticket(catalog.TicketClosed, ticket, was=was, by=by, entry=entry)
    return ticket


@transaction.atomic
def reopen_ticket(ticket: Ticket, *, by: Membership) -> Ticket:
    """Go on with a closed ticket; whoever reopens it serves it."""
    ticket = lock_ticket(ticket)
    if not ticket.is_closed:
        raise TicketIsOpen
    was, now = ticket.standing, timezone.now()
    ticket.status, ticket.assignee, ticket.taken_at = Status.IN_SERVICE, by, now
    ticket.closed_at = ticket.closed_by = None
    try:
        with transaction.atomic():
            _save(ticket, "status", "assignee", "taken_at", "closed_at", "closed_by")
    except IntegrityError as other:
        raise OtherTicketOpen from other
    entry = write_entry(ticket, "reopened", by=by)
    tell_ticket(catalog.TicketReopened, ticket, was=was, by=by, entry=entry)
    return ticket


@transaction.atomic
def mark_read(ticket: Ticket, *, by: Membership) -> Ticket:
    """The member serving the ticket has read it: no unread ones left, blue ticks for the customer."""
    ticket = lock_ticket(ticket)
    if ticket.unread == 0 or ticket.assignee_id != by.id or ticket.is_closed:
        return ticket
    unread = ticket.unread
    ticket.unread = 0
    _save(ticket, "unread")
    received = Message.objects.filter(ticket=ticket, direction=Direction.IN).newest_first()
    ids = list(received.values_list("wa_id", flat=True)[: min(unread, READ_AT_ONCE)])
    outbound.enqueue(
        ticket.connection,
        lane=uuid4(),  # a lane of its own: ticks for the customer never wait for an answer
        kind="read",
        chat=ticket.chat,
        payload={"ids": ids},
        client_ref=uuid4(),
    )
    tell_ticket(catalog.TicketRead, ticket, was=ticket.standing, by=by)
    return ticket


def require_service(ticket: Ticket, by: Membership) -> None:
    """The ticket's own member, or one who oversees every ticket."""
    if ticket.assignee_id != by.id and not by.has_right("sees_all_tickets"):
        raise NotYours(assignee=person(ticket.assignee))


def lock_ticket(ticket: Ticket) -> Ticket:
    """The ticket as it is now, locked until the end of the transaction. In two steps: what a locking
    query joins (who has it!) is as old as its wait for the lock."""
    Ticket.objects.select_for_update(no_key=True).values_list("id").get(id=ticket.id)
    fresh: Ticket = Ticket.objects.with_people().get(id=ticket.id)
    return fresh


def _save(ticket: Ticket, *fields: Any) -> None:
    ticket.version += 1
    ticket.save(update_fields=["version", *fields])


def _may_serve(member: Membership, sector: Sector) -> bool:
    """Members of the sector, and those who oversee all of them."""
    return member.has_right("sees_all_tickets") or Seat.objects.filter(sector=sector, member=member).exists()
