"""Doors to tickets, messages, contacts and files."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import Membership
from sectors.models import Sector
from tickets.choices import Status
from tickets.models import Contact, Media, Message, Ticket


def get_ticket(member: Membership, ticket_id: UUID | str) -> Ticket:
    """A ticket the member may see."""
    tickets = Ticket.objects.visible_to(member).with_people()
    ticket: Ticket = get_object_or_404(tickets, id=ticket_id)
    return ticket


def get_takeable_ticket(member: Membership, ticket_id: UUID | str) -> Ticket:
    """A ticket the member may see, or could see until a colleague took it: the second of two who
    click at once must learn who was first, not that there is no such ticket."""
    contested = Ticket.objects.filter(
        status=Status.IN_SERVICE, sector_id__in=Sector.objects.of(member).values("id")
    )
    visible = Ticket.objects.visible_to(member).values("id")
    tickets = Ticket.objects.filter(Q(id__in=visible) | Q(id__in=contested.values("id")))
    ticket: Ticket = get_object_or_404(tickets.with_people(), id=ticket_id)
    return ticket


def get_message(member: Membership, message_id: UUID | str) -> Message:
    """A message of a ticket the member may see."""
    message: Message = get_object_or_404(Message.objects.with_parts(), id=message_id)
    if not Ticket.objects.visible_to(member).filter(id=message.ticket_id).exists():
        raise Http404
    return message


def get_message_of(ticket: Ticket, message_id: UUID | str) -> Message:
    """A message of the same conversation: this ticket, or an earlier one of contact and connection."""
    message: Message = get_object_or_404(
        Message.objects.with_parts(),
        id=message_id,
        ticket__contact_id=ticket.contact_id,
        connection_id=ticket.connection_id,
    )
    return message


def contacts_for(member: Membership) -> QuerySet[Contact]:
    """Contacts the member has a ticket of in sight; all for those who see every ticket."""
    contacts = Contact.objects.all()
    if member.has_right("sees_all_tickets"):
        return contacts
    seen = Ticket.objects.visible_to(member).filter(contact=OuterRef("pk"))
    return contacts.filter(Exists(seen))


def get_contact(member: Membership, contact_id: UUID | str) -> Contact:
    return get_object_or_404(contacts_for(member), id=contact_id)


def get_media(member: Membership, media_id: UUID | str) -> Media:
    """A file of a message the member may see, and that was not deleted."""
    media = get_object_or_404(Media.objects.select_related("message"), id=media_id)
    message = getattr(media, "message", None)
    if message is None or message.deleted_at is not None:
        raise Http404
    get_message(member, message.id)
    return media
