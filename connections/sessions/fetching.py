"""The files of incoming messages, fetched one after the other while a link is up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from connections import downloads, files, wire
from connections.drivers.base import Driver, DriverError
from connections.leases import Lease
from connections.models import Connection, Download

log = structlog.get_logger(__name__)


class Fetcher:
    def __init__(self, connection: Connection, lease: Lease, driver: Driver, db: Callable[..., Any]) -> None:
        self.connection, self.lease, self.driver, self.db = connection, lease, driver, db

    async def run(self, is_wanted: asyncio.Event, is_connected: Callable[[], bool]) -> wire.Ended:
        """Fetch whatever is due, each time somebody says that something may be."""
        while True:
            is_wanted.clear()
            if is_connected():
                while (one := await self.db(downloads.begin, self.connection, self.lease)) is not None:
                    await self._fetch(one)
            await is_wanted.wait()

    async def _fetch(self, one: Download) -> None:
        try:
            stored = await files.store(self.connection.tenant_id, self.driver.fetch(one.media["id"]))
        except DriverError as refused:
            log.warning("file not fetched", download=one.id, code_name=refused.code)
            await self.db(self._fail, one, refused.permanent)
        else:
            await self.db(self._finish, one, *stored)

    def _fail(self, one: Download, is_permanent: bool) -> None:
        downloads.fail(self.connection, self.lease, one, is_permanent=is_permanent)

    def _finish(self, one: Download, path: str, size: int) -> None:
        downloads.finish(self.connection, self.lease, one, path=path, size=size, mime=one.media["mime"])
