"""Doors to sectors."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404

from accounts.access import require
from accounts.models import Membership
from sectors.models import Sector


def get_sector(member: Membership, sector_id: UUID | str) -> Sector:
    """Any sector of the tenant: names are known to all, queues are not."""
    return get_object_or_404(Sector, id=sector_id)


def get_managed_sector(member: Membership, sector_id: UUID | str) -> Sector:
    sector = get_sector(member, sector_id)
    require(member, "can_manage_sectors")
    return sector
