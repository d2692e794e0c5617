"""How much of each day a number was connected: from the log of its changes, pure.

Time in which it was meant to rest counts neither as up nor as down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connections.choices import State

RESTING = frozenset([State.CREATED, State.STOPPED])


@dataclass(frozen=True)
class Change:
    """From `at` on it was in `state`."""

    at: datetime
    state: str


@dataclass
class Day:
    """Seconds of one day."""

    up_seconds: float = 0.0
    down_seconds: float = 0.0

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None where it was meant to rest all day."""
        wanted = self.up_seconds + self.down_seconds
        return self.up_seconds / wanted if wanted else None


def by_day(changes: Iterable[Change], *, since: datetime, until: datetime, zone: ZoneInfo) -> dict[date, Day]:
    """Every day of the tenant's calendar between the two, in order.

    `changes` are in order; the first says in which state the number was at `since`, or when it came to be.
    """
    days = {day: Day() for day in _dates(since, until, zone)}
    for change, end in _spells(list(changes), until):
        for day, seconds in _split(max(change.at, since), end, zone):
            if change.state == State.CONNECTED:
                days[day].up_seconds += seconds
            elif change.state not in RESTING:
                days[day].down_seconds += seconds
    return days


def _spells(changes: list[Change], until: datetime) -> Iterator[tuple[Change, datetime]]:
    ends = [change.at for change in changes[1:]] + [until]
    yield from zip(changes, ends, strict=True) if changes else ()


def _split(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[date, float]]:
    while begin < end:
        day = begin.astimezone(zone).date()
        midnight = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(begin.tzinfo)
        yield day, (min(midnight, end) - begin).total_seconds()
        begin = midnight


def _dates(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[date]:
    day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)
