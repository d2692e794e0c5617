"""What is forgotten of connections, and when. A tenant's own messages are tickets' and stay."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from connections.choices import DownloadState, SendState
from connections.models import Download, Inbound, Outbound, Post, TrafficHour, Transition
from events.relay import forget

# A gateway that tells something again tells it within hours; messages know their WhatsApp ids for ever.
INBOUND_KEPT = timedelta(days=14)
# What could not be taken in waits for somebody to look at it.
SET_ASIDE_KEPT = timedelta(days=60)
# Longer than an event that speaks of a send is called for (`events.relay.KEPT`).
OUTBOUND_KEPT = timedelta(days=30)
DOWNLOADS_KEPT = timedelta(days=14)
TRANSITIONS_KEPT = timedelta(days=90)
# A year can be compared with the one before it.
TRAFFIC_KEPT = timedelta(days=400)
# As long as a gateway could post it again. What no session has read waits longer for one.
POSTS_KEPT = timedelta(days=14)
UNREAD_POSTS_KEPT = timedelta(days=60)

TAKEN_IN = ~Q(taken_in_at=None)
# A message that failed or stayed unconfirmed may be tried again, under the reference of its row.
SETTLED = Q(state=SendState.SENT) | Q(kind="read", state__in=[SendState.FAILED, SendState.UNCONFIRMED])


def prune() -> int:
    """Forget what is past its time; how many rows."""
    return (
        forget(Inbound, at="received_at", kept=INBOUND_KEPT, which=TAKEN_IN & Q(error=""))
        + forget(Inbound, at="received_at", kept=SET_ASIDE_KEPT, which=TAKEN_IN)
        + forget(Outbound, at="queued_at", kept=OUTBOUND_KEPT, which=SETTLED)
        + forget(Download, at="not_before", kept=DOWNLOADS_KEPT, which=~Q(state=DownloadState.QUEUED))
        + forget(Transition, at="at", kept=TRANSITIONS_KEPT)
        + forget(Post, at="posted_at", kept=POSTS_KEPT, which=~Q(read_at=None))
        + forget(Post, at="posted_at", kept=UNREAD_POSTS_KEPT)
        + forget(TrafficHour, at="hour", kept=TRAFFIC_KEPT)
    )
