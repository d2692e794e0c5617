"""How fast a number sends, and what it holds back: pure, over plain values.

A number that behaves like a machine is soon restricted or banned. So each sends at a pace with a burst and
some jitter, begins only so many chats a day, less of both while its link is young, and lets what nobody
asked for at this moment rest at night.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from connections.choices import Driver, WaitsFor

WARM_UP_SHARE = 4  # a young link sends at a quarter of its pace


@dataclass(frozen=True, kw_only=True)
class Pacing:
    """`per_minute`, `new_chats_per_day` 0: no limit. Quiet hours are the tenant's and may pass midnight."""

    per_minute: int = 0
    burst: int = 10
    new_chats_per_day: int = 0
    warm_up_days: int = 0
    quiet_from: time | None = None
    quiet_until: time | None = None

    @classmethod
    def parse(cls, given: Mapping[str, Any], usual: Self) -> Self:
        """The usual, changed by what people gave. Raises ValueError with the field's name."""
        known = {each.name for each in fields(cls)}
        changed: dict[str, Any] = {}
        for name, value in given.items():
            if name not in known:
                raise ValueError(name)
            changed[name] = (
                _parse_time(name, value) if name.startswith("quiet_") else _parse_count(name, value)
            )
        return replace(usual, **changed)

    def stored(self) -> dict[str, Any]:
        """As a JSON column keeps it."""
        told = {
            name: value.isoformat() if isinstance(value, time) else value
            for name, value in asdict(self).items()
        }
        return {name: value for name, value in told.items() if value is not None}

    def at_age(self, linked_for: timedelta | None) -> Self:
        """The pace of a link that is so old; None: it is not linked."""
        if not self.warm_up_days or (linked_for or timedelta()) >= timedelta(days=self.warm_up_days):
            return self
        return replace(
            self,
            per_minute=-(-self.per_minute // WARM_UP_SHARE),
            burst=-(-self.burst // WARM_UP_SHARE),
            new_chats_per_day=-(-self.new_chats_per_day // WARM_UP_SHARE),
        )


CAREFUL = Pacing(per_minute=20, burst=10, new_chats_per_day=100, warm_up_days=14)
USUAL: dict[str, Pacing] = {
    Driver.BROWSER: CAREFUL,
    Driver.EVOLUTION: CAREFUL,
    Driver.CLOUD: Pacing(per_minute=4800, burst=80),
    Driver.SIMULATOR: Pacing(),
}


class Bucket:
    """Tokens for sends: they come at the pace, and at most a burst of them lies ready. Seconds are of one
    rising clock; `luck` in [0, 1) makes the gaps uneven."""

    def __init__(self, pacing: Pacing, now: float) -> None:
        self.pacing, self.tokens, self.at = pacing, float(pacing.burst), now

    def change(self, pacing: Pacing) -> None:
        self.pacing = pacing
        self.tokens = min(self.tokens, pacing.burst)

    def wait(self, now: float, luck: float) -> float:
        """Seconds until the next send may go; 0: now."""
        if not self.pacing.per_minute:
            return 0.0
        self._refill(now)
        missing = 1.0 - self.tokens
        return 0.0 if missing <= 0 else missing * 60.0 / self.pacing.per_minute * (0.7 + 0.6 * luck)

    def take(self, now: float) -> None:
        self._refill(now)
        self.tokens -= 1.0

    def _refill(self, now: float) -> None:
        come = (now - self.at) * self.pacing.per_minute / 60.0
        self.tokens, self.at = min(self.pacing.burst, self.tokens + come), now


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Something is not sent before `until`, and why."""

    until: datetime
    why: str


def hold(
    pacing: Pacing,
    *,
    is_new_chat: bool,
    is_automatic: bool,
    now: datetime,
    zone: ZoneInfo,
    restricted_until: datetime | None,
    chats_begun: list[datetime],
) -> Hold | None:
    """Whether something that is to be sent now must wait. `chats_begun`: when, in the last 24 hours."""
    if is_new_chat and restricted_until is not None and restricted_until > now:
        return Hold(until=restricted_until, why=WaitsFor.RESTRICTION)
    if is_new_chat and pacing.new_chats_per_day and len(chats_begun) >= pacing.new_chats_per_day:
        oldest = sorted(chats_begun)[-pacing.new_chats_per_day]
        return Hold(until=oldest + timedelta(hours=24), why=WaitsFor.NEW_CHATS)
    until = quiet_until(pacing, now, zone) if is_automatic else None
    return Hold(until=until, why=WaitsFor.QUIET_HOURS) if until else None


def quiet_until(pacing: Pacing, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The end of the quiet hours that `now` lies in; None outside of them."""
    begin, end = pacing.quiet_from, pacing.quiet_until
    if begin is None or end is None or begin == end:
        return None
    local = now.astimezone(zone)
    for day in (local.date() - timedelta(days=1), local.date()):
        first = datetime.combine(day, begin, zone)
        last = datetime.combine(day if begin < end else day + timedelta(days=1), end, zone)
        if first <= local < last:
            return last.astimezone(now.tzinfo)
    return None


def _parse_count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100_000:
        raise ValueError(name)
    return value


def _parse_time(name: str, value: Any) -> time | None:
    if value in (None, ""):
        return None
    try:
        return time.fromisoformat(value)
    except (TypeError, ValueError) as nonsense:
        raise ValueError(name) from nonsense
