"""A WhatsApp number: what people want of it, what it is doing, who hosts it, what it has been through."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from connections.choices import FINAL_STATES, Driver, State
from sectors.models import Sector
from tenants.models import TenantEntity, TenantManager, TenantQuerySet, TenantRecord


class ConnectionQuerySet(TenantQuerySet["Connection"]):
    def kept(self) -> ConnectionQuerySet:
        """All but those that were removed."""
        return self.filter(is_archived=False)

    def unowned(self) -> ConnectionQuerySet:
        """Connections that no living worker holds and that should run, or be logged out; or whose worker
        died before it could say how they ended, though they should not."""
        unfinished = ~models.Q(lease_owner="") & ~models.Q(state__in=FINAL_STATES)
        wanted = models.Q(should_run=True) | models.Q(should_log_out=True) | unfinished
        return self.unheld().filter(wanted)

    def wanted(self) -> ConnectionQuerySet:
        """Connections that a worker should host now."""
        wanted = models.Q(should_run=True) | models.Q(should_log_out=True)
        return self.filter(wanted, tenant__is_active=True)

    def unheld(self) -> ConnectionQuerySet:
        """Connections that no living worker holds."""
        return self.filter(models.Q(lease_expires_at=None) | models.Q(lease_expires_at__lt=Now()))

    def held_by(self, worker: str, epoch: int | None = None) -> ConnectionQuerySet:
        held = self.filter(lease_owner=worker, lease_expires_at__gt=Now())
        return held if epoch is None else held.filter(lease_epoch=epoch)


class Connection(TenantEntity):
    """One WhatsApp number, linked through a driver.

    `should_run` is what people want, `state` what is. The lease says which worker hosts the session;
    its epoch rises with every change of hands, and every write of a session carries it.
    """

    name = models.CharField(_("name"), max_length=60)
    driver = models.CharField(_("driver"), max_length=12, choices=Driver.choices)
    sector = models.ForeignKey(Sector, on_delete=models.PROTECT, related_name="+")
    should_run = models.BooleanField(default=False)
    # Counts what people asked for: a running session starts afresh when it sees a higher number.
    wish = models.PositiveIntegerField(default=0)
    should_log_out = models.BooleanField(default=False)
    # What the driver's own `Settings` say (`drivers.registry`); its keys and tokens are SealedSettings.
    driver_settings = models.JSONField(default=dict, blank=True)
    # Where it differs from the usual (`connections.pacing`).
    pacing = models.JSONField(default=dict, blank=True)
    history_days = models.PositiveSmallIntegerField(_("days of history to import"), default=0)
    # The phone that links by an eight-letter code; empty: by QR code.
    pairing_phone = models.CharField(max_length=20, blank=True)
    alert_minutes = models.PositiveSmallIntegerField(_("minutes down before an alert"), default=5)
    position = models.PositiveIntegerField(default=0)
    # Removed, though its tickets and messages stay: in no list any more, its name free again.
    is_archived = models.BooleanField(default=False)
    # Who agreed to link it in a way that WhatsApp does not offer to companies, and when.
    consented_by = models.ForeignKey(Membership, null=True, on_delete=models.SET_NULL, related_name="+")
    consented_at = models.DateTimeField(null=True)

    state = models.CharField(max_length=16, choices=State.choices, default=State.CREATED)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    state_at = models.DateTimeField(db_default=Now())
    phone = models.CharField(max_length=20, null=True)  # noqa: DJ001 (unlinked is not "no digits")
    profile_name = models.CharField(max_length=80, blank=True)
    linked_at = models.DateTimeField(null=True)
    # Connected, and yet something is wrong with it; why, as a code.
    degraded_by = models.CharField(max_length=40, blank=True)
    # Until then WhatsApp refuses chats that this number begins.
    restricted_until = models.DateTimeField(null=True)
    last_received_at = models.DateTimeField(null=True)
    memory_bytes = models.PositiveBigIntegerField(null=True)
    # Since when it is not connected, though it should be; empty while it is.
    down_since = models.DateTimeField(null=True)
    # People were told that it is down; empty again once it is up.
    alerted_at = models.DateTimeField(null=True)
    version = models.PositiveBigIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    lease_owner = models.CharField(max_length=120, blank=True)
    lease_epoch = models.PositiveBigIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = TenantManager.from_queryset(ConnectionQuerySet)()

    class Meta:
        verbose_name, verbose_name_plural = _("connection"), _("connections")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"],
                condition=models.Q(is_archived=False),
                name="connection_name_per_tenant",
            )
        ]
        indexes = [
            models.Index(
                fields=["lease_expires_at"],
                condition=models.Q(should_run=True),
                name="connection_to_run",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_over(self) -> bool:
        return self.state in FINAL_STATES


class Transition(TenantRecord):
    """One change of a connection's state: from, to, why, when, by which worker under which epoch."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="transitions")
    from_state = models.CharField(max_length=16, choices=State.choices)
    to_state = models.CharField(max_length=16, choices=State.choices)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    worker = models.CharField(max_length=120, blank=True)
    epoch = models.PositiveBigIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name, verbose_name_plural = _("change of state"), _("changes of state")
        indexes = [models.Index(fields=["connection", "-id"], name="transition_newest")]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"
