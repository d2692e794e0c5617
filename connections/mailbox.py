"""The mailbox: what gateways post to us is kept, and waits until the connection's session reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.db.models.functions import Now

from connections.models import Connection, Post
from connections.wire import clean
from events import catalog
from events.recording import record
from tenants import scope


def addressee(connection_id: UUID, driver: str) -> Connection | None:
    """The connection that a gateway posts to, where this installation offers its kind. Whoever asks has
    proven nothing yet."""
    if driver not in settings.DRIVERS:
        return None
    with scope.across_tenants(reason="a gateway names a connection; its secret decides afterwards"):
        rows = Connection.objects.filter(id=connection_id, driver=driver, tenant__is_active=True)
        found: Connection | None = rows.select_related("tenant").first()
        return found


@transaction.atomic
def keep(connection: Connection, raw: bytes, body: dict[str, Any]) -> bool:
    """Keep a post, once however often it is posted, and tell the session. False when it was here before."""
    key = hashlib.sha256(raw).hexdigest()
    try:
        with transaction.atomic():
            _insert(connection, key, clean(body))
    except IntegrityError:
        return False
    record(catalog.GatewayPosted(connection_id=str(connection.id)))
    return True


def _insert(connection: Connection, key: str, body: dict[str, Any]) -> None:
    try:
        with transaction.atomic():
            Post.objects.create(connection=connection, key=key, body=body)
    except DataError:
        # Something no column can hold: kept in a spelling that any can, so that it can be looked at.
        Post.objects.create(connection=connection, key=key, body={"told": ascii(body)})


def unread(connection_id: UUID, except_for: Collection[int], at_most: int) -> list[Post]:
    """The oldest posts that nobody has read, in the order they came."""
    rows = Post.objects.filter(connection_id=connection_id, read_at=None).exclude(id__in=except_for)
    return list(rows.order_by("id")[:at_most])


def mark_read(ids: Collection[int]) -> None:
    """What stood in them is safe elsewhere."""
    Post.objects.filter(id__in=ids).update(read_at=Now())


def newest(connection_id: UUID) -> tuple[int, datetime | None]:
    """Id and time of the newest post; (0, None) where there was none."""
    row = Post.objects.filter(connection_id=connection_id).order_by("-id").values_list("id", "posted_at")
    return row.first() or (0, None)


def with_something_unread(connection_ids: list[UUID]) -> set[UUID]:
    """Which of these connections have posts that nobody has read."""
    posts = Post.objects.filter(connection_id__in=connection_ids, read_at=None)
    return set(posts.values_list("connection_id", flat=True).distinct())
