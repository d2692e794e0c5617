"""Files of incoming messages: fetched by the session, stored privately, announced as a happening."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from connections.choices import DownloadState
from connections.inbound import accept
from connections.leases import Lease, lock
from connections.models import Connection, Download
from connections.wire import FileArrived

MAX_ATTEMPTS = 6


def next_download(lease: Lease) -> Download | None:
    return (
        Download.objects.filter(
            connection_id=lease.connection_id,
            state=DownloadState.QUEUED,
            not_before__lte=Now(),
        )
        .order_by("id")
        .first()
    )


@transaction.atomic
def finish(
    connection: Connection, lease: Lease, download: Download, *, path: str, size: int, mime: str
) -> None:
    """The file lies at `path` below the media root."""
    download.state = DownloadState.DONE
    download.save(update_fields=["state"])
    arrived = FileArrived(chat=download.chat, target_id=download.wa_id, path=path, size=size, mime=mime)
    accept(connection, arrived, lease=lease)


@transaction.atomic
def fail(connection: Connection, lease: Lease, download: Download, *, is_permanent: bool) -> None:
    """Try again later, or give up and say so in the thread."""
    lock(lease)
    download.attempts += 1
    if is_permanent or download.attempts >= MAX_ATTEMPTS:
        download.state = DownloadState.FAILED
        lost = FileArrived(chat=download.chat, target_id=download.wa_id, path=None)
        accept(connection, lost, lease=lease)
    else:
        download.not_before = Now() + timedelta(seconds=2**download.attempts)
    download.save(update_fields=["state", "attempts", "not_before"])
