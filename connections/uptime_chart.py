"""The month of a number as bars of an SVG picture, for a template to draw; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from connections.uptime import Day

HEIGHT, WIDTH, GAP = 60, 10, 3
# A day with a minute of connection is not a day without: its bar can still be seen.
LEAST = 2
GOOD, FAIR = 0.99, 0.9


@dataclass(frozen=True)
class Bar:
    """In units of the picture. `share` is of the time it was meant to be connected, None: none was."""

    day: date
    share: float | None
    x: int
    y: int
    height: int

    @property
    def percent(self) -> float | None:
        """To a tenth, cut and not rounded: 99.96 is not 100."""
        return None if self.share is None else int(self.share * 1000) / 10

    @property
    def tone(self) -> str:
        if self.share is None:
            return "rest"
        return "good" if self.share >= GOOD else "warn" if self.share >= FAIR else "bad"


def bars(days: Mapping[date, Day]) -> list[Bar]:
    drawn = []
    for index, (day, lived) in enumerate(days.items()):
        share = lived.share
        height = LEAST if share is None else max(LEAST, round(share * HEIGHT))
        drawn.append(Bar(day, share, index * (WIDTH + GAP), HEIGHT - height, height))
    return drawn
