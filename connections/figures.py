"""How all numbers of a tenant are doing, in figures: uptime, queues, traffic, what went wrong last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Min
from django.utils import timezone

from connections import record, traffic
from connections.choices import SendState, State, WaitsFor
from connections.models import Connection, Outbound
from connections.outbound import OPEN, pacing_of
from connections.uptime import Day, by_day
from tenants import scope
from tenants.rendering import timestamp

LONGEST_DAYS = 90
SPANS_DAYS = {"today": 1, "days_7": 7, "days_30": 30}
# What waits for one of these goes out at the number's own pace; the rest when its reason is over.
PACED = ("", WaitsFor.PACE, WaitsFor.RETRY)
NO_TRAFFIC = dict.fromkeys(traffic.KINDS, 0)


@dataclass
class Queue:
    """What waits to be sent through one number. `waits`: {reason: [how many, until when at the earliest]}."""

    depth: int = 0
    paced: int = 0
    waits: dict[str, list[Any]] = field(default_factory=dict)


def all_figures(connections: Iterable[Connection]) -> dict[str, Any]:
    """{"results": [figures of each], "totals": {...}} of the tenant's numbers."""
    now, numbers = timezone.now(), list(connections)
    starts = {name: _midnight(now, days - 1) for name, days in SPANS_DAYS.items()}
    ids = [one.id for one in numbers]
    lived = record.sums_since(ids, list(starts.values()), now)
    troubles = record.last_troubles(ids, min(starts.values()))
    queues, passed = _queues(), traffic.since(starts["today"])
    rows = [
        {
            **_state_of(one, now),
            **_queue_of(one, queues[one.id], now),
            **_traffic_of(passed.get(one.id, NO_TRAFFIC)),
            "uptime": {name: lived.get((one.id, at), Day()).share for name, at in starts.items()},
            "last_error": troubles.get(one.id),
        }
        for one in numbers
    ]
    return {"results": rows, "totals": _totals(rows)}


def _state_of(one: Connection, now: datetime) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "state": one.state,
        "phone": one.phone,
        "worker": one.lease_owner if one.lease_expires_at and one.lease_expires_at > now else "",
        "memory_bytes": one.memory_bytes if one.state == State.CONNECTED else None,
        "down_since": timestamp(one.down_since),
        "degraded_by": one.degraded_by,
        "restricted_until": timestamp(one.restricted_until),
    }


def _traffic_of(passed: dict[str, int]) -> dict[str, int]:
    return {f"{kind}_today": passed[kind] for kind in traffic.KINDS}


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
    return by_day(record.changes_since(connection, since), since=since, until=now, zone=_zone())


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


def _queue_of(one: Connection, queue: Queue, now: datetime) -> dict[str, Any]:
    return {
        "queued": queue.depth,
        "empty_in_seconds": _empty_in(one, queue, now),
        "waits": [
            {"reason": reason, "count": count, "until": timestamp(until)}
            for reason, (count, until) in sorted(queue.waits.items())
        ],
    }


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
