"""The log of events, which is the outbox at the same time."""

from django.db import models

from events import catalog
from tenants.models import TenantRecord


class Event(TenantRecord):
    """One recorded fact. Written with the change it tells of; told to the world once committed."""

    kind = models.CharField(max_length=60)
    payload = models.JSONField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    relayed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["recorded_at"],
                condition=models.Q(relayed_at=None),
                name="event_unrelayed",
            ),
            models.Index(fields=["recorded_at"], name="event_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def fact(self) -> catalog.Fact:
        return catalog.KINDS[self.kind].from_payload(self.payload)
