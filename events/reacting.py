"""Reactions: the tasks an event starts, done at least once whatever dies in between.

Celery only carries the call. The event's row lists the reactions that are still open; a reaction strikes
itself off in the transaction of its own work, and `relay.react_late` calls again for what stays open.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import CharField, F, Func, Value

from events import relay
from events.models import Event
from tenants.doors import TenantTask


class Reaction(TenantTask):
    """Base of tasks named in `config/reactions.py`. Called with (tenant id, event id), it runs with the
    event's fact. A reaction that is not open any more is skipped, so a repeated call does no harm. One whose
    event is being worked on ends at once: it never runs twice at a time, and calls do not pile up behind one
    that hangs. `relay.react_late` calls again."""

    abstract = True

    def work(self, *args: Any, **kwargs: Any) -> Any:
        (event_id,) = args
        rows = Event.objects.select_for_update(skip_locked=True, no_key=True)
        event = rows.filter(id=event_id).first()
        if event is None or self.name not in event.open_reactions:
            return
        self.run(event.fact)
        Event.objects.filter(id=event_id).update(open_reactions=_without(self.name))
        event.open_reactions.remove(self.name)
        if event.open_reactions:
            # The event's other reactions may have come meanwhile, and found it taken.
            transaction.on_commit(lambda: relay.call_reactions(event), robust=True)


def _without(name: str) -> Func:
    return Func(
        F("open_reactions"),
        Value(name),
        function="array_remove",
        output_field=ArrayField(CharField(max_length=80)),
    )
