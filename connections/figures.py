"""How all numbers of a tenant are doing, in figures: uptime, queues, traffic, what went wrong last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, OuterRef, Subquery
from django.utils import timezone

from connections import traffic
from connections.actions import ASKED_FOR
from connections.choices import SendState, State, WaitsFor
from connections.models import Connection, Outbound, Transition
from connections.outbound import OPEN, pacing_of
from connections.uptime import Change, Day, by_day
from tenants import scope
from tenants.rendering import timestamp

LONGEST_DAYS = 90
SPANS_DAYS = {"today": 1, "days_7": 7, "days_30": 30}
# What waits for one of these goes out at the number's own pace; the rest when its reason is over.
PACED = ("", WaitsFor.PACE, WaitsFor.RETRY)
NO_TRAFFIC = dict.fromkeys(traffic.KINDS, 0)
ASKED = ASKED_FOR | {"asked_to_start", ""}


@dataclass
class Past:
    """What one number has been through since a moment: its changes in order, and its last trouble."""

    changes: list[Change] = field(default_factory=list)
    trouble: dict[str, Any] | None = None


@dataclass
class Queue:
    """What waits to be sent through one number. `waits`: {reason: [how many, until when at the earliest]}."""

    depth: int = 0
    paced: int = 0
    waits: dict[str, list[Any]] = field(default_factory=dict)


def all_figures(connections: Iterable[Connection]) -> dict[str, Any]:
    """{"results": [figures of each], "totals": {...}} of the tenant's numbers."""
    now, numbers = timezone.now(), list(connections)
    midnight = _midnight(now, 0)
    past = pasts(numbers, since=_midnight(now, max(SPANS_DAYS.values()) - 1))
    queues, passed = _queues(), traffic.since(midnight)
    rows = [
        _figures(one, past[one.id], queues[one.id], passed.get(one.id, NO_TRAFFIC), now) for one in numbers
    ]
    return {"results": rows, "totals": _totals(rows)}


def _figures(
    one: Connection, past: Past, queue: Queue, passed: dict[str, int], now: datetime
) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "state": one.state,
        "phone": one.phone,
        "worker": one.lease_owner if one.lease_expires_at and one.lease_expires_at > now else "",
        "memory_bytes": one.memory_bytes if one.state == State.CONNECTED else None,
        "uptime": uptime_shares(past.changes, now),
        "queued": queue.depth,
        "empty_in_seconds": _empty_in(one, queue, now),
        "waits": [
            {"reason": reason, "count": count, "until": timestamp(until)}
            for reason, (count, until) in sorted(queue.waits.items())
        ],
        "sent_today": passed["sent"],
        "received_today": passed["received"],
        "failed_today": passed["failed"],
        "last_error": past.trouble,
        "down_since": timestamp(one.down_since),
        "degraded_by": one.degraded_by,
        "restricted_until": timestamp(one.restricted_until),
    }


def _totals(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    sums = ("queued", "sent_today", "received_today", "failed_today")
    return {
        "connections": len(rows),
        "connected": sum(row["state"] == State.CONNECTED for row in rows),
        "down": sum(row["down_since"] is not None for row in rows),
        **{name: sum(row[name] for row in rows) for name in sums},
    }


# --- uptime -----------------------------------------------------------------------------------


def uptime_by_day(connection: Connection, *, days: int) -> dict[date, Day]:
    """The last so many days of the tenant's calendar, today among them."""
    now = timezone.now()
    since = _midnight(now, days - 1)
    (past,) = pasts([connection], since=since).values()
    return by_day(past.changes, since=since, until=now, zone=_zone())


def uptime_shares(changes: Sequence[Change], now: datetime) -> dict[str, float | None]:
    """{"today", "days_7", "days_30"}: between 0 and 1; null where it was meant to rest all the time."""
    since = _midnight(now, max(SPANS_DAYS.values()) - 1)
    days = list(by_day(changes, since=since, until=now, zone=_zone()).values())
    return {name: _sum(days[-span:]).share for name, span in SPANS_DAYS.items()}


def _sum(days: Sequence[Day]) -> Day:
    return Day(sum(day.up_seconds for day in days), sum(day.down_seconds for day in days))


def pasts(connections: Sequence[Connection], *, since: datetime) -> dict[UUID, Past]:
    """The changes of each since then, beginning with the state it was in."""
    found = {one.id: Past([Change(max(one.created_at, since), State.CREATED)]) for one in connections}
    for connection_id, state in _states_at(found, since):
        found[connection_id].changes = [Change(since, state)]
    changes = Transition.objects.filter(connection__in=found, at__gte=since).order_by("id")
    coming_up = {one.id for one in connections if one.created_at >= since}
    for connection_id, at, state, reason in changes.values_list("connection_id", "at", "to_state", "reason"):
        if state == State.CONNECTED:
            coming_up.discard(connection_id)
        # Nobody relies on a number before it was up for the first time.
        found[connection_id].changes.append(
            Change(at, State.CREATED if connection_id in coming_up else state)
        )
        if reason not in ASKED and state != State.CONNECTED:
            found[connection_id].trouble = {"reason": reason, "at": timestamp(at)}
    return found


def _states_at(ids: Iterable[UUID], moment: datetime) -> list[tuple[UUID, str]]:
    """The state of each that had one then."""
    earlier = Transition.objects.filter(connection=OuterRef("id"), at__lt=moment).order_by("-id")
    rows = Connection.objects.filter(id__in=ids).annotate(then=Subquery(earlier.values("to_state")[:1]))
    return list(rows.exclude(then=None).values_list("id", "then"))


# --- queues -----------------------------------------------------------------------------------


def _queues() -> defaultdict[UUID, Queue]:
    queues: defaultdict[UUID, Queue] = defaultdict(Queue)
    rows = Outbound.objects.filter(state__in=OPEN).values_list("connection_id", "state", "waits_for")
    for connection_id, state, why, count, until in rows.annotate(Count("id"), Min("not_before")).order_by():
        queue = queues[connection_id]
        queue.depth += count
        queue.paced += count if why in PACED else 0
        if why and state == SendState.QUEUED:
            queue.waits[why] = [count, until]
    return queues


def _empty_in(one: Connection, queue: Queue, now: datetime) -> int | None:
    """Seconds until all that goes at the number's pace has gone; null while it is not connected."""
    if one.state != State.CONNECTED:
        return None
    pacing = pacing_of(one, now)
    beyond_burst = max(0, queue.paced - pacing.burst)
    return round(beyond_burst * 60 / pacing.per_minute) if pacing.per_minute else 0


def _midnight(now: datetime, days_ago: int) -> datetime:
    """The beginning of a day of the tenant's calendar, in UTC."""
    day = now.astimezone(_zone()).date() - timedelta(days=days_ago)
    return datetime.combine(day, time(), _zone()).astimezone(now.tzinfo)


def _zone() -> ZoneInfo:
    return ZoneInfo(scope.current().time_zone)
