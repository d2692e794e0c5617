"""Reactions: the tasks an event starts, done at least once whatever dies in between.

Celery only carries the call. The event's row lists the reactions that are still open; a reaction strikes
itself off in the transaction of its own work, and `relay.react_late` calls again for what stays open.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, F, Func, Value

from events.models import Event
from tenants.doors import TenantTask


class Reaction(TenantTask):
    """Base of tasks named in `config/reactions.py`. Called with (tenant id, event id), it runs with the
    event's fact. A reaction that is not open any more is skipped, so a repeated call does no harm."""

    abstract = True

    def work(self, *args: Any, **kwargs: Any) -> Any:
        (event_id,) = args
        event = Event.objects.filter(id=event_id).first()
        if event is None or self.name not in event.open_reactions:
            return
        self.run(event.fact)
        Event.objects.filter(id=event_id).update(open_reactions=_without(self.name))


def _without(name: str) -> Func:
    return Func(
        F("open_reactions"),
        Value(name),
        function="array_remove",
        output_field=ArrayField(CharField(max_length=80)),
    )
