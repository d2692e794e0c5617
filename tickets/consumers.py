"""The live socket of a console. It speaks; everything that changes something is an HTTP request.

The console hears what its hub delivers (`events.hub`); this file decides which groups it may be in.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from accounts.entrance import member_of
from accounts.models import Membership
from connections.access import get_managed_connection
from connections.nudges import nudge
from events import audience, channel
from events.hub import TenantHub, hub
from sectors.models import Sector
from tenants.doors import in_tenant
from tenants.models import Tenant
from tenants.rendering import dumps, timestamp
from tickets.access import get_ticket
from tickets.models import Ticket

SIGNED_OUT, NO_TENANT, TOO_SLOW = 4401, 4404, 4408
# A browser this many frames behind is hung up on: loading its state again is cheaper.
MAX_UNSENT = 1000
MAX_FRAME_CHARS = 4096
# What a browser may say in ten seconds before it is ignored for the rest of them.
MAX_SAYINGS = 60
BEATS_BETWEEN_CHECKS = 4


class ConsoleConsumer(AsyncWebsocketConsumer):
    channel_layer_alias = None  # frames come through the hub, not through a queue of our own

    tenant: Tenant
    member: Membership

    async def connect(self) -> None:
        await self.accept()
        self.hub: TenantHub | None = None
        self.unsent: deque[str] = deque()
        self.has_unsent = asyncio.Event()
        self.sayings: deque[float] = deque(maxlen=MAX_SAYINGS)
        self.beats = 0
        self.opened: dict[str, set[str]] = {}  # ticket → the groups its console joined for it
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.close(SIGNED_OUT)
            return
        slug = self.scope["url_route"]["kwargs"]["slug"]
        member = await database_sync_to_async(member_of)(user, slug=slug)
        if member is None:
            await self.close(NO_TENANT)
            return
        self.member, self.tenant = member, member.tenant
        groups = await self._standing_groups()
        self.hub = await hub().enter(str(self.tenant.id), self, *groups)
        self.writer = asyncio.create_task(self._write())
        await self._tell("hello", {"member_id": str(member.id)})

    async def disconnect(self, code: int) -> None:
        if self.hub is not None:
            self.writer.cancel()
            await hub().exit(str(self.tenant.id), self)
            self.hub = None

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        asked = self._parse(text_data)
        if asked is None or self.hub is None:
            return
        try:
            match asked:
                case {"do": "beat"}:
                    await self._beat()
                case {"do": "join", "ticket": str(ticket_id)}:
                    self.opened[ticket_id] = await self._groups_of_ticket(ticket_id)
                    self.hub.join(self, *self.opened[ticket_id])
                case {"do": "leave", "ticket": str(ticket_id)}:
                    self._leave(ticket_id)
                case {"do": "typing", "ticket": str(ticket_id), "on": bool(is_on)}:
                    await self._show_typing(ticket_id, is_on)
                case {"do": "watch", "connection": str(connection_id)}:
                    group = await self._group_of_connection(connection_id)
                    self.hub.join(self, group)
                    await self._ask_for_qr(connection_id)
        except (Http404, PermissionDenied, ValidationError, ValueError):
            await self._tell("refused", {"do": str(asked.get("do"))[:20], "code": "not_found"})

    # --- what the hub calls -------------------------------------------------------------------

    def hear(self, text: str) -> None:
        if len(self.unsent) >= MAX_UNSENT:
            self.hang_up(TOO_SLOW)
            return
        self.unsent.append(text)
        self.has_unsent.set()

    def hang_up(self, code: int) -> None:
        task = asyncio.get_running_loop().create_task(self.close(code))
        task.add_done_callback(lambda done: done.exception())

    async def _write(self) -> None:
        """Write frames one after another; a slow browser holds up nobody but itself."""
        while True:
            await self.has_unsent.wait()
            self.has_unsent.clear()
            while self.unsent:
                await self.send(text_data=self.unsent.popleft())

    # --- what the browser asks ----------------------------------------------------------------

    def _parse(self, text: str | None) -> dict[str, Any] | None:
        now = asyncio.get_running_loop().time()
        is_flooding = len(self.sayings) == MAX_SAYINGS and now - self.sayings[0] < 10
        self.sayings.append(now)
        if is_flooding or text is None or len(text) > MAX_FRAME_CHARS:
            return None
        try:
            asked = json.loads(text)
        except ValueError:
            return None
        return asked if isinstance(asked, dict) else None

    async def _tell(self, kind: str, data: dict[str, Any]) -> None:
        frame = {"kind": kind, "at": timestamp(datetime.now(UTC)), "data": data}
        self.hear(dumps(frame).decode())

    async def _beat(self) -> None:
        """Alive; every so often also: is this person still signed in, still a member?"""
        self.beats += 1
        if self.beats % BEATS_BETWEEN_CHECKS == 0:
            user = await get_user(self.scope)
            if user.is_anonymous or not await self._has_session() or not await self._is_still_member():
                await self.close(SIGNED_OUT)
                return
        await self._tell("beat", {})

    async def _has_session(self) -> bool:
        """Signing out deletes the session's row; the copy this socket holds does not know of it."""
        session = self.scope["session"]
        return bool(await database_sync_to_async(session.exists)(session.session_key))

    @in_tenant
    def _is_still_member(self) -> bool:
        return bool(Membership.objects.active().filter(id=self.member.id).exists())

    @in_tenant
    def _standing_groups(self) -> list[str]:
        """Groups the member is in whatever they look at."""
        tenant_id = self.tenant.id
        groups = [audience.everyone(tenant_id), audience.member(tenant_id, self.member.id)]
        if self.member.has_right("sees_all_tickets"):
            groups.append(audience.overseers(tenant_id))
        if self.member.has_right("can_manage_connections"):
            groups.append(audience.connection_keepers(tenant_id))
        own = Sector.objects.of(self.member).values_list("id", flat=True)
        return groups + [audience.sector(tenant_id, sector_id) for sector_id in own]

    @in_tenant
    def _groups_of_ticket(self, ticket_id: str) -> set[str]:
        ticket = get_ticket(self.member, UUID(ticket_id))
        return {
            audience.ticket(self.tenant.id, ticket.id),
            audience.chat(self.tenant.id, ticket.connection_id, ticket.chat),
        }

    @in_tenant
    def _group_of_connection(self, connection_id: str) -> str:
        connection = get_managed_connection(self.member, UUID(connection_id))
        return audience.connection(self.tenant.id, connection.id)

    @in_tenant
    def _ask_for_qr(self, connection_id: str) -> None:
        nudge(connection_id, "show_qr")

    def _leave(self, ticket_id: str) -> None:
        """Out of the ticket's groups; a chat that another open ticket shares is kept."""
        assert self.hub is not None
        left = self.opened.pop(ticket_id, set())
        self.hub.leave(self, *left.difference(*self.opened.values()))

    async def _show_typing(self, ticket_id: str, is_on: bool) -> None:
        """Tell colleagues, and the customer when it is their agent who types."""
        assert self.hub is not None
        group = audience.ticket(self.tenant.id, ticket_id)
        if self not in self.hub.members.get(group, ()):
            return
        member = {"id": str(self.member.id), "name": self.member.name}
        data = {"ticket_id": ticket_id, "member": member, "on": is_on}
        await channel.whisper_async(self.tenant.id, group, "member.typing", data)
        await self._type_to_customer(ticket_id, is_on)

    @in_tenant
    def _type_to_customer(self, ticket_id: str, is_on: bool) -> None:
        ticket = Ticket.objects.filter(id=UUID(ticket_id), assignee=self.member).first()
        if ticket is not None and not ticket.is_closed:
            nudge(ticket.connection_id, "show_typing", ticket.chat, "typing" if is_on else "idle")
