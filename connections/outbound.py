"""The way out: the send queue. *queued → sending(epoch) → sent / failed / unconfirmed*.

Order is strict within a lane. Nothing is sent again blindly, nothing is lost silently.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from connections.choices import SendState
from connections.leases import Lease, lock
from connections.models import Connection, Outbound
from connections.wire import Sent
from events import catalog
from events.recording import record

OPEN = [SendState.QUEUED, SendState.SENDING]
MAX_ATTEMPTS = 6


@transaction.atomic
def enqueue(
    connection: Connection,
    *,
    lane: UUID,
    kind: str,
    chat: str,
    payload: dict[str, Any],
    client_ref: UUID,
) -> Outbound:
    """Put a command at the end of its lane and wake the session."""
    outbound = Outbound.objects.create(
        connection=connection,
        lane=lane,
        kind=kind,
        chat=chat,
        payload=payload,
        client_ref=client_ref,
    )
    record(catalog.SendQueued(connection_id=str(connection.id)))
    return outbound


@transaction.atomic
def retry(client_ref: UUID) -> bool:
    """Queue a failed or unconfirmed send again, under the same reference."""
    ended = Outbound.objects.filter(
        client_ref=client_ref, state__in=[SendState.FAILED, SendState.UNCONFIRMED]
    )
    outbound = ended.select_for_update().first()
    if outbound is None:
        return False
    outbound.state, outbound.attempts = SendState.QUEUED, 0
    outbound.error = outbound.error_code = ""
    outbound.save(update_fields=["state", "attempts", "error", "error_code"])
    record(catalog.SendQueued(connection_id=str(outbound.connection_id)))
    return True


@transaction.atomic
def claim(lease: Lease) -> Outbound | None:
    """The next command whose turn it is, marked as being sent under our epoch."""
    lock(lease)
    earlier = Outbound.objects.filter(lane=OuterRef("lane"), id__lt=OuterRef("id"), state__in=OPEN)
    outbound: Outbound | None = (
        Outbound.objects.filter(
            connection_id=lease.connection_id, state=SendState.QUEUED, not_before__lte=Now()
        )
        .filter(~Exists(earlier))
        .order_by("id")
        .first()
    )
    if outbound is None:
        return None
    outbound.state, outbound.epoch = SendState.SENDING, lease.epoch
    outbound.attempts += 1
    outbound.save(update_fields=["state", "epoch", "attempts"])
    return outbound


@transaction.atomic
def mark_sent(lease: Lease, outbound_id: int, sent: Sent) -> None:
    _settle(lease, outbound_id, state=SendState.SENT, wa_id=sent.wa_id)


@transaction.atomic
def mark_failed(lease: Lease, outbound_id: int, *, code: str, detail: str) -> None:
    _settle(lease, outbound_id, state=SendState.FAILED, error_code=code[:40], error=detail[:300])


@transaction.atomic
def mark_unconfirmed(lease: Lease, outbound_id: int) -> None:
    """The gateway never said what became of it, and could not be asked."""
    _settle(lease, outbound_id, state=SendState.UNCONFIRMED, error_code="unconfirmed")


@transaction.atomic
def postpone(lease: Lease, outbound_id: int, *, seconds: float) -> None:
    """Back into the queue: it is known not to have been sent."""
    lock(lease)
    Outbound.objects.filter(id=outbound_id, state=SendState.SENDING).update(
        state=SendState.QUEUED, not_before=Now() + timedelta(seconds=seconds)
    )


def in_doubt(lease: Lease) -> list[Outbound]:
    """Commands that a session (ours or a dead one) began to send and never settled."""
    return list(
        Outbound.objects.filter(connection_id=lease.connection_id, state=SendState.SENDING).order_by("id")
    )


def with_something_queued(connection_ids: list[UUID]) -> set[UUID]:
    """Which of these connections have something queued whose time has come."""
    queued = Outbound.objects.filter(
        connection_id__in=connection_ids, state=SendState.QUEUED, not_before__lte=Now()
    )
    return set(queued.values_list("connection_id", flat=True).distinct())


def _settle(lease: Lease, outbound_id: int, **fields: Any) -> None:
    lock(lease)
    settled = Outbound.objects.filter(id=outbound_id, state=SendState.SENDING).update(
        settled_at=Now(), epoch=lease.epoch, **fields
    )
    if settled:
        record(catalog.SendSettled(outbound_id=outbound_id))
