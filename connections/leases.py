"""Leases: which worker hosts a connection's session, until when, under which epoch.

PostgreSQL's clock decides, so workers need not agree on the time. An epoch rises with every change of
hands; a session that writes under an old one is told so and stops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from connections.choices import HOSTED_STATES
from connections.models import Connection
from tenants import scope


class LeaseLost(RuntimeError):
    """Another worker holds the connection, or may: stop at once."""


@dataclass(frozen=True)
class Lease:
    connection_id: UUID
    worker: str
    epoch: int


@dataclass(frozen=True)
class Wish:
    """What people want of a connection that a worker holds."""

    epoch: int
    should_run: bool
    should_log_out: bool
    wish: int


def lasts() -> timedelta:
    return timedelta(seconds=settings.LEASE_SECONDS)


def check(lease: Lease) -> None:
    """Raise LeaseLost unless the lease holds now. Runs inside the tenant's scope."""
    held = Connection.objects.held_by(lease.worker, lease.epoch).filter(id=lease.connection_id)
    if not held.exists():
        raise LeaseLost


def lock(lease: Lease) -> Connection:
    """The connection's row, locked until the end of the transaction; raises LeaseLost."""
    held = Connection.objects.held_by(lease.worker, lease.epoch).filter(id=lease.connection_id)
    connection: Connection | None = held.select_for_update(no_key=True).first()
    if connection is None:
        raise LeaseLost
    return connection


def check_all(leases: Sequence[Lease]) -> None:
    """As `check`, for leases of one worker at once."""
    held = set(Connection.objects.filter(_held_by_all(leases)).values_list("id", "lease_epoch"))
    if any((lease.connection_id, lease.epoch) not in held for lease in leases):
        raise LeaseLost


def lock_all(leases: Sequence[Lease]) -> dict[UUID, Connection]:
    """As `lock`, for leases of one worker at once; by connection."""
    rows = Connection.objects.select_for_update(no_key=True).order_by("id")
    held = {row.id: row for row in rows.filter(_held_by_all(leases))}
    epochs = {(row.id, row.lease_epoch) for row in held.values()}
    if any((lease.connection_id, lease.epoch) not in epochs for lease in leases):
        raise LeaseLost
    return held


def _held_by_all(leases: Sequence[Lease]) -> Q:
    (worker,) = {lease.worker for lease in leases}
    ids = [lease.connection_id for lease in leases]
    return Q(id__in=ids, lease_owner=worker, lease_expires_at__gt=Now())


def acquire(worker: str, room: int) -> list[Connection]:
    """Take up to `room` connections that should run and that nobody holds."""
    with scope.across_tenants(reason="a worker hosts sessions of every tenant"):
        with transaction.atomic():
            free = Connection.objects.unowned().filter(tenant__is_active=True)
            rows = free.select_for_update(skip_locked=True, of=("self",))
            taken = list(rows.order_by("state_at").select_related("tenant")[:room])
            Connection.objects.filter(id__in=[c.id for c in taken]).update(
                lease_owner=worker,
                lease_epoch=F("lease_epoch") + 1,
                lease_expires_at=Now() + lasts(),
            )
        fresh = Connection.objects.filter(id__in=[c.id for c in taken]).select_related("tenant")
        return list(fresh)


def renew(worker: str, connection_ids: list[UUID]) -> dict[UUID, Wish]:
    """Prolong the leases of living sessions. What is missing from the answer was lost, or its tenant is
    suspended."""
    with scope.across_tenants(reason="a worker hosts sessions of every tenant"):
        held = Connection.objects.held_by(worker).filter(id__in=connection_ids, tenant__is_active=True)
        held.update(lease_expires_at=Now() + lasts())
        rows = held.values_list("id", "lease_epoch", "should_run", "should_log_out", "wish")
        return {row[0]: Wish(*row[1:]) for row in rows}


def release(lease: Lease) -> None:
    """Give a connection back, so that another worker may take it at once."""
    with scope.across_tenants(reason="a worker hosts sessions of every tenant"):
        held = Connection.objects.held_by(lease.worker, lease.epoch).filter(id=lease.connection_id)
        held.update(lease_owner="", lease_expires_at=None)


def holder(connection_id: UUID | str) -> str:
    """The worker that holds the connection now; empty when none does."""
    owner = (
        Connection.objects.filter(id=connection_id, lease_expires_at__gt=Now())
        .values_list("lease_owner", flat=True)
        .first()
    )
    return owner or ""


def lapsed() -> list[tuple[str, str]]:
    """(tenant id, connection id) of everything that looks alive and that no worker holds."""
    with scope.across_tenants(reason="the sweep serves every tenant"):
        rows = Connection.objects.unheld().filter(state__in=HOSTED_STATES)
        return [(str(tenant), str(id_)) for tenant, id_ in rows.values_list("tenant_id", "id")]
