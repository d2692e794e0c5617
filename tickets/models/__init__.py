"""Rows of the product."""

from tickets.models.contact import Contact, Identity
from tickets.models.message import EarlyTicks, Media, Message, MessageQuerySet
from tickets.models.ticket import Ticket, TicketQuerySet

__all__ = [
    "Contact",
    "EarlyTicks",
    "Identity",
    "Media",
    "Message",
    "MessageQuerySet",
    "Ticket",
    "TicketQuerySet",
]
