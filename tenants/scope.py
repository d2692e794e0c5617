"""For which tenant the code is working, known to Python and to PostgreSQL alike.

Only the doors (`tenants.doors`) open a scope. A query outside one fails instead of leaking; a query
that slipped past Python would meet row-level security, which reads the same setting.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

import structlog
from django.db import connection, transaction

if TYPE_CHECKING:
    from tenants.models import Tenant


class NoTenant(RuntimeError):
    """A tenant-owned table was touched while no tenant was active."""


class _EveryTenant:
    id = None
    slug = "*"


EVERY_TENANT: Final = _EveryTenant()
_current: ContextVar[Tenant | _EveryTenant | None] = ContextVar("tenant", default=None)


@contextmanager
def working_for(tenant: Tenant) -> Iterator[None]:
    """Work for one tenant inside one transaction; nested scopes give back what they found."""
    with _scope(tenant, tenant_id=str(tenant.id), across="off"):
        yield


@contextmanager
def across_tenants(*, reason: str) -> Iterator[None]:
    """Work for all tenants: sweeps, session leases, sign-in. Rare, and greppable by its reason."""
    if not reason:
        raise ValueError("across_tenants() needs a reason")
    with _scope(EVERY_TENANT, tenant_id="", across="on"):
        yield


def current() -> Tenant:
    """The tenant the code works for."""
    tenant = _current.get()
    if tenant is None or isinstance(tenant, _EveryTenant):
        raise NoTenant("enter working_for(tenant) first")
    return tenant


def current_or_every() -> Tenant | _EveryTenant:
    tenant = _current.get()
    if tenant is None:
        raise NoTenant("enter working_for(tenant), or across_tenants(reason=...)")
    return tenant


@contextmanager
def _scope(tenant: Tenant | _EveryTenant, *, tenant_id: str, across: str) -> Iterator[None]:
    before = _current.get()
    is_nested = connection.in_atomic_block
    token = _current.set(tenant)
    try:
        with structlog.contextvars.bound_contextvars(tenant=tenant.slug), transaction.atomic():
            _tell_database(tenant_id, across)
            yield
            # An inner scope shares the outer transaction, where SET LOCAL would outlive it; with our own
            # transaction it ends by itself. After an error the savepoint's rollback has already restored
            # the outer setting.
            if is_nested and not connection.needs_rollback:
                _tell_database(*_settings_of(before))
    finally:
        _current.reset(token)


def _settings_of(tenant: Tenant | _EveryTenant | None) -> tuple[str, str]:
    if tenant is None:
        return "", "off"
    if isinstance(tenant, _EveryTenant):
        return "", "on"
    return str(tenant.id), "off"


def _tell_database(tenant_id: str, across: str) -> None:
    """Set what the row-level policies read, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('app.tenant_id', %s, true), set_config('app.across', %s, true)",
            [tenant_id, across],
        )
