"""Customers, and the names WhatsApp knows them by."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.models import TenantEntity
from tickets.choices import IdentityKind


def _key(length: int) -> models.CharField[str, str]:
    """Compared byte by byte, so that what begins alike lies together in its index."""
    return models.CharField(max_length=length, blank=True, default="", editable=False, db_collation="C")


class Contact(TenantEntity):
    """A customer. The phone is nullable: WhatsApp may hide it behind another identity."""

    name = models.CharField(_("name"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=20, null=True, db_collation="C")  # noqa: DJ001 (unknown ≠ empty)
    # What search compares, written by the database itself (migration 0003): the name without accents and
    # capitals, from its first word on, from its second...; the number backwards.
    name_key = _key(120)
    name_key_2 = _key(120)
    name_key_3 = _key(120)
    name_key_4 = _key(120)
    phone_key = _key(20)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="contact_newest"),
            models.Index(fields=["tenant", "phone"], name="contact_by_phone"),
            models.Index(fields=["tenant", "phone_key"], name="contact_by_phone_end"),
            models.Index(fields=["tenant", "name_key"], name="contact_by_name"),
            models.Index(fields=["tenant", "name_key_2"], name="contact_by_name_2"),
            models.Index(fields=["tenant", "name_key_3"], name="contact_by_name_3"),
            models.Index(fields=["tenant", "name_key_4"], name="contact_by_name_4"),
        ]

    def __str__(self) -> str:
        """What people see it called."""
        return self.name or self.phone or "?"


class Identity(TenantEntity):
    """One name of a contact: phone, LID, business-scoped id or username."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=8, choices=IdentityKind.choices)
    value = models.CharField(max_length=120)
    first_seen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "value"], name="identity_of_one_contact")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"
