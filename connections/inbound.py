"""The way in: store a happening once, say so, end. It never grows; everything else is a reaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import DataError, IntegrityError, transaction

from connections.leases import Lease, check, check_all
from connections.models import Connection, Download, Inbound
from connections.wire import Happening, Message, Unknown
from events import catalog
from events.recording import record


def accept(connection: Connection, happening: Happening, *, lease: Lease) -> bool:
    """Keep one happening; as `accept_all`. False when it was kept before."""
    return accept_all(connection, [happening], lease=lease) == 1


@dataclass(frozen=True)
class Arrival:
    """What came through one connection, in order."""

    connection: Connection
    lease: Lease
    happenings: Sequence[Happening]


def store(arrivals: Sequence[Arrival]) -> list[int]:
    """Keep what came; how much of each was new. Raises what `accept_all` and `accept_together` raise."""
    if len(arrivals) > 1:
        return accept_together(arrivals)
    return [accept_all(one.connection, one.happenings, lease=one.lease) for one in arrivals]


@transaction.atomic
def accept_together(arrivals: Sequence[Arrival]) -> list[int]:
    """What came through several connections of one worker, all of it or nothing; how much of each. Raises
    LeaseLost, and IntegrityError or DataError where `accept_all` must see what of it can be kept."""
    check_all([arrival.lease for arrival in arrivals])
    kept = [list({one.key: one for one in arrival.happenings}.values()) for arrival in arrivals]
    with transaction.atomic():
        _keep([(arrival.connection, new) for arrival, new in zip(arrivals, kept, strict=True)])
    _tell((arrival.connection, one) for arrival in arrivals for one in arrival.happenings)
    return [len(new) for new in kept]


@transaction.atomic
def accept_all(connection: Connection, happenings: Sequence[Happening], *, lease: Lease) -> int:
    """Keep what WhatsApp told us, in this order; how much of it was new. Raises LeaseLost."""
    check(lease)
    new = list({happening.key: happening for happening in happenings}.values())
    try:
        with transaction.atomic():
            _keep([(connection, new)])
    except IntegrityError:
        return _accept_rest(connection, new, lease=lease)
    except DataError as refused:
        # The gateway tells it again until we hold it, and nothing behind it comes through meanwhile.
        if len(new) > 1:
            return sum(accept(connection, one, lease=lease) for one in new)
        return accept_all(connection, [_as_text(new[0], refused)], lease=lease)
    _tell((connection, one) for one in new)
    return len(new)


def _accept_rest(connection: Connection, happenings: list[Happening], *, lease: Lease) -> int:
    """Some of it was told and kept before."""
    told = {happening.key: happening for happening in happenings}
    for key in Inbound.objects.filter(connection=connection, key__in=told).values_list("key", flat=True):
        del told[key]
    if len(told) == len(happenings):
        raise RuntimeError("refused as kept before, and not there")
    return accept_all(connection, list(told.values()), lease=lease) if told else 0


def _tell(told: Iterable[tuple[Connection, Happening]]) -> None:
    chats = dict.fromkeys((str(connection.id), happening.chat) for connection, happening in told)
    record(catalog.HappeningsStored(chats=[list(chat) for chat in chats]))


def _keep(arrived: Sequence[tuple[Connection, list[Happening]]]) -> None:
    told = [(connection, happening) for connection, happenings in arrived for happening in happenings]
    Inbound.objects.bulk_create(
        Inbound(
            connection=connection,
            key=happening.key,
            kind=happening.kind,
            chat=happening.chat,
            payload=happening.payload(),
        )
        for connection, happening in told
    )
    downloads = [
        Download(
            connection=connection,
            wa_id=happening.id,
            chat=happening.chat,
            media=happening.payload()["media"],
        )
        for connection, happening in told
        if isinstance(happening, Message) and happening.media is not None
    ]
    if downloads:
        Download.objects.bulk_create(downloads, ignore_conflicts=True)


def _as_text(happening: Happening, refused: DataError) -> Unknown:
    """Something that no column can hold, in a spelling that any can."""
    if isinstance(happening, Unknown):
        raise refused
    return Unknown(chat=ascii(happening.chat)[:120], raw={"told": ascii(happening)})
