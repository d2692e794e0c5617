"""From a committed event to the world: consoles first, then nudges and reactions."""

from __future__ import annotations

from datetime import timedelta

import structlog
from celery import Signature, current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from events import channel
from events.models import Event
from tenants import scope

log = structlog.get_logger(__name__)
LATE = timedelta(seconds=8)
KEPT = timedelta(days=14)
BATCH = 500
NUDGE_LASTS_SECONDS = 10.0


def relay(event: Event) -> None:
    """Tell consoles and start reactions. Safe to run twice: frames are versioned, tasks repeatable."""
    channel.push(event.tenant_id, event.fact.frames(event.tenant_id))
    for task in settings.NUDGES.get(event.kind, ()):
        _call(task, event).apply_async(expires=NUDGE_LASTS_SECONDS)
    for task in event.open_reactions:
        _call(task, event).apply_async()
    if event.relayed_at is None:
        with scope.across_tenants(reason="an event is marked outside the scope it was recorded in"):
            Event.objects.filter(pk=event.pk).update(relayed_at=timezone.now())


def _call(task: str, event: Event) -> Signature:
    return current_app.signature(task, args=[str(event.tenant_id), event.pk])


def react_late() -> int:
    """Call again for reactions that are still open: their call was lost with Redis, or failed. The
    pauses double with the age of the event."""
    now = timezone.now()
    with scope.across_tenants(reason="the sweep serves every tenant"), transaction.atomic():
        overdue = Event.objects.exclude(open_reactions=[]).filter(
            next_call_at__lt=now, recorded_at__gt=now - KEPT
        )
        events = list(overdue.select_for_update(skip_locked=True).order_by("next_call_at")[:BATCH])
        for event in events:
            for task in event.open_reactions:
                _call(task, event).apply_async()
            event.next_call_at = now + (now - event.recorded_at)
        Event.objects.bulk_update(events, ["next_call_at"])
    if events:
        log.warning("called again for open reactions", count=len(events))
    return len(events)


def relay_late() -> int:
    """Relay events whose commit hook never ran: the process died, or Redis was away."""
    with scope.across_tenants(reason="the sweep serves every tenant"), transaction.atomic():
        overdue = Event.objects.filter(relayed_at=None, recorded_at__lt=timezone.now() - LATE)
        events = list(overdue.select_for_update(skip_locked=True).order_by("id")[:BATCH])
        for event in events:
            _relay_readable(event)
    if events:
        log.warning("relayed late events", count=len(events))
    return len(events)


def _relay_readable(event: Event) -> None:
    """One that this version cannot read (an older or newer one wrote it) must not hold up all others."""
    try:
        relay(event)
    except (LookupError, TypeError):
        log.exception("event set aside: not readable", event_id=event.pk, kind=event.kind)
        Event.objects.filter(pk=event.pk).update(relayed_at=timezone.now(), open_reactions=[])


def lag_seconds() -> float:
    """Age of the oldest event that nobody was told of, in seconds; 0 when all are told."""
    with scope.across_tenants(reason="readiness of the whole installation"):
        oldest = (
            Event.objects.filter(relayed_at=None)
            .order_by("recorded_at")
            .values_list("recorded_at", flat=True)
            .first()
        )
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0


def prune() -> int:
    """Forget relayed events older than `KEPT`."""
    with scope.across_tenants(reason="the sweep serves every tenant"):
        old = Event.objects.filter(recorded_at__lt=timezone.now() - KEPT).exclude(relayed_at=None)
        return int(old._raw_delete(old.db))
