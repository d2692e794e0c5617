"""From a committed event to the world: consoles first, then nudges and reactions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import redis
import structlog
from celery import Signature, current_app
from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from events import channel
from events.models import Event
from tenants import scope
from tenants.models import TenantOwned

log = structlog.get_logger(__name__)
# An event that nobody was told of after so long is told by the clock.
LATE = timedelta(seconds=8)
# How long a sweep keeps others off the events it works on; after that they may be told twice.
CLAIMED_FOR = timedelta(seconds=10)
KEPT = timedelta(days=14)
BATCH = 500
FORGOTTEN_AT_ONCE = 2000
NUDGE_LASTS_SECONDS = 10.0
# Redis cannot be reached: trying the next event is pointless. (A push that took too long is an OSError.)
AWAY = (OSError, redis.ConnectionError, redis.TimeoutError, OperationalError)
ALL = Q()


def relay(event: Event) -> None:
    """Tell consoles and start reactions. Safe to run twice: frames are versioned, tasks repeatable."""
    channel.push(event.tenant_id, event.fact.frames(event.tenant_id))
    if event.relayed_at is None:
        # Before its reactions are called: one that runs holds the row.
        with scope.across_tenants(reason="an event is marked outside the scope it was recorded in"):
            Event.objects.filter(pk=event.pk).update(relayed_at=timezone.now())
    for task in settings.NUDGES.get(event.kind, ()):
        _call(task, event).apply_async(expires=NUDGE_LASTS_SECONDS)
    call_reactions(event)


def call_reactions(event: Event) -> None:
    for task in event.open_reactions:
        _call(task, event).apply_async()


def _call(task: str, event: Event) -> Signature:
    return current_app.signature(task, args=[str(event.tenant_id), event.pk])


def react_late() -> int:
    """Call again for reactions that are still open: their call was lost with Redis, or failed. The
    pauses double with the age of the event. How many events were called for."""
    now = timezone.now()
    overdue = ~Q(open_reactions=[]) & Q(next_call_at__lt=now, recorded_at__gt=now - KEPT)
    pause = ExpressionWrapper(now - F("recorded_at"), output_field=DurationField())
    events = _claim(overdue, next_call_at=ExpressionWrapper(now + pause, output_field=DateTimeField()))
    for called, event in enumerate(events):
        try:
            call_reactions(event)
        except AWAY as away:
            log.warning("reactions wait for Redis", error=repr(away))
            _claim(Q(pk__in=[left.pk for left in events[called:]]), next_call_at=now + CLAIMED_FOR)
            return called
    if events:
        log.warning("called again for open reactions", count=len(events))
    return len(events)


def relay_late() -> int:
    """Relay events whose commit hook never ran: the process died, or Redis was away. How many were told."""
    now = timezone.now()
    events = _claim(Q(relayed_at=None, next_tell_at__lt=now), next_tell_at=now + CLAIMED_FOR)
    for told, event in enumerate(events):
        try:
            _relay_claimed(event)
        except AWAY as away:
            log.warning("events wait for Redis", error=repr(away))
            return told
    if events:
        log.warning("relayed late events", count=len(events))
    return len(events)


def _claim(which: Q, **changes: Any) -> list[Event]:
    """Some events, changed so that the next sweep passes them over for a while. No lock is kept: telling
    takes its time, and other sweeps and reactions go on meanwhile."""
    with scope.across_tenants(reason="the sweep serves every tenant"), transaction.atomic():
        free = Event.objects.filter(which).select_for_update(skip_locked=True, no_key=True)
        events = list(free.order_by("id")[:BATCH])
        Event.objects.filter(pk__in=[event.pk for event in events]).update(**changes)
    return events


def _relay_claimed(event: Event) -> None:
    try:
        channel.push(event.tenant_id, event.fact.frames(event.tenant_id))
    except AWAY:
        raise
    except Exception:
        # Whatever is wrong with this one (another version wrote it, say) must not hold up all others. Its
        # consoles load what they missed; its reactions stay open, for a worker that can do them.
        log.exception("event set aside: not told", event_id=event.pk, kind=event.kind)
    _claim(Q(pk=event.pk), relayed_at=timezone.now())
    call_reactions(event)


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
    return forget(Event, at="recorded_at", kept=KEPT, which=~Q(relayed_at=None))


def forget(model: type[TenantOwned], *, at: str, kept: timedelta, which: Q = ALL) -> int:
    """Delete rows of every tenant that are older than `kept` by their field `at`; how many there were.

    For tables that nothing refers to and whose keys grow with time, which spares each an index by age:
    old ones lie before the first young one. In batches, so that nobody waits for a lock for long.
    """
    since, deleted = timezone.now() - kept, 0
    while True:
        with scope.across_tenants(reason="the sweep serves every tenant"):
            old = model.objects.filter(which, **{f"{at}__lt": since})
            young = model.objects.filter(**{f"{at}__gte": since}).order_by("pk").values_list("pk", flat=True)
            if (first := young.first()) is not None:
                old = old.filter(pk__lt=first)
            free = old.select_for_update(skip_locked=True).order_by("pk")
            keys = list(free.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
            batch = model.objects.filter(pk__in=keys)
            batch._raw_delete(batch.db)
        deleted += len(keys)
        if len(keys) < FORGOTTEN_AT_ONCE:
            return deleted
