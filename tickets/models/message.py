"""Messages, their files, and ticks that came before their message."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from accounts.models import Membership
from connections.choices import Ack
from connections.models import Connection
from tenants.models import TenantEntity, TenantManager, TenantQuerySet
from tickets.choices import Direction, Kind, MediaState, Origin
from tickets.models.ticket import Ticket


class Media(TenantEntity):
    """A file of a message. It lies at `path` below the media root and leaves only through a door."""

    state = models.CharField(max_length=8, choices=MediaState.choices, default=MediaState.PENDING)
    path = models.CharField(max_length=200, blank=True)
    mime = models.CharField(max_length=120)
    name = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(null=True)
    seconds = models.FloatField(null=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["path"], name="media_by_path")]

    def __str__(self) -> str:
        return self.name or self.mime


class MessageQuerySet(TenantQuerySet["Message"]):
    def with_parts(self) -> MessageQuerySet:
        """All that a bubble shows. What few bubbles quote comes by a query of its own, when there is any:
        planning the join with it takes longer than reading a whole page."""
        quoted = Message.objects.select_related("author__user", "ticket__contact")
        return self.select_related("media", "author__user").prefetch_related(
            models.Prefetch("quoted", quoted)
        )

    def newest_first(self) -> MessageQuerySet:
        return self.order_by("-sent_at", "-id")


class Message(TenantEntity):
    """One WhatsApp message, or an entry of the ticket's timeline.

    Ordered by (sent_at, id): WhatsApp's time has whole seconds, so ours is cut to seconds as well and
    the key, which grows as messages come in, decides within one.
    """

    # Without an index of its own: `message_thread` begins with it, and a plan made for any ticket would read
    # a thread of ten thousand by the shorter one and sort it.
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+")
    direction = models.CharField(max_length=4, choices=Direction.choices)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    text = models.TextField(blank=True)
    author = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    version = models.PositiveBigIntegerField(default=1)

    wa_id = models.CharField(max_length=80, null=True)  # noqa: DJ001 (null: not in WhatsApp yet)
    client_ref = models.UUIDField(null=True)  # the Idempotency-Key it was sent with
    fingerprint = models.CharField(max_length=64, blank=True)  # of the request that made it
    ack = models.CharField(max_length=12, choices=Ack.choices, null=True)  # noqa: DJ001
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=300, blank=True)
    # Why it is not sent yet, and until when (`connections.choices.WaitsFor`).
    waits_for = models.CharField(max_length=20, blank=True)
    waits_until = models.DateTimeField(null=True)

    quoted_wa_id = models.CharField(max_length=80, blank=True)
    quoted = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    reactions = models.JSONField(default=list)
    media = models.OneToOneField(Media, null=True, on_delete=models.SET_NULL, related_name="message")
    location = models.JSONField(null=True)
    entry = models.JSONField(null=True)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = TenantManager.from_queryset(MessageQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "wa_id"], name="message_once_per_connection"),
            models.UniqueConstraint(
                fields=["tenant", "author", "client_ref"], name="send_once_per_reference"
            ),
        ]
        indexes = [
            models.Index(fields=["ticket", "-sent_at", "-id"], name="message_thread"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def whatsapp_id(self) -> str:
        """Its id in WhatsApp. An answer of ours travels under its own key (`connections.outbound`), so
        its id is known before WhatsApp has confirmed it."""
        return self.wa_id or (self.id.hex.upper() if self.direction == Direction.OUT else "")


class EarlyTicks(TenantEntity):
    """The level of a message that has not been taken in yet: ticks may overtake it."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    wa_id = models.CharField(max_length=80)
    ack = models.CharField(max_length=12, choices=Ack.choices)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "wa_id"], name="early_ticks_once")]

    def __str__(self) -> str:
        return f"{self.ack} {self.wa_id}"
