"""The log of events, which is the outbox at the same time."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from events import catalog
from tenants.models import TenantRecord


class Event(TenantRecord):
    """One recorded fact. Written with the change it tells of; told to the world once committed."""

    kind = models.CharField(max_length=60)
    payload = models.JSONField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    relayed_at = models.DateTimeField(null=True)
    next_tell_at = models.DateTimeField(null=True)  # when the clock tells of it, if nobody has
    open_reactions = ArrayField(models.CharField(max_length=80), default=list)
    next_call_at = models.DateTimeField(null=True)  # when open reactions are called again

    class Meta:
        verbose_name, verbose_name_plural = _("event"), _("events")
        indexes = [
            models.Index(
                fields=["next_tell_at"],
                condition=models.Q(relayed_at=None),
                name="event_unrelayed",
            ),
            models.Index(
                fields=["next_call_at"],
                condition=~models.Q(open_reactions=[]),
                name="event_unreacted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def fact(self) -> catalog.Fact:
        return catalog.KINDS[self.kind].from_payload(self.payload)
