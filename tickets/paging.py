"""Keyset pages: go on after the last row seen, by (moment, id), newest first. Never an offset."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from tenants.errors import DomainError

Row = TypeVar("Row", bound=Model)


class BadCursor(DomainError):
    code = "bad_cursor"
    status = 400
    message = _("This cursor is not one of ours.")


def page(rows: QuerySet[Row], *, by: str, cursor: str | None, limit: int) -> tuple[list[Row], str | None]:
    """One page of `rows` ordered by (-by, -id), and the cursor of the next page or None."""
    if cursor:
        moment, key = _unpack(cursor)
        rows = rows.filter(Q(**{f"{by}__lt": moment}) | Q(id__lt=key), **{f"{by}__lte": moment})
    found = list(rows.order_by(f"-{by}", "-id")[: limit + 1])
    if len(found) <= limit:
        return found, None
    found.pop()
    return found, _pack(getattr(found[-1], by), found[-1].pk)


def _pack(moment: datetime, key: Any) -> str:
    return urlsafe_b64encode(f"{moment.isoformat()} {key}".encode()).decode()


def _unpack(cursor: str) -> tuple[datetime, UUID]:
    try:
        moment, key = urlsafe_b64decode(cursor.encode()).decode().split(" ")
        return datetime.fromisoformat(moment), UUID(key)
    except (ValueError, binascii.Error) as nonsense:
        raise BadCursor from nonsense
