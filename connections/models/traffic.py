"""What came in, what must go out, and how much of it there was."""

from __future__ import annotations

import uuid

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from connections.choices import Command, DownloadState, SendState, WaitsFor
from connections.models.connection import Connection
from tenants.models import TenantRecord


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
            ),
            BrinIndex(fields=["received_at"], name="inbound_by_time"),  # for counting the last hours
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
    kind = models.CharField(max_length=12, choices=Command.choices)
    chat = models.CharField(max_length=120)
    payload = models.JSONField()
    state = models.CharField(max_length=12, choices=SendState.choices, default=SendState.QUEUED)
    epoch = models.PositiveBigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now())
    # It would begin a chat; nobody asked for it at this moment. Both make it wait longer (`pacing`).
    is_new_chat = models.BooleanField(default=False)
    is_automatic = models.BooleanField(default=False)
    waits_for = models.CharField(max_length=20, choices=WaitsFor.choices, blank=True)
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
            models.Index(
                fields=["settled_at"], condition=~models.Q(settled_at=None), name="outbound_settled"
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


class Post(TenantRecord):
    """What a gateway posted to us, as it came; the connection's session reads it (`connections.mailbox`)."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)  # the same whenever the gateway posts it again
    body = models.JSONField()
    posted_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "key"], name="post_kept_once")]
        indexes = [
            models.Index(fields=["connection", "id"], condition=models.Q(read_at=None), name="post_unread")
        ]

    def __str__(self) -> str:
        return f"post {self.key}"


class TrafficHour(TenantRecord):
    """How much went through a connection in one hour (which begins at `hour`, UTC): messages."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    hour = models.DateTimeField()
    received = models.PositiveIntegerField(default=0)
    sent = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "hour"], name="traffic_hour_once")]

    def __str__(self) -> str:
        return f"{self.hour:%F %H}h of {self.connection_id}"
