"""The workers that host sessions: who is present, and how many sessions each should host.

PostgreSQL's clock decides who is present, as it does for leases.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from connections.models import Connection, SessionWorker
from tenants import scope

# A worker that was not seen for so long has lost all it hosted, and is not counted.
ABSENT_AFTER_LEASES = 1.0
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Present:
    """A worker that said lately that it is there."""

    name: str
    capacity: int
    hosted: int
    is_draining: bool = False

    @property
    def room(self) -> int:
        return 0 if self.is_draining else self.capacity


@dataclass(frozen=True, kw_only=True)
class Share:
    """What a worker should do about its number of sessions: host `most`, hand over `give_up` now."""

    most: int
    give_up: int


def share_of(name: str, present: Sequence[Present], wanted: int) -> Share:
    """The fair share of one worker, where `wanted` sessions are to be hosted by all of them.

    Everybody hosts up to one level, or as many as they can take; the level is the lowest that has a place
    for each session. A worker above it hands over only what another has room for.
    """
    level = _level([worker.room for worker in present], wanted)
    most = {worker.name: min(worker.room, level) for worker in present}
    (me,) = [worker for worker in present if worker.name == name]
    elsewhere = sum(max(0, most[other.name] - other.hosted) for other in present if other.name != name)
    return Share(most=most[name], give_up=max(0, min(me.hosted - most[name], elsewhere)))


def _level(rooms: Iterable[int], wanted: int) -> int:
    """The lowest level at which `wanted` fit, everybody taking at most their own room."""
    rooms = sorted(rooms)
    left, level = wanted, 0
    for index, room in enumerate(rooms):
        takers = len(rooms) - index
        step = min(room - level, -(-left // takers))
        level, left = level + step, left - step * takers
        if left <= 0:
            break
    return level


def say_present(name: str, *, capacity: int, hosted: int, memory_bytes: int) -> Share:
    """Say that this worker is there, and learn what its share is."""
    with scope.across_tenants(reason="a worker hosts sessions of every tenant"):
        SessionWorker.objects.update_or_create(
            name=name,
            defaults={
                "capacity": capacity,
                "hosted": hosted,
                "memory_bytes": memory_bytes,
                "seen_at": Now(),
            },
        )
        return share_of(name, present(), Connection.objects.wanted().count())


def present() -> list[Present]:
    seen = SessionWorker.objects.filter(seen_at__gt=Now() - _absent_after())
    rows = seen.order_by("name").values("name", "capacity", "hosted", "is_draining")
    return [Present(**row) for row in rows]


def leave(name: str) -> None:
    """It stops, and gave back what it hosted: the others need not wait until it is missed."""
    SessionWorker.objects.filter(name=name).delete()


def drain(name: str, *, is_draining: bool = True) -> bool:
    """Ask a worker to take nothing new and to hand over what it hosts. False: there is none of this name."""
    return bool(SessionWorker.objects.filter(name=name).update(is_draining=is_draining))


def forget_absent() -> int:
    """Drop workers that were not seen for a day; how many."""
    gone, _each = SessionWorker.objects.filter(seen_at__lt=Now() - FORGOTTEN_AFTER).delete()
    return gone


def with_presence() -> models.QuerySet[SessionWorker]:
    """All that are known, each with `is_present`."""
    is_present = models.Q(seen_at__gt=Now() - _absent_after())
    rows = SessionWorker.objects.annotate(
        is_present=models.ExpressionWrapper(is_present, output_field=models.BooleanField())
    )
    return rows.order_by("-is_present", "name")


def _absent_after() -> timedelta:
    return timedelta(seconds=settings.LEASE_SECONDS * ABSENT_AFTER_LEASES)
