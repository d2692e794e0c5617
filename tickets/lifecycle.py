"""Decisions about tickets, as pure functions over plain values."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum


class Step(Enum):
    """What a message does when no ticket is open for its contact and connection."""

    OPEN = "open"  # a new ticket
    REOPEN = "reopen"  # the last one, back to its sector's queue
    FILE = "file"  # the last one, which stays closed
    ARCHIVE = "archive"  # a closed one, made for what was written before the number was linked
    NOTHING = "nothing"  # there is no ticket it could belong to


def step_without_open_ticket(
    *,
    is_from_customer: bool,
    at: datetime,
    last_closed_at: datetime | None,
    reopen_minutes: int,
    is_past: bool = False,
    is_last_history: bool = False,
) -> Step:
    """`last_closed_at`: when the last ticket of contact and connection was closed; None: no ticket.

    `is_past`: the message was written before the number was linked, and nobody waits for an answer to it;
    `is_last_history`: the last ticket is made of such messages, and is no service that could go on.
    """
    if is_past:
        return Step.ARCHIVE if last_closed_at is None else Step.FILE
    if not is_from_customer:
        # Written on the phone itself: it belongs to the story, but nobody has to answer it.
        return Step.NOTHING if last_closed_at is None else Step.FILE
    if (
        last_closed_at is not None
        and not is_last_history
        and at - last_closed_at < timedelta(minutes=reopen_minutes)
    ):
        return Step.REOPEN
    return Step.OPEN
