"""Doors to connections."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.access import require
from accounts.models import Membership
from connections.models import Connection


def list_connections(member: Membership) -> QuerySet[Connection]:
    """All numbers of the tenant: every agent may know which exist and whether they are up."""
    rows: QuerySet[Connection] = Connection.objects.select_related("sector").order_by("name")
    return rows


def get_connection(member: Membership, connection_id: UUID | str) -> Connection:
    return get_object_or_404(list_connections(member), id=connection_id)


def get_managed_connection(member: Membership, connection_id: UUID | str) -> Connection:
    """For those who may start, stop, link and see QR codes. A stranger's id is absent before the
    right is even looked at."""
    connection = get_connection(member, connection_id)
    require(member, "can_manage_connections")
    return connection
