"""Doors to connections."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.access import require
from accounts.models import Membership, digest
from connections.models import Connection, LinkInvitation
from tenants import scope


def list_connections(member: Membership) -> QuerySet[Connection]:
    """All numbers of the tenant: every agent may know which exist and whether they are up."""
    rows: QuerySet[Connection] = Connection.objects.kept().select_related("sector")
    return rows.order_by("position", "name")


def get_connection(member: Membership, connection_id: UUID | str) -> Connection:
    return get_object_or_404(list_connections(member), id=connection_id)


def get_managed_connection(member: Membership, connection_id: UUID | str) -> Connection:
    """For those who may start, stop, link and see QR codes. A stranger's id is absent before the
    right is even looked at."""
    connection = get_connection(member, connection_id)
    require(member, "can_manage_connections")
    return connection


def get_managed_link(member: Membership, connection_id: UUID | str, link_id: UUID | str) -> LinkInvitation:
    """A link to a connection, for those who manage it."""
    connection = get_managed_connection(member, connection_id)
    return get_object_or_404(LinkInvitation, connection=connection, id=link_id)


def find_link(token: str) -> LinkInvitation:
    """The link this token belongs to, whether it still opens something or not; with what it leads to."""
    with scope.across_tenants(reason="a link is opened by somebody without an account"):
        links = LinkInvitation.objects.select_related("tenant", "connection")
        link = links.filter(token_hash=digest(token), tenant__is_active=True).first()
    if link is None:
        raise Http404
    return link
