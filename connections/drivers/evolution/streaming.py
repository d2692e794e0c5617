"""A file out of a JSON answer, as it comes: `{"…", "base64": "<a hundred megabytes>", "…"}`."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import AsyncIterator

from connections.drivers.base import DriverError

FIELD = re.compile(rb'"base64"\s*:\s*"')
# How much of the beginning may pass before the file must have begun.
LONGEST_HEAD = 256 * 1024
QUOTE, QUANTUM = b'"', 4


async def decode(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The bytes of the field `base64`. Raises DriverError when there is none, or when it breaks off."""
    held, is_inside = b"", False
    async for chunk in chunks:
        held += chunk
        if not is_inside:
            if (found := FIELD.search(held)) is None:
                if len(held) > LONGEST_HEAD:
                    break
                continue
            held, is_inside = held[found.end() :], True
        text, end, _rest = held.partition(QUOTE)
        whole = len(text) if end else len(text) - len(text) % QUANTUM
        if whole:
            yield _plain(text[:whole])
        if end:
            return
        held = text[whole:]
    raise DriverError("media_broken_off" if is_inside else "media_gone", permanent=not is_inside)


def _plain(text: bytes) -> bytes:
    try:
        return b64decode(text, validate=True)
    except binascii.Error as broken:
        raise DriverError("media_broken", str(broken), permanent=True) from broken
