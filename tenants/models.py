"""The tenant, and the base of everything a tenant owns."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, Self, TypeVar

import uuid_utils.compat
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants import scope

Row = TypeVar("Row", bound=models.Model)


def uuid7() -> uuid.UUID:
    """A key that grows with time (RFC 9562), so that indexes stay dense and pages sort by it."""
    key: uuid.UUID = uuid_utils.compat.uuid7()
    return key


class Tenant(models.Model):
    """A company using this installation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("company"), max_length=80)
    slug = models.SlugField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$")],
    )
    time_zone = models.CharField(max_length=64, default="America/Sao_Paulo")
    last_ticket_number = models.PositiveBigIntegerField(default=0, editable=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("tenant"), _("tenants")

    def __str__(self) -> str:
        return self.name


class TenantQuerySet(models.QuerySet[Row]):
    """Base vocabulary of tenant-owned rows."""


class TenantManager(models.Manager[Row]):
    """Rows of the tenant in scope, and none without a scope."""

    def get_queryset(self) -> models.QuerySet[Row]:
        tenant = scope.current_or_every()
        rows = super().get_queryset()
        return rows if isinstance(tenant, scope._EveryTenant) else rows.filter(tenant=tenant)


class TenantOwned(models.Model):
    """A row that belongs to one tenant. Its table is under forced row-level security (`tenants.rls`)."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+", editable=False)

    objects: ClassVar[models.Manager[Self]] = TenantManager()

    class Meta:
        abstract = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # A new row belongs to the tenant in scope; bulk_create() skips save(), not __init__().
        if not args and "tenant" not in kwargs and "tenant_id" not in kwargs:
            tenant = scope._current.get()
            if tenant is not None and tenant.id is not None:
                kwargs["tenant_id"] = tenant.id
        super().__init__(*args, **kwargs)


class TenantEntity(TenantOwned):
    """A tenant's thing with a name in addresses and the API: its key tells nothing and sorts by time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class TenantRecord(TenantOwned):
    """A tenant's row in a queue or log: its key counts up in order of writing and never leaves us."""

    id = models.BigAutoField(primary_key=True)

    class Meta:
        abstract = True
