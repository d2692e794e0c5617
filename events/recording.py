"""Recording a fact: a row in the caller's transaction, told to the world after its commit."""

from __future__ import annotations

from django.db import transaction

from events import relay
from events.catalog import Fact
from events.models import Event


def record(fact: Fact) -> Event:
    """Write what happened. Belongs inside the action's transaction: no commit, no event."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("record() belongs inside the action's transaction")
    event: Event = Event.objects.create(kind=fact.kind, payload=fact.payload())

    def tell() -> None:
        relay.relay(event)

    # Robust: with Redis away the request still succeeds, and the clock relays the event later.
    transaction.on_commit(tell, robust=True)
    return event
