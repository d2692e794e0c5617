"""The live socket of a link's page: codes for whoever holds the phone, as long as the link is open.

It hears what members hear who look at the connection, and passes on the codes alone.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseTrouble
from django.http import Http404

from connections import invitations
from connections.access import find_link
from connections.models import LinkInvitation
from connections.nudges import nudge
from events import audience
from events.hub import TenantHub, hub
from tenants.doors import in_database_thread, in_tenant
from tenants.models import Tenant
from tenants.rendering import dumps, timestamp

log = structlog.get_logger(__name__)
OVER, TOO_MANY, TOO_SLOW = 4404, 4429, 4408
PASSED_ON = {"connection.qr", "connection.pairing_code"}
LOOK_SECONDS = 2.0
ASK_AGAIN_SECONDS = 10.0
# A link is for one person; some keep a page open and forget it.
SOCKETS_PER_LINK = 5
MAX_UNSENT = 50


@dataclass(frozen=True)
class Standing:
    """How the number stands, as far as it concerns the page. `why` it is over; empty: it is not."""

    state: str
    why: str = ""


class LinkConsumer(AsyncWebsocketConsumer):
    channel_layer_alias = None  # frames come through the hub
    open_sockets: Counter[Any] = Counter()

    tenant: Tenant
    link: LinkInvitation
    hub: TenantHub | None = None
    is_counted = False
    tasks: tuple[asyncio.Task[None], ...] = ()

    async def __call__(self, *connection: Any) -> None:
        try:
            await super().__call__(*connection)
        finally:
            await self._leave()

    async def connect(self) -> None:
        await self.accept()
        self.unsent: deque[str] = deque()
        self.has_unsent = asyncio.Event()
        self.shown: Standing | None = None
        self.code_at = 0.0
        try:
            self.link = await in_database_thread(find_link)(self.scope["url_route"]["kwargs"]["token"])
        except Http404:
            await self.close(OVER)
            return
        self.tenant = self.link.tenant
        if self.open_sockets[self.link.id] >= SOCKETS_PER_LINK:
            await self.close(TOO_MANY)
            return
        self.open_sockets[self.link.id] += 1
        self.is_counted = True
        if (standing := await self._look()).why:
            await self._say_over(standing)
            return
        group = audience.connection(self.tenant.id, self.link.connection_id)
        self.hub = await hub().enter(str(self.tenant.id), self, group)
        self.tasks = (asyncio.create_task(self._write()), asyncio.create_task(self._watch()))

    async def disconnect(self, code: int) -> None:
        await self._leave()

    async def _leave(self) -> None:
        entered, self.hub = self.hub, None
        for task in self.tasks:
            task.cancel()
        if self.is_counted:
            self.is_counted = False
            self.open_sockets[self.link.id] -= 1
            self.open_sockets += Counter()  # forgets those at nought
        if entered is not None:
            await hub().exit(str(self.tenant.id), self)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Nothing is asked here: the page only listens."""

    # --- what the hub calls -------------------------------------------------------------------

    def hear(self, text: str) -> None:
        if json.loads(text)["kind"] in PASSED_ON:
            self.code_at = time.monotonic()
            self._tell(text)

    def hang_up(self, code: int) -> None:
        task = asyncio.get_running_loop().create_task(self.close(code))
        task.add_done_callback(lambda done: done.exception())

    # --- what the page is told ----------------------------------------------------------------

    def _tell(self, text: str) -> None:
        if len(self.unsent) >= MAX_UNSENT:
            self.hang_up(TOO_SLOW)
            return
        self.unsent.append(text)
        self.has_unsent.set()

    async def _write(self) -> None:
        while True:
            await self.has_unsent.wait()
            self.has_unsent.clear()
            while self.unsent:
                await self.send(text_data=self.unsent.popleft())

    async def _watch(self) -> None:
        """Say how the number stands whenever it changes; end with the link."""
        while True:
            try:
                standing = await self._look()
            except DatabaseTrouble:
                log.warning("link page: standing not checked", exc_info=True)
                await asyncio.sleep(LOOK_SECONDS)
                continue
            if standing.why:
                await self._say_over(standing)
                return
            if standing != self.shown:
                self.shown = standing
                self._tell(_frame("link.state", {"state": standing.state}))
            await asyncio.sleep(LOOK_SECONDS)

    async def _say_over(self, standing: Standing) -> None:
        await self.send(text_data=_frame("link.over", {"why": standing.why}))
        await self.close(OVER)

    @in_tenant
    def _look(self) -> Standing:
        """Asks the session for the code of the moment, where none came lately: it is told to who looks."""
        link = LinkInvitation.objects.select_related("connection").get(id=self.link.id)
        if not invitations.is_open(link):
            return Standing(link.connection.state, link.ended_why)
        if link.agreed_at is None:
            return Standing(link.connection.state, "not_agreed")
        if time.monotonic() - self.code_at > ASK_AGAIN_SECONDS:
            nudge(link.connection_id, "show_qr")
        return Standing(link.connection.state)


def _frame(kind: str, data: dict[str, Any]) -> str:
    return dumps({"kind": kind, "at": timestamp(datetime.now(UTC)), "data": data}).decode()
