"""Files out of the page: offered as downloads, streamed from disk, then gone."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Download, Error

from connections.drivers.base import DriverError
from connections.drivers.browser.page import WebPage

OFFER_SECONDS = 120.0
CHUNK = 1024 * 1024
PICTURE_BYTES = 2 * 1024 * 1024


async def fetch(page: WebPage, key: str) -> AsyncIterator[bytes]:
    """The bytes of a message's file, in pieces of at most 1 MiB. Raises DriverError."""
    path = await _take_out(page, "offer", key)
    try:
        with await asyncio.to_thread(path.open, "rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                yield chunk
    finally:
        path.unlink(missing_ok=True)


async def picture(page: WebPage, chat: str) -> bytes | None:
    address = await page.ask("picture", chat)
    if not address:
        return None
    path = await _take_out(page, "offerAddress", address)
    try:
        if path.stat().st_size > PICTURE_BYTES:
            raise DriverError("too_large", "a profile picture", permanent=True)
        return await asyncio.to_thread(path.read_bytes)
    finally:
        path.unlink(missing_ok=True)


async def _take_out(page: WebPage, ask: str, what: str) -> Path:
    """Let the page offer something under a name that only we know, and take that."""
    name = secrets.token_hex(12)

    def is_ours(download: Download) -> bool:
        return download.suggested_filename.startswith(name)

    try:
        async with page.page.expect_download(is_ours, timeout=OFFER_SECONDS * 1000) as offered:
            await page.ask(ask, what, name, seconds=OFFER_SECONDS)
        return Path(await (await offered.value).path())
    except Error as failed:
        raise DriverError("media_not_fetched", str(failed).splitlines()[0], permanent=False) from failed
