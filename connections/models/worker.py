"""A worker process that hosts sessions. Belongs to the installation: it hosts those of every tenant."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class SessionWorker(models.Model):
    """Present while it says so: `seen_at` is renewed with its leases."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    capacity = models.PositiveIntegerField(_("capacity"))
    hosted = models.PositiveIntegerField(_("sessions"), default=0)
    # Whoever drains a worker asks for it; it takes nothing new and hands over what it has.
    is_draining = models.BooleanField(_("draining"), default=False)
    memory_bytes = models.PositiveBigIntegerField(_("memory"), null=True)
    started_at = models.DateTimeField(_("started"), db_default=Now())
    seen_at = models.DateTimeField(_("last seen"), db_default=Now())

    class Meta:
        verbose_name, verbose_name_plural = _("session worker"), _("session workers")

    def __str__(self) -> str:
        return self.name
