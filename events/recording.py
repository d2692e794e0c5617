"""Recording a fact: a row in the caller's transaction, told to the world after its commit."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from events import relay
from events.catalog import Fact
from events.models import Event

# Reactions that are still open after so long are called again.
CALL_AGAIN_AFTER = timedelta(seconds=15)


def record(fact: Fact) -> Event:
    """Write what happened. Belongs inside the action's transaction: no commit, no event."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("record() belongs inside the action's transaction")
    now = timezone.now()
    open_reactions = list(settings.REACTIONS.get(fact.kind, ()))
    event: Event = Event.objects.create(
        kind=fact.kind,
        payload=fact.payload(),
        # What neither consoles nor programs hear needs no mark of its own afterwards: its reactions are
        # kept open until they are done, and behind a nudge stands a poll.
        relayed_at=None if fact.is_heard() else now,
        next_tell_at=now + relay.LATE if fact.is_heard() else None,
        open_reactions=open_reactions,
        next_call_at=now + CALL_AGAIN_AFTER if open_reactions else None,
    )

    def tell() -> None:
        relay.relay(event)

    # Robust: with Redis away the request still succeeds, and the clock relays the event later.
    transaction.on_commit(tell, robust=True)
    return event
