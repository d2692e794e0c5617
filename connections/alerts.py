"""Numbers that are down for longer than their people bear with, and who is told."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.functions import Now

from accounts.choices import Role
from accounts.models import Membership
from connections.models import Connection
from tenants import scope


def is_overdue(down_since: datetime | None, minutes: int, now: datetime) -> bool:
    """Whether it has been down for so long that somebody must know. 0 minutes: nobody wants to."""
    return bool(down_since and minutes and now - down_since >= timedelta(minutes=minutes))


def overdue() -> list[tuple[str, str]]:
    """(tenant id, connection id) of all that may be overdue and that nobody was told of yet."""
    with scope.across_tenants(reason="the sweep serves every tenant"):
        down = Connection.objects.filter(alerted_at=None, alert_minutes__gt=0, tenant__is_active=True)
        late = down.filter(down_since__lte=Now() - F("alert_minutes") * timedelta(minutes=1))
        return [(str(tenant), str(id_)) for tenant, id_ in late.values_list("tenant_id", "id")]


def recipients() -> list[str]:
    """The addresses of those who can bring a number back."""
    people = Membership.objects.active().filter(role__in=[Role.OWNER, Role.ADMIN])
    return sorted(people.values_list("user__email", flat=True))
