"""The way in: store a happening once, say so, end. It never grows; everything else is a reaction."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import DataError, IntegrityError, transaction

from connections.leases import Lease, check
from connections.models import Connection, Download, Inbound
from connections.wire import Happening, Message, Unknown
from events import catalog
from events.recording import record


def accept(connection: Connection, happening: Happening, *, lease: Lease) -> bool:
    """Keep one happening; as `accept_all`. False when it was kept before."""
    return accept_all(connection, [happening], lease=lease) == 1


@transaction.atomic
def accept_all(connection: Connection, happenings: Sequence[Happening], *, lease: Lease) -> int:
    """Keep what WhatsApp told us, in this order; how much of it was new. Raises LeaseLost."""
    check(lease)
    new = list({happening.key: happening for happening in happenings}.values())
    try:
        with transaction.atomic():
            _keep(connection, new)
    except IntegrityError:
        return _accept_rest(connection, new, lease=lease)
    except DataError as refused:
        # The gateway tells it again until we hold it, and nothing behind it comes through meanwhile.
        if len(new) > 1:
            return sum(accept(connection, one, lease=lease) for one in new)
        return accept_all(connection, [_as_text(new[0], refused)], lease=lease)
    for chat in dict.fromkeys(happening.chat for happening in new):
        record(catalog.HappeningStored(connection_id=str(connection.id), chat=chat))
    return len(new)


def _accept_rest(connection: Connection, happenings: list[Happening], *, lease: Lease) -> int:
    """Some of it was told and kept before."""
    told = {happening.key: happening for happening in happenings}
    for key in Inbound.objects.filter(connection=connection, key__in=told).values_list("key", flat=True):
        del told[key]
    if len(told) == len(happenings):
        raise RuntimeError("refused as kept before, and not there")
    return accept_all(connection, list(told.values()), lease=lease) if told else 0


def _keep(connection: Connection, happenings: list[Happening]) -> None:
    rows = [
        Inbound(
            connection=connection,
            key=happening.key,
            kind=happening.kind,
            chat=happening.chat,
            payload=happening.payload(),
        )
        for happening in happenings
    ]
    Inbound.objects.bulk_create(rows)
    downloads = [
        Download(
            connection=connection,
            wa_id=happening.id,
            chat=happening.chat,
            media=happening.payload()["media"],
        )
        for happening in happenings
        if isinstance(happening, Message) and happening.media is not None
    ]
    if downloads:
        Download.objects.bulk_create(downloads, ignore_conflicts=True)


def _as_text(happening: Happening, refused: DataError) -> Unknown:
    """Something that no column can hold, in a spelling that any can."""
    if isinstance(happening, Unknown):
        raise refused
    return Unknown(chat=ascii(happening.chat)[:120], raw={"told": ascii(happening)})
