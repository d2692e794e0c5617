"""The way out: the send queue. *queued → sending(epoch) → sent / failed / unconfirmed*.

Order is strict within a lane. Nothing is sent again blindly, nothing is lost silently.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from connections.choices import SendState, WaitsFor
from connections.leases import Lease, lock
from connections.models import Connection, Outbound
from connections.pacing import CAREFUL, USUAL, Hold, Pacing, hold
from connections.wire import Sent
from events import catalog
from events.recording import record
from tenants import scope

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
    is_new_chat: bool = False,
    is_automatic: bool = False,
) -> Outbound:
    """Put a command at the end of its lane and wake the session.

    `is_new_chat`: it would begin a chat; `is_automatic`: nobody asked for it at this moment (`pacing`).
    """
    outbound = Outbound.objects.create(
        connection=connection,
        lane=lane,
        kind=kind,
        chat=chat,
        payload=payload,
        client_ref=client_ref,
        is_new_chat=is_new_chat,
        is_automatic=is_automatic,
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
    """The next command whose turn it is, marked as being sent under our epoch. What must wait says so, and
    the next one is looked at."""
    connection = lock(lease)
    while (outbound := _next(lease)) is not None:
        held = _held(connection, outbound)
        if held is None:
            outbound.state, outbound.epoch = SendState.SENDING, lease.epoch
            outbound.attempts += 1
            outbound.save(update_fields=["state", "epoch", "attempts"])
            return outbound
        _let_wait(outbound, held.until, held.why)
    return None


def _next(lease: Lease) -> Outbound | None:
    earlier = Outbound.objects.filter(lane=OuterRef("lane"), id__lt=OuterRef("id"), state__in=OPEN)
    queued = Outbound.objects.filter(
        connection_id=lease.connection_id, state=SendState.QUEUED, not_before__lte=Now()
    )
    return queued.filter(~Exists(earlier)).order_by("id").first()


def _held(connection: Connection, outbound: Outbound) -> Hold | None:
    if not (outbound.is_new_chat or outbound.is_automatic):
        return None
    now = timezone.now()
    begun = Outbound.objects.filter(
        connection=connection,
        is_new_chat=True,
        state=SendState.SENT,
        settled_at__gt=now - timedelta(hours=24),
    )
    return hold(
        pacing_of(connection, now),
        is_new_chat=outbound.is_new_chat,
        is_automatic=outbound.is_automatic,
        now=now,
        zone=ZoneInfo(scope.current().time_zone),
        restricted_until=connection.restricted_until,
        chats_begun=[at for at in begun.values_list("settled_at", flat=True) if at],
    )


def pacing_of(connection: Connection, now: datetime) -> Pacing:
    """The pace this number keeps now; what its column holds was checked when it was stored."""
    pacing = Pacing.parse(connection.pacing, USUAL.get(connection.driver, CAREFUL))
    return pacing.at_age(now - connection.linked_at if connection.linked_at else None)


def _let_wait(outbound: Outbound, until: datetime, why: str) -> None:
    is_news = outbound.waits_for != why
    outbound.not_before, outbound.waits_for = until, why
    outbound.save(update_fields=["not_before", "waits_for"])
    if is_news:
        record(catalog.SendWaits(outbound_id=outbound.id))


@transaction.atomic
def tell_pace(lease: Lease, *, seconds: float) -> None:
    """The next command waits so long for the number's pace."""
    lock(lease)
    if (outbound := _next(lease)) is not None:
        _let_wait(outbound, timezone.now() + timedelta(seconds=seconds), WaitsFor.PACE)


@transaction.atomic
def readdress(lease: Lease, outbound_id: int, chat: str) -> None:
    """WhatsApp spells the number of this chat otherwise."""
    lock(lease)
    Outbound.objects.filter(id=outbound_id).update(chat=chat[:120])


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
    outbound = Outbound.objects.filter(id=outbound_id, state=SendState.SENDING).first()
    if outbound is not None:
        outbound.state = SendState.QUEUED
        outbound.save(update_fields=["state"])
        _let_wait(outbound, timezone.now() + timedelta(seconds=seconds), WaitsFor.RETRY)


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
