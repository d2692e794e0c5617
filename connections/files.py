"""Private files: where they lie and what they are called. No name of a customer is ever a path."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

from connections.drivers.base import DriverError


def new_path(tenant_id: UUID) -> str:
    """A path below the media root that nobody can guess, in the tenant's own folder."""
    name = secrets.token_urlsafe(24)
    return f"{tenant_id}/{name[:2]}/{name}"


def full_path(path: str) -> Path:
    """Where a stored path lies. Refuses one that would leave the media root."""
    root = Path(settings.MEDIA_ROOT).resolve()
    full = (root / path).resolve()
    if not full.is_relative_to(root):
        raise ValueError("path outside the media root")
    return full


async def store(tenant_id: UUID, chunks: AsyncIterator[bytes]) -> tuple[str, int]:
    """Write a stream of bytes to a new private file: (path, size in bytes).

    Appears under its name only when whole. Raises DriverError when it is larger than allowed, or when
    the disk is full or gone.
    """
    path = new_path(tenant_id)
    try:
        return path, await _write(full_path(path), chunks)
    except OSError as trouble:
        raise DriverError("not_stored", type(trouble).__name__, permanent=False) from trouble


async def _write(full: Path, chunks: AsyncIterator[bytes]) -> int:
    full.parent.mkdir(parents=True, exist_ok=True)
    unfinished = full.with_suffix(".part")
    size = 0
    try:
        with unfinished.open("wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > settings.MEDIA_MAX_BYTES:
                    raise DriverError("too_large", "The file is too large.", permanent=True)
                file.write(chunk)
        unfinished.rename(full)
    finally:
        unfinished.unlink(missing_ok=True)
    return size
