"""Until when a number may answer freely: on the official API, for 24 hours after the customer's last message.

Afterwards only templates that Meta has approved reach the customer (`window_closed`, 131047).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypedDict

from connections.choices import Driver
from tenants.rendering import timestamp

OPEN_FOR = timedelta(hours=24)
DRIVERS_WITH_WINDOW = frozenset({Driver.CLOUD})


class Window(TypedDict):
    """`open_until`: an ISO timestamp, in the past where it is closed; null where it was never opened."""

    open_until: str | None


def has_window(driver: str) -> bool:
    """Whether numbers of this kind need a template once the window is closed."""
    return driver in DRIVERS_WITH_WINDOW


def open_until(last_inbound_at: datetime | None) -> datetime | None:
    """When the window closes, or closed; None where the customer never wrote."""
    return last_inbound_at + OPEN_FOR if last_inbound_at else None


def is_open(driver: str, last_inbound_at: datetime | None, *, now: datetime) -> bool:
    """Whether a free answer reaches the customer."""
    until = open_until(last_inbound_at)
    return not has_window(driver) or (until is not None and now < until)


def window_of(driver: str, last_inbound_at: datetime | None) -> Window | None:
    """For a ticket's row; None where answers are always free."""
    if not has_window(driver):
        return None
    return Window(open_until=timestamp(open_until(last_inbound_at)))
