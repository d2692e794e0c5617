"""Tickets: one service episode with a contact on a connection."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from connections.models import Connection
from sectors.models import Seat, Sector
from tenants.models import TenantEntity, TenantManager, TenantQuerySet
from tickets.choices import Status
from tickets.models.contact import Contact


class TicketQuerySet(TenantQuerySet["Ticket"]):
    def visible_to(self, member: Membership) -> TicketQuerySet:
        """Own tickets, and waiting ones of own sectors; all for those who see every ticket.

        The one rule of who sees what: lists, details, search, media, sockets. As live groups it is
        `events.audience.of_ticket`.
        """
        if member.has_right("sees_all_tickets"):
            return self
        own_sectors = Sector.objects.of(member).values("id")
        waiting = models.Q(status=Status.WAITING, sector_id__in=own_sectors)
        return self.filter(models.Q(assignee=member) | waiting)

    def in_tab(self, status: str, member: Membership) -> TicketQuerySet:
        """`visible_to`, told so that each tab is one range of one index."""
        rows = self.filter(status=status)
        if member.has_right("sees_all_tickets"):
            return rows
        if status == Status.WAITING:
            # Their ids first: knowing them, PostgreSQL reads the newest rows of the queue and stops; joined
            # with them it would read and sort the whole queue.
            own = Seat.objects.filter(member=member).values_list("sector_id", flat=True)
            return rows.filter(sector_id__in=list(own))
        return rows.filter(assignee=member)

    def with_people(self) -> TicketQuerySet:
        """All that a row shows. People come by queries of their own: PostgreSQL takes ten times longer to
        plan the seven-table join than to run it."""
        people = Membership.objects.select_related("user")
        return self.select_related("contact", "connection", "sector").prefetch_related(
            models.Prefetch("assignee", people), models.Prefetch("closed_by", people)
        )

    def newest_first(self) -> TicketQuerySet:
        return self.order_by("-last_message_at", "-id")


class Ticket(TenantEntity):
    """Each change raises `version`; consoles ignore older ones. What lists show of the last message
    is kept on the row, so that a list never touches messages."""

    number = models.PositiveBigIntegerField()
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+")
    chat = models.CharField(max_length=120)
    sector = models.ForeignKey(Sector, on_delete=models.PROTECT, related_name="+")
    assignee = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    version = models.PositiveBigIntegerField(default=1)
    # Made of what was written before the number was linked: nobody served it, and no figure counts it.
    is_history = models.BooleanField(default=False)

    unread = models.PositiveIntegerField(default=0)
    last_message = models.JSONField(null=True)
    last_message_at = models.DateTimeField()

    opened_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    first_response_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[Any] = TenantManager.from_queryset(TicketQuerySet)()

    class Meta:
        verbose_name, verbose_name_plural = _("ticket"), _("tickets")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "contact", "connection"],
                condition=~models.Q(status="closed"),
                name="one_open_ticket_per_contact",
            ),
            models.UniqueConstraint(fields=["tenant", "number"], name="ticket_number_per_tenant"),
            models.CheckConstraint(
                condition=~models.Q(status="in_service", assignee=None),
                name="in_service_has_assignee",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "status", "-last_message_at", "-id"], name="ticket_list"),
            models.Index(
                fields=["tenant", "sector", "status", "-last_message_at", "-id"],
                name="ticket_queue",
            ),
            models.Index(
                fields=["tenant", "assignee", "status", "-last_message_at", "-id"],
                name="ticket_mine",
            ),
            models.Index(fields=["contact", "-opened_at"], name="ticket_history"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"

    @property
    def is_closed(self) -> bool:
        return self.status == Status.CLOSED

    @property
    def standing(self) -> dict[str, str | None]:
        """Where it stands, which decides who sees it."""
        return {
            "status": self.status,
            "sector_id": str(self.sector_id),
            "assignee_id": str(self.assignee_id) if self.assignee_id else None,
        }
