"""Reads that span models: lists, counters, search."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import CharField, Q, Value
from django.db.models.functions import Coalesce, NullIf

from accounts.models import Membership
from accounts.serializers import member_row
from connections.access import list_connections
from connections.serializers import connection_row
from sectors.models import Seat, Sector
from sectors.serializers import sector_row
from tickets.access import contacts_for
from tickets.choices import Status
from tickets.models import Contact, Message, Ticket, TicketQuerySet
from tickets.paging import page
from tickets.searching import contacts_like, digits_of
from tickets.serializers import contact_row, message_row, ticket_row

COUNTED_UP_TO = 1000
EARLIER_TICKETS_SHOWN = 50
# What a list reads: the ticket, and of its neighbours what a row shows and no more.
LISTED = [
    *(field.name for field in Ticket._meta.concrete_fields),
    *("contact__name", "contact__phone", "connection__name", "sector__name", "sector__color"),
]
# A member's name, as `User.__str__` says it.
SHOWN_NAME = Coalesce(NullIf("user__name", Value("")), "user__email", output_field=CharField())


def list_tickets(
    member: Membership, *, status: str, search: str = "", cursor: str = "", limit: int = 40
) -> dict[str, Any]:
    """One page of a tab, newest activity first."""
    rows = Ticket.objects.in_tab(status, member).with_people().only(*LISTED)
    found, after = page(_search(rows, search), by="last_message_at", cursor=cursor, limit=limit)
    return {"results": [ticket_row(ticket) for ticket in found], "next": after}


def _search(rows: TicketQuerySet, search: str) -> TicketQuerySet:
    """By the contact's name or number, or the ticket's number (`#12` or `12`)."""
    search = search.strip()
    if not search:
        return rows
    wanted = Q(contact__in=contacts_like(search).values("id"))
    if re.fullmatch(r"#?[0-9]{1,12}", search):
        wanted |= Q(number=int(digits_of(search)))
    return rows.filter(wanted)


def has_open_tickets(connection_id: UUID) -> bool:
    """Whether somebody is being attended to, or waits, on this number (`settings.HAS_OPEN_TICKETS`)."""
    tickets = Ticket.objects.filter(connection_id=connection_id).exclude(status=Status.CLOSED)
    return bool(tickets.exists())


def count_tabs(member: Membership) -> dict[str, int]:
    """Tickets in each tab; beyond a thousand nobody counts any more."""
    return {status.value: Ticket.objects.in_tab(status, member)[:COUNTED_UP_TO].count() for status in Status}


def list_messages(ticket: Ticket, *, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """A page of the thread, newest first."""
    rows = Message.objects.filter(ticket=ticket).with_parts()
    found, after = page(rows, by="sent_at", cursor=cursor, limit=limit)
    return {"results": [message_row(message) for message in found], "next": after}


def list_contacts(member: Membership, *, search: str, cursor: str, limit: int) -> dict[str, Any]:
    rows = contacts_for(member)
    if search.strip():
        rows = rows.filter(id__in=contacts_like(search).values("id"))
    found, after = page(rows, by="created_at", cursor=cursor, limit=limit)
    return {"results": [contact_row(contact) for contact in found], "next": after}


def list_earlier_tickets(member: Membership, contact: Contact) -> list[dict[str, Any]]:
    """A contact's tickets, newest first. Those out of sight are named, not opened."""
    tickets = Ticket.objects.filter(contact=contact).with_people().order_by("-opened_at")
    visible = set(Ticket.objects.visible_to(member).filter(contact=contact).values_list("id", flat=True))
    shown = ("id", "number", "status", "opened_at", "closed_at", "sector", "assignee")
    return [
        {
            **{key: value for key, value in ticket_row(ticket).items() if key in shown},
            "is_visible": ticket.id in visible,
        }
        for ticket in tickets[:EARLIER_TICKETS_SHOWN]
    ]


def inbox_of(member: Membership) -> dict[str, Any]:
    """What a console needs before the first list: who I am, who and what there is, how much."""
    tenant = member.tenant
    with_reasons = member.has_right("can_manage_connections")
    return {
        "me": {
            "id": str(member.id),
            "name": member.name,
            "role": member.role,
            "rights": member.rights,
        },
        "tenant": {"slug": tenant.slug, "name": tenant.name, "time_zone": tenant.time_zone},
        **_sectors_and_members(),
        "connections": [
            connection_row(connection, with_reasons=with_reasons) for connection in list_connections(member)
        ],
        "counters": count_tabs(member),
    }


def _sectors_and_members() -> dict[str, list[dict[str, Any]]]:
    """All sectors with the ids of their members, all active members with those of their sectors. Plain
    values, and seats read once for both: a big company has hundreds of people."""
    sectors_of, members_of = defaultdict(list), defaultdict(list)
    for sector_id, member_id in Seat.objects.order_by("id").values_list("sector_id", "member_id"):
        sectors_of[member_id].append(sector_id)
        members_of[sector_id].append(str(member_id))
    people = Membership.objects.active().annotate(name=SHOWN_NAME).order_by("user__name")
    shown = people.values_list("id", "version", "role", "is_active", "name", named=True)
    return {
        "sectors": [sector_row(sector, members_of[sector.id]) for sector in Sector.objects.all()],
        "members": [member_row(person, sectors_of[person.id]) for person in shown],
    }
