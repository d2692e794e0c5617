"""The cast of all tests: tenant Acme with its people, tenant Rival full of canaries, and their customers.

Everything is made through the actions and the intake, so that whatever breaks them breaks the stage.
The cast is built once and copied aside; a test that commits gets it back as it was.
"""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.test import Client
from django.test.client import ClientHandler
from django.utils import timezone

from accounts.actions import accept_invitation, found_tenant, invite
from accounts.models import Membership, User
from accounts.tokens import issue_tokens
from connections import actions as numbers
from connections import downloads, inbound, leases, outbound, wire
from connections.leases import Lease
from connections.models import Connection, Download, LinkInvitation, Post, ProfileArchive, TrafficHour
from connections.sessions import vault
from events.models import Event
from sectors.actions import create_sector, seat_member
from sectors.models import Sector
from tenants import scope
from tenants.models import Tenant
from tenants.scope import working_for
from tickets import actions, intake, sending
from tickets.models import Message, Ticket

PASSWORD = "correct-horse-battery"
CANARY = "CANARY-RIVAL"
WORKER = "sessions@test/1"
KEPT_ASIDE = "kept_aside"
serial = itertools.count(1)

# --- the cast ---------------------------------------------------------------------------------

ACME = {  # name → e-mail, role, sectors
    "Ana": ("ana@acme.example", "owner", ["Sales", "Support"]),
    "Dora": ("dora@acme.example", "admin", []),
    "Sofia": ("sofia@acme.example", "supervisor", []),
    "Bruno": ("bruno@acme.example", "agent", ["Sales"]),
    "Carla": ("carla@acme.example", "agent", ["Support"]),
}


def build() -> None:
    """Both companies, as their people would have set them up; all that followed from it is done."""
    _build_acme()
    _build_rival()
    with scope.across_tenants(reason="the past of the cast is closed"):
        Event.objects.update(relayed_at=timezone.now(), open_reactions=[])


def _build_acme() -> None:
    ana = found_tenant(_user("ana@acme.example", "Ana"), company="Acme")
    with working_for(ana.tenant):
        sectors = {name: create_sector(name=name) for name in ("Sales", "Support")}
        for name, (email, role, seats) in ACME.items():
            member = ana if role == "owner" else _join(email, name, role, by=ana)
            seat_member(member, [str(sectors[seat].id) for seat in seats])
        _bring_up("Acme main", sectors["Sales"], phone="+5511900000001")


def _build_rival() -> None:
    """Rival has a row in every table a tenant can own, and each says whose it is."""
    rui = found_tenant(_user("rui@rival.example", f"{CANARY}-Rui"), company="Rival")
    Tenant.objects.filter(id=rui.tenant_id).update(name=f"{CANARY}-company")
    with working_for(rui.tenant):
        sector = create_sector(name=f"{CANARY}-sector", members=[rui.id])
        line = _bring_up(f"{CANARY}-line", sector, phone="+5511955555555")
        invite(email=f"{CANARY}@rival.example".lower(), role="agent", sector_ids=[], by=rui)
        customer = Customer(f"{CANARY}-customer", "+5511966666666", line)
        first = customer.writes(f"{CANARY}-question")
        customer.writes(f"{CANARY}-hello", chat=f"{CANARY}-username@user")
        customer.sends_file(
            name=f"{CANARY}-picture.jpg", mime="image/jpeg", arrives=f"{CANARY}-bytes".encode()
        )
        ticket = actions.take_ticket(first.ticket, by=rui)
        answer, _new = sending.send_message(
            ticket, by=rui, reference=uuid.uuid4(), text=f"{CANARY}-answer", quoted=first
        )
        customer.ticks("read", f"{CANARY}-early")
        sending.retry_message(fail(line, answer), by=rui)
        _tell_more_of(line.connection, by=rui)


def _tell_more_of(connection: Connection, *, by: Membership) -> None:
    """Rows that other kinds of connection have."""
    vault.keep(connection, CANARY.encode())
    vault.keep_settings(connection, {"api_key": CANARY})
    now = timezone.now()
    Post.objects.create(connection=connection, key=f"{CANARY}-post", body={"text": CANARY})
    TrafficHour.objects.create(connection=connection, hour=now.replace(minute=0, second=0, microsecond=0))
    LinkInvitation.objects.create(
        connection=connection, made_by=by, token_hash=f"{CANARY}-hash", expires_at=now + timedelta(hours=1)
    )
    ProfileArchive.objects.create(
        connection=connection, number=1, path=f"{CANARY}/1", sealed_key="", sha256="", size=1
    )


def _user(email: str, name: str) -> User:
    user = User.objects.create_user(email, PASSWORD, name=name)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _join(email: str, name: str, role: str, *, by: Membership) -> Membership:
    invitation = invite(email=email, role=role, sector_ids=[], by=by)
    token = invitation.issue_token()
    invitation.save()
    return accept_invitation(invitation, user=_user(email, name), token=token)


def _bring_up(name: str, sector: Sector, *, phone: str) -> Line:
    """A connection that a worker of these tests holds for as long as they run."""
    connection = numbers.create_connection(name=name, driver="simulator", sector=sector)
    numbers.start_connection(connection)
    line = take_line(connection)
    numbers.report_ready(line.lease, wire.Ready(phone=phone, profile_name=name))
    return Line(Connection.objects.select_related("tenant", "sector").get(id=connection.id), line.lease)


def take_line(connection: Connection, *, worker: str = WORKER) -> Line:
    """A worker takes the connection, if nobody holds it."""
    for taken in leases.acquire(worker, 50):
        if taken.id == connection.id:
            return Line(taken, Lease(taken.id, worker, taken.lease_epoch))
    raise AssertionError("the connection is held by somebody else")


def line_of(connection: Connection) -> Line:
    """The line of a connection that is held already."""
    return Line(connection, Lease(connection.id, connection.lease_owner, connection.lease_epoch))


def member(name: str) -> Membership:
    """Somebody of the cast, fresh from the database."""
    with scope.across_tenants(reason="the cast is called by name"):
        people = Membership.objects.select_related("user", "tenant")
        found: Membership = people.get(user__name=name)
        return found


# --- customers --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A connection, and the lease its session would hold."""

    connection: Connection
    lease: Lease

    def hears(self, happening: wire.Happening) -> bool:
        """The session stores what WhatsApp told, and the product takes it in."""
        with working_for(self.connection.tenant):
            is_new = inbound.accept(self.connection, happening, lease=self.lease)
            intake.drain(str(self.connection.id), happening.chat)
        return is_new


class Customer:
    """A customer's phone, writing to one of our numbers."""

    def __init__(self, name: str, number: str, line: Line) -> None:
        self.name, self.number, self.line = name, number, line
        self.chat = number.removeprefix("+") + "@c.us"

    def message(self, text: str = "Hello", **more: Any) -> wire.Message:
        """A message as it crosses the border, not yet stored."""
        given: dict[str, Any] = {
            "chat": self.chat,
            "id": f"WA{next(serial):010}",
            "from_me": False,
            "sent_at": datetime.now(UTC).replace(microsecond=0),
            "message_kind": "text",
            "text": text,
            "sender_name": self.name,
        }
        return wire.Message(**{**given, **more})

    def writes(self, text: str = "Hello", **more: Any) -> Message:
        told = self.message(text, **more)
        self.line.hears(told)
        return self.got(told.id)

    def is_written_to_from_the_phone(self, text: str = "From my phone", **more: Any) -> wire.Message:
        """Somebody at the company wrote on the phone itself: an echo reaches us."""
        told = self.message(text, from_me=True, **more)
        self.line.hears(told)
        return told

    def sends_file(self, *, name: str, mime: str, arrives: bytes | None, kind: str = "image") -> Message:
        """A file, and what its download brought; None leaves it loading."""
        told = self.message("", message_kind=kind, media=wire.Media(id="m1", mime=mime, name=name))
        self.line.hears(told)
        if arrives is not None:
            with working_for(self.line.connection.tenant):
                path = keep_file(self.line.connection.tenant_id, arrives)
                download = Download.objects.get(wa_id=told.id)
                downloads.finish(
                    self.line.connection, self.line.lease, download, path=path, size=len(arrives), mime=mime
                )
                intake.drain(str(self.line.connection.id), self.chat)
        return self.got(told.id)

    def ticks(self, level: str, *ids: str) -> None:
        self.line.hears(wire.Ticks(chat=self.chat, ids=ids, level=level))

    def reacts(self, message: Message, emoji: str, *, from_me: bool = False) -> None:
        reaction = {
            "id": f"R{next(serial)}",
            "target_id": message.whatsapp_id,
            "emoji": emoji,
            "from_me": from_me,
        }
        self.line.hears(wire.Reaction(chat=self.chat, **reaction))

    def edits(self, message: Message, text: str) -> None:
        self.line.hears(
            wire.Edit(chat=self.chat, id=f"E{next(serial)}", target_id=message.whatsapp_id, text=text)
        )

    def deletes(self, message: Message) -> None:
        self.line.hears(wire.Deletion(chat=self.chat, id=f"D{next(serial)}", target_id=message.whatsapp_id))

    def got(self, whatsapp_id: str) -> Message:
        with working_for(self.line.connection.tenant):
            return Message.objects.with_parts().select_related("ticket").get(wa_id=whatsapp_id)


def keep_file(tenant_id: UUID, content: bytes) -> str:
    """Put bytes where the session would have stored a download; its path."""
    from connections.files import full_path, new_path

    path = new_path(tenant_id)
    full_path(path).parent.mkdir(parents=True, exist_ok=True)
    full_path(path).write_bytes(content)
    return path


# --- what a session does with our answers -----------------------------------------------------


def deliver(line: Line, message: Message) -> Message:
    """The session sends a queued answer, and the news of it is written to the message."""
    with working_for(line.connection.tenant):
        sent = _claimed(line, message)
        outbound.mark_sent(line.lease, sent.id, wire.Sent(wa_id=message.id.hex.upper()))
        sending.settle_send(sent.id)
        return Message.objects.select_related("ticket").get(id=message.id)


def fail(line: Line, message: Message, *, code: str = "not_on_whatsapp") -> Message:
    """WhatsApp refuses a queued answer."""
    with working_for(line.connection.tenant):
        sent = _claimed(line, message)
        outbound.mark_failed(line.lease, sent.id, code=code, detail="Refused.")
        sending.settle_send(sent.id)
        return Message.objects.select_related("ticket").get(id=message.id)


def _claimed(line: Line, message: Message) -> Any:
    while (sent := outbound.claim(line.lease)) is not None:
        if sent.client_ref == message.id:
            return sent
    raise AssertionError("this message is not next in its lane")


def answer(ticket: Ticket, text: str = "Here you are", *, by: Membership, **more: Any) -> Message:
    """A member answers; the reference is a fresh one unless given."""
    reference = more.pop("reference", None) or uuid.uuid4()
    message, _new = sending.send_message(ticket, by=by, reference=reference, text=text, **more)
    return message


# --- callers ----------------------------------------------------------------------------------


# One for all callers: putting the middleware together anew takes longer than most requests.
THE_SITE = ClientHandler(enforce_csrf_checks=True)


class Caller:
    """Somebody who calls over HTTP, beginning where every request begins: outside any tenant."""

    def __init__(self, **headers: str) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.client.handler = THE_SITE
        self.headers = headers

    def call(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        """`path` below /api/v1/, or a whole address. `data` goes out as JSON, unless it holds a file."""
        address = path if path.startswith("/") else f"/api/v1/{path}"
        headers = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        with outside_any_tenant():
            if isinstance(data, dict) and any(hasattr(value, "read") for value in data.values()):
                return self.client.post(address, data, headers=headers)
            body = b"" if data is None else json.dumps(data).encode()
            return self.client.generic(method, address, body, "application/json", headers=headers)

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.call("POST", path, data, **headers)

    def patch(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.call("PATCH", path, data, **headers)

    def put(self, path: str, data: Any = None, **headers: str) -> Any:
        return self.call("PUT", path, data, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.call("DELETE", path, **headers)


def browser(who: Membership, *, tenant: str = "acme") -> Caller:
    """A signed-in member's browser: session, CSRF token, and the tenant named in a header."""
    caller = Caller(**{"X-Tenant": tenant, "X-CSRFToken": "c" * 32})
    caller.client.force_login(who.user, backend="django.contrib.auth.backends.ModelBackend")
    caller.client.cookies[settings.CSRF_COOKIE_NAME] = "c" * 32
    return caller


def program(who: Membership) -> Caller:
    """A program with an access token of this member."""
    return Caller(Authorization=f"Bearer {issue_tokens(who)['access']}")


@contextmanager
def outside_any_tenant() -> Iterator[None]:
    """Leave the scope a test works in: to Python and to PostgreSQL nobody is in. A request that rolls
    back takes back its own work, not the test's."""
    if not database.in_atomic_block:
        yield
        return
    before = scope._current.get()
    token = scope._current.set(None)
    scope._tell_database("", "off")
    try:
        with transaction.atomic():
            yield
    finally:
        scope._current.reset(token)
        scope._tell_database(*scope._settings_of(before))


# --- what happened ----------------------------------------------------------------------------


class Log:
    """What was recorded since the test began."""

    def __init__(self) -> None:
        with scope.across_tenants(reason="the log is read from its end"):
            self.start = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0

    def events(self) -> list[Event]:
        with scope.across_tenants(reason="the log is read as a whole"):
            return list(Event.objects.filter(id__gt=self.start).order_by("id"))

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events()]

    def last(self, kind: str) -> dict[str, Any]:
        """The payload of the newest event of a kind."""
        found = [event.payload for event in self.events() if event.kind == kind]
        assert found, f"no {kind} among {self.kinds()}"
        return found[-1]


# --- putting everything back ------------------------------------------------------------------


def tables() -> list[str]:
    """Every table whose rows come and go with the product's."""
    kept = {"django_content_type", "auth_permission"}
    models = apps.get_models(include_auto_created=True)
    return sorted({m._meta.db_table for m in models if m._meta.managed} - kept)


def keep_aside() -> None:
    """Copy the cast, so that `put_back` can restore it."""
    assert database.settings_dict["NAME"].startswith("test_"), "this is not a test database"
    with scope.across_tenants(reason="the whole cast is copied"), database.cursor() as cursor:
        cursor.execute(f"drop schema if exists {KEPT_ASIDE} cascade; create schema {KEPT_ASIDE}")
        for table in tables():
            cursor.execute(f"create table {KEPT_ASIDE}.{table} as select * from public.{table}")


def put_back() -> None:
    """Undo whatever a test has committed. Foreign keys are checked at the end, so order is free."""
    with scope.across_tenants(reason="the whole cast is restored"), database.cursor() as cursor:
        cursor.execute(";".join(f"delete from public.{table}" for table in tables()))
        cursor.execute(";".join(f"insert into public.{t} select * from {KEPT_ASIDE}.{t}" for t in tables()))
