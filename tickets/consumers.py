"""The live socket of a console. It speaks; everything that changes something is an HTTP request.

The console hears what its hub delivers (`events.hub`); this file decides which groups it may be in.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import structlog
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import Error as DatabaseTrouble
from django.http import Http404, HttpRequest

from accounts.entrance import member_of
from accounts.models import Membership, User
from connections.access import get_managed_connection
from connections.nudges import nudge
from events import audience, channel
from events.hub import TenantHub, hub
from sectors.models import Sector
from tenants.doors import in_database_thread, in_tenant
from tenants.models import Tenant
from tenants.rendering import dumps, timestamp
from tickets.access import get_ticket
from tickets.models import Ticket

log = structlog.get_logger(__name__)
SIGNED_OUT, STANDING_CHANGED, NO_TENANT, TOO_SLOW, TOO_QUIET = 4401, 4403, 4404, 4408, 4408
# A browser this many frames behind is hung up on: loading its state again is cheaper.
MAX_UNSENT = 1000
MAX_FRAME_CHARS = 4096
# What a browser may say in ten seconds before it is ignored for the rest of them.
MAX_SAYINGS = 60
FIRST_CHECK_SECONDS = (1.0, 5.0)
CHECK_SECONDS = 60.0
# Browsers beat every 25 seconds, those in the background once a minute.
QUIET_SECONDS = 150.0


@dataclass(frozen=True)
class Standing:
    """Who a socket speaks for, and what it hears whatever it looks at."""

    member_id: UUID
    role: str
    groups: frozenset[str]


class ConsoleConsumer(AsyncWebsocketConsumer):
    channel_layer_alias = None  # frames come through the hub, not through a queue of our own

    tenant: Tenant
    member: Membership
    hub: TenantHub | None = None
    tasks: tuple[asyncio.Task[None], ...] = ()

    async def __call__(self, *connection: Any) -> None:
        try:
            await super().__call__(*connection)
        finally:
            # Channels says nothing of the end of a socket whose own code failed.
            await self._leave_hub()

    async def connect(self) -> None:
        await self.accept()
        self.unsent: deque[str] = deque()
        self.has_unsent = asyncio.Event()
        self.sayings: deque[float] = deque(maxlen=MAX_SAYINGS)
        self.opened: dict[str, set[str]] = {}  # ticket → the groups its console joined for it
        self.spoke_at = asyncio.get_running_loop().time()
        found = await self._find()
        if isinstance(found, int):
            await self.close(found)
            return
        self.standing = found
        self.hub = await hub().enter(str(self.tenant.id), self, *found.groups)
        self.tasks = (asyncio.create_task(self._write()), asyncio.create_task(self._watch()))
        await self._tell("hello", {"member_id": str(found.member_id)})

    async def disconnect(self, code: int) -> None:
        await self._leave_hub()

    async def _leave_hub(self) -> None:
        entered, self.hub = self.hub, None
        for task in self.tasks:
            task.cancel()
        if entered is not None:
            await hub().exit(str(self.tenant.id), self)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        asked = self._parse(text_data)
        if asked is None or self.hub is None:
            return
        try:
            match asked:
                case {"do": "beat"}:
                    await self._tell("beat", {})
                case {"do": "join", "ticket": str(ticket_id)}:
                    await self._join(ticket_id)
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

    async def _watch(self) -> None:
        """Whether whoever sits there may still hear all this: signed in, a member, in the same groups. Asked
        by the server, for a stolen session would not ask. The first time soon: what changed while the
        socket was being opened was told to nobody."""
        pause = random.uniform(*FIRST_CHECK_SECONDS)
        while True:
            await asyncio.sleep(pause)
            pause = CHECK_SECONDS * random.uniform(0.8, 1.2)
            if asyncio.get_running_loop().time() - self.spoke_at > QUIET_SECONDS:
                self.hang_up(TOO_QUIET)
                return
            try:
                found = await self._find()
            except DatabaseTrouble:
                log.warning("live socket: standing not checked", exc_info=True)
                continue
            if found != self.standing:
                self.hang_up(found if isinstance(found, int) else STANDING_CHANGED)
                return

    async def _find(self) -> Standing | int:
        """Who is signed in on this socket's session now, or the code to close with."""
        found = await in_database_thread(self._signed_in)()
        if isinstance(found, int):
            return found
        self.member, self.tenant = found, found.tenant
        return Standing(found.id, found.role, await self._standing_groups())

    def _signed_in(self) -> Membership | int:
        session = import_module(settings.SESSION_ENGINE).SessionStore(self.scope["session"].session_key)
        user = get_user(cast("HttpRequest", SimpleNamespace(session=session)))
        if not isinstance(user, User):
            return SIGNED_OUT
        return member_of(user, slug=self.scope["url_route"]["kwargs"]["slug"]) or NO_TENANT

    @in_tenant
    def _standing_groups(self) -> frozenset[str]:
        """Groups the member is in whatever they look at."""
        tenant_id = self.tenant.id
        groups = [audience.everyone(tenant_id), audience.member(tenant_id, self.member.id)]
        if self.member.has_right("sees_all_tickets"):
            groups.append(audience.overseers(tenant_id))
        if self.member.has_right("can_manage_connections"):
            groups.append(audience.connection_keepers(tenant_id))
        own = Sector.objects.of(self.member).values_list("id", flat=True)
        return frozenset(groups + [audience.sector(tenant_id, sector_id) for sector_id in own])

    # --- what the browser asks ----------------------------------------------------------------

    def _parse(self, text: str | None) -> dict[str, Any] | None:
        self.spoke_at = now = asyncio.get_running_loop().time()
        is_flooding = len(self.sayings) == MAX_SAYINGS and now - self.sayings[0] < 10
        self.sayings.append(now)
        if is_flooding or text is None or len(text) > MAX_FRAME_CHARS:
            return None
        try:
            asked = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return asked if isinstance(asked, dict) else None

    async def _tell(self, kind: str, data: dict[str, Any]) -> None:
        frame = {"kind": kind, "at": timestamp(datetime.now(UTC)), "data": data}
        self.hear(dumps(frame).decode())

    @in_tenant
    def _visible_ticket(self, ticket_id: str) -> Ticket:
        return get_ticket(self.member, UUID(ticket_id))

    def _groups_of(self, ticket: Ticket) -> set[str]:
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

    async def _join(self, ticket_id: str) -> None:
        """Into the ticket's groups. Whoever reads the ticket after `joined` misses nothing: what was
        committed before is read, what is committed later is heard."""
        assert self.hub is not None
        self.opened[ticket_id] = self._groups_of(await self._visible_ticket(ticket_id))
        self.hub.join(self, *self.opened[ticket_id])
        try:
            # Lost between the check and the join, nobody would have taken us out of the groups.
            ticket = await self._visible_ticket(ticket_id)
            # What took us out earlier and is told late must not take us out again.
            self.hub.saw(audience.ticket(self.tenant.id, ticket.id), ticket.version)
        except (Http404, PermissionDenied):
            self._leave(ticket_id)
            raise
        await self._tell("joined", {"ticket_id": ticket_id})

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
