"""The way out: the send queue. *queued → sending(epoch) → sent / failed / unconfirmed*.

Order is strict within a lane. Nothing is sent again blindly, nothing is lost silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection as database
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from connections.choices import SendState, WaitsFor
from connections.leases import Lease, lock, lock_all
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
    connections = {lease.connection_id: lock(lease)}
    return _claim_all({lease.connection_id: lease}, connections).get(lease.connection_id)


def _claim_first(connection: Connection, lease: Lease, head: Outbound | None) -> Outbound | None:
    """The first that need not wait, from `head` on; to be marked by the caller."""
    while head is not None:
        held = _held(connection, head)
        if held is None:
            head.state, head.epoch, head.attempts = SendState.SENDING, lease.epoch, head.attempts + 1
            return head
        _let_wait(head, held.until, held.why)
        head = _due([connection.id]).order_by("id").first()
    return None


def _due(connection_ids: list[UUID]) -> QuerySet[Outbound]:
    """Commands whose time has come and that are the first of their lane."""
    earlier = Outbound.objects.filter(lane=OuterRef("lane"), id__lt=OuterRef("id"), state__in=OPEN)
    queued = Outbound.objects.filter(
        connection_id__in=connection_ids, state=SendState.QUEUED, not_before__lte=Now()
    )
    return queued.filter(~Exists(earlier))


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
    outbound = _due([lease.connection_id]).order_by("id").first()
    if outbound is not None:
        _let_wait(outbound, timezone.now() + timedelta(seconds=seconds), WaitsFor.PACE)


@transaction.atomic
def readdress(lease: Lease, outbound_id: int, chat: str) -> None:
    """WhatsApp spells the number of this chat otherwise."""
    lock(lease)
    Outbound.objects.filter(id=outbound_id).update(chat=chat[:120])


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What became of a command that was being sent. `state`: sent, failed or unconfirmed."""

    outbound_id: int
    state: str
    wa_id: str = ""
    error_code: str = ""
    error: str = ""


@dataclass(frozen=True)
class Turn:
    """A session's step: what it has sent, if anything; in return it gets the next command."""

    lease: Lease
    settled: Settled | None = None


@transaction.atomic
def take_turns(turns: Sequence[Turn]) -> list[Outbound | None]:
    """`settle` and `claim` of several sessions of one worker, all or none. Raises LeaseLost."""
    connections = lock_all([turn.lease for turn in turns])
    _settle_all([(turn.lease, turn.settled) for turn in turns if turn.settled])
    next_ones = _claim_all({turn.lease.connection_id: turn.lease for turn in turns}, connections)
    return [next_ones.get(turn.lease.connection_id) for turn in turns]


def _claim_all(leases: dict[UUID, Lease], connections: dict[UUID, Connection]) -> dict[UUID, Outbound]:
    heads = _due(list(leases)).order_by("connection_id", "id").distinct("connection_id")
    claimed: dict[UUID, Outbound] = {}
    for head in heads:
        lease = leases[head.connection_id]
        # Few must wait for something: those are looked at one by one.
        one = _claim_first(connections[head.connection_id], lease, head)
        if one is not None:
            claimed[one.connection_id] = one
    sending = Outbound.objects.filter(id__in=[one.id for one in claimed.values()])
    epoch = Connection.objects.filter(id=OuterRef("connection_id")).values("lease_epoch")
    sending.update(state=SendState.SENDING, epoch=Subquery(epoch), attempts=F("attempts") + 1)
    return claimed


@transaction.atomic
def mark_sent(lease: Lease, outbound_id: int, sent: Sent) -> None:
    settle(lease, Settled(outbound_id=outbound_id, state=SendState.SENT, wa_id=sent.wa_id))


@transaction.atomic
def mark_failed(lease: Lease, outbound_id: int, *, code: str, detail: str) -> None:
    settled = Settled(outbound_id=outbound_id, state=SendState.FAILED, error_code=code, error=detail)
    settle(lease, settled)


@transaction.atomic
def mark_unconfirmed(lease: Lease, outbound_id: int) -> None:
    """The gateway never said what became of it, and could not be asked."""
    settled = Settled(outbound_id=outbound_id, state=SendState.UNCONFIRMED, error_code="unconfirmed")
    settle(lease, settled)


@transaction.atomic
def settle(lease: Lease, settled: Settled) -> None:
    lock(lease)
    _settle_all([(lease, settled)])


SETTLE = """
update connections_outbound as one
set state = told.state, wa_id = told.wa_id, error_code = told.error_code, error = told.error,
    epoch = told.epoch, settled_at = now()
from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[])
    as told(id, state, wa_id, error_code, error, epoch)
where one.id = told.id and one.state = 'sending'
returning one.id
"""


def _settle_all(told: Sequence[tuple[Lease, Settled]]) -> None:
    if not told:
        return
    columns: tuple[Any, ...] = (
        [settled.outbound_id for _lease, settled in told],
        [str(settled.state) for _lease, settled in told],
        [settled.wa_id[:80] for _lease, settled in told],
        [settled.error_code[:40] for _lease, settled in told],
        [settled.error[:300] for _lease, settled in told],
        [lease.epoch for lease, _settled in told],
    )
    with database.cursor() as cursor:
        cursor.execute(SETTLE, columns)
        settled_ids = sorted(row[0] for row in cursor.fetchall())
    if settled_ids:
        record(catalog.SendsSettled(outbound_ids=settled_ids))


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
