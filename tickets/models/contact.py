"""Customers, and the names WhatsApp knows them by."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.models import TenantEntity
from tickets.choices import IdentityKind


class Contact(TenantEntity):
    """A customer. The phone is nullable: WhatsApp may hide it behind another identity."""

    name = models.CharField(_("name"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=20, null=True)  # noqa: DJ001 (unknown ≠ empty)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="contact_newest"),
            models.Index(fields=["tenant", "phone"], name="contact_by_phone"),
        ]

    def __str__(self) -> str:
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
