"""WhatsApp numbers: what people want of each, what it is doing, what came in and what must go out."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from connections.choices import FINAL_STATES, DownloadState, Driver, SendState, State
from sectors.models import Sector
from tenants.models import TenantEntity, TenantManager, TenantQuerySet, TenantRecord


class ConnectionQuerySet(TenantQuerySet["Connection"]):
    def unowned(self) -> ConnectionQuerySet:
        """Connections that no living worker holds and that should run, or be logged out; or whose worker
        died before it could say how they ended, though they should not."""
        unfinished = ~models.Q(lease_owner="") & ~models.Q(state__in=FINAL_STATES)
        wanted = models.Q(should_run=True) | models.Q(should_log_out=True) | unfinished
        return self.unheld().filter(wanted)

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

    state = models.CharField(max_length=16, choices=State.choices, default=State.CREATED)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    state_at = models.DateTimeField(db_default=Now())
    phone = models.CharField(max_length=20, null=True)  # noqa: DJ001 (unlinked is not "no digits")
    profile_name = models.CharField(max_length=80, blank=True)
    version = models.PositiveBigIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    lease_owner = models.CharField(max_length=120, blank=True)
    lease_epoch = models.PositiveBigIntegerField(default=0)
    lease_expires_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = TenantManager.from_queryset(ConnectionQuerySet)()

    class Meta:
        verbose_name, verbose_name_plural = _("connection"), _("connections")
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="connection_name_per_tenant")]
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


class SealedCredentials(TenantEntity):
    """What a session needs to come back without a new QR code, encrypted (`sessions.vault`)."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="credentials")
    sealed = models.TextField()
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"credentials of {self.connection_id}"


class Inbound(TenantRecord):
    """Something from WhatsApp, stored once, raw, before anybody works on it."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)  # what makes it the same happening, whoever delivers it
    kind = models.CharField(max_length=20)
    chat = models.CharField(max_length=120)
    payload = models.JSONField()
    received_at = models.DateTimeField(db_default=Now())
    taken_in_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("happening received"), _("happenings received")
        constraints = [models.UniqueConstraint(fields=["connection", "key"], name="inbound_stored_once")]
        indexes = [
            models.Index(
                fields=["connection", "chat", "id"],
                condition=models.Q(taken_in_at=None),
                name="inbound_pending",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Outbound(TenantRecord):
    """The send queue: one command to WhatsApp, in strict order within its lane.

    `client_ref` is chosen before the first attempt and travels to WhatsApp as the message's id, so
    that an echo, a repeat or a takeover recognises it.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    lane = models.UUIDField()  # the ticket, though connections knows nothing of tickets
    client_ref = models.UUIDField(unique=True, default=uuid.uuid4)
    kind = models.CharField(max_length=12)  # message, read
    chat = models.CharField(max_length=120)
    payload = models.JSONField()
    state = models.CharField(max_length=12, choices=SendState.choices, default=SendState.QUEUED)
    epoch = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now())
    wa_id = models.CharField(max_length=80, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=300, blank=True)
    queued_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("command to send"), _("commands to send")
        indexes = [
            models.Index(
                fields=["connection", "id"],
                condition=models.Q(state__in=["queued", "sending"]),
                name="outbound_open",
            ),
            models.Index(
                fields=["lane", "id"],
                condition=models.Q(state__in=["queued", "sending"]),
                name="outbound_lane",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.client_ref}"


class Download(TenantRecord):
    """A file of an incoming message, to be fetched by the session that can."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    chat = models.CharField(max_length=120)
    wa_id = models.CharField(max_length=80)
    media = models.JSONField()
    state = models.CharField(max_length=8, choices=DownloadState.choices, default=DownloadState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "wa_id"], name="download_once")]
        indexes = [
            models.Index(
                fields=["connection", "not_before"],
                condition=models.Q(state="queued"),
                name="download_queued",
            )
        ]

    def __str__(self) -> str:
        return f"file of {self.wa_id}"
