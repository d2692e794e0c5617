"""The way in: store a happening once, say so, end. It never grows; everything else is a reaction."""

from __future__ import annotations

from django.db import DataError, IntegrityError, transaction

from connections.leases import Lease, check
from connections.models import Connection, Download, Inbound
from connections.wire import Happening, Message, Unknown
from events import catalog
from events.recording import record


@transaction.atomic
def accept(connection: Connection, happening: Happening, *, lease: Lease) -> bool:
    """Keep what WhatsApp told us. False when it was kept before; raises LeaseLost."""
    check(lease)
    if Inbound.objects.filter(connection=connection, key=happening.key).exists():
        return False
    try:
        with transaction.atomic():
            Inbound.objects.create(
                connection=connection,
                key=happening.key,
                kind=happening.kind,
                chat=happening.chat,
                payload=happening.payload(),
            )
    except IntegrityError:
        return False  # another holder of the lease stored it a moment ago
    except DataError as refused:
        # The gateway tells it again until we hold it, and nothing behind it comes through meanwhile.
        return accept(connection, _as_text(happening, refused), lease=lease)
    if isinstance(happening, Message) and happening.media is not None:
        Download.objects.get_or_create(
            connection=connection,
            wa_id=happening.id,
            defaults={"chat": happening.chat, "media": happening.payload()["media"]},
        )
    record(catalog.HappeningStored(connection_id=str(connection.id), chat=happening.chat))
    return True


def _as_text(happening: Happening, refused: DataError) -> Unknown:
    """Something that no column can hold, in a spelling that any can."""
    if isinstance(happening, Unknown):
        raise refused
    return Unknown(chat=ascii(happening.chat)[:120], raw={"told": ascii(happening)})
