"""Sectors and the seats members have in them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from tenants.models import TenantEntity, TenantManager, TenantQuerySet

COLORS = ["#2f6f5e", "#b4532a", "#3b5b92", "#8a4f7d", "#9a7b1f", "#4f7a3a", "#a33b4e", "#4a6572"]


class SectorQuerySet(TenantQuerySet["Sector"]):
    def with_seats(self) -> SectorQuerySet:
        return self.prefetch_related("seats")

    def of(self, member: Membership) -> SectorQuerySet:
        """Sectors the member has a seat in."""
        return self.filter(seats__member=member)


class Sector(TenantEntity):
    """A department with a queue of its own."""

    name = models.CharField(_("name"), max_length=60)
    color = models.CharField(
        _("color"), max_length=7, default=COLORS[0], validators=[RegexValidator(r"^#[0-9a-f]{6}$")]
    )
    # A customer who writes again within so many minutes continues the closed ticket; 0: never.
    reopen_minutes = models.PositiveIntegerField(_("reopen within (minutes)"), default=120)
    version = models.PositiveBigIntegerField(default=1)  # each change raises it
    created_at = models.DateTimeField(auto_now_add=True)
    members = models.ManyToManyField(Membership, through="Seat", related_name="sectors")

    objects: ClassVar[Any] = TenantManager.from_queryset(SectorQuerySet)()

    class Meta:
        verbose_name, verbose_name_plural = _("sector"), _("sectors")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="sector_name_once_per_tenant")]

    def __str__(self) -> str:
        return self.name


class Seat(TenantEntity):
    """A member works in a sector."""

    sector = models.ForeignKey(Sector, on_delete=models.CASCADE, related_name="seats")
    member = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="seats")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sector", "member"], name="seat_once")]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.sector_id}"
