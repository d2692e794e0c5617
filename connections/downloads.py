"""Files of incoming messages: fetched by the session, stored privately, announced as a happening."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from connections.choices import DownloadState
from connections.inbound import accept
from connections.leases import Lease, lock
from connections.models import Connection, Download
from connections.wire import FileArrived

MAX_ATTEMPTS = 6


@transaction.atomic
def begin(connection: Connection, lease: Lease) -> Download | None:
    """The next file to fetch. The attempt counts from here: a fetch that takes its session with it must
    not be the first thing that the session's next life does, again and again."""
    lock(lease)
    for download in _due([lease.connection_id]).order_by("id"):
        if download.attempts < MAX_ATTEMPTS:
            download.attempts += 1
            download.not_before = Now() + timedelta(seconds=2**download.attempts)
            download.save(update_fields=["attempts", "not_before"])
            return download
        _give_up(connection, lease, download)
    return None


def with_something_due(connection_ids: list[UUID]) -> set[UUID]:
    """Which of these connections have a file to fetch whose time has come."""
    return set(_due(connection_ids).values_list("connection_id", flat=True).distinct())


def _due(connection_ids: list[UUID]) -> QuerySet[Download]:
    queued = Download.objects.filter(connection_id__in=connection_ids, state=DownloadState.QUEUED)
    return queued.filter(not_before__lte=Now())


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
    """Leave it for a later attempt, or give up and say so in the thread."""
    lock(lease)
    if is_permanent or download.attempts >= MAX_ATTEMPTS:
        _give_up(connection, lease, download)


def _give_up(connection: Connection, lease: Lease, download: Download) -> None:
    download.state = DownloadState.FAILED
    download.save(update_fields=["state"])
    accept(connection, FileArrived(chat=download.chat, target_id=download.wa_id, path=None), lease=lease)
