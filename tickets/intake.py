"""From what sessions stored to contacts, tickets and messages: in order, once, under one lock a chat.

Each kind of happening has one function here. Whatever else should follow from a message (replies out of
hours, bots, ratings) is a reaction to the events recorded here, never a line in this file.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from django.db import connection as database
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from connections import wire
from connections.choices import Ack
from connections.models import Connection, Inbound
from events import catalog
from tenants import scope
from tickets import lifecycle
from tickets.actions import lock_ticket
from tickets.choices import Direction, MediaState, Origin, rises
from tickets.identities import contact_of, identity_of
from tickets.models import Contact, EarlyTicks, Identity, Media, Message, MessageQuerySet, Ticket
from tickets.opening import open_archive, open_ticket, reopen_by_customer
from tickets.serializers import preview
from tickets.storytelling import tell_message

log = structlog.get_logger(__name__)
MAX_ATTEMPTS = 5
BATCH = 200
LATE = timedelta(seconds=8)


@transaction.atomic
def drain(connection_id: str, chat: str) -> int:
    """Take in what waits of one chat, oldest first; how many were taken in. Safe to run twice."""
    _lock_chat(connection_id, chat)
    pending = Inbound.objects.filter(connection_id=connection_id, chat=chat, taken_in_at=None)
    rows = list(pending.order_by("id")[:BATCH])
    if not rows:
        return 0
    lock_names(connection_id, [id_ for row in rows if row.kind == "ticks" for id_ in row.payload["ids"]])
    connection = Connection.objects.select_related("sector").get(id=connection_id)
    _take_in_safely(connection, rows)
    return len(rows)


def chats_left_behind() -> list[tuple[str, str, str]]:
    """(tenant id, connection id, chat) of everything stored and not taken in for a while."""
    late = timezone.now() - LATE
    with scope.across_tenants(reason="the sweep serves every tenant"):
        rows = Inbound.objects.filter(taken_in_at=None, received_at__lt=late)
        found = rows.values_list("tenant_id", "connection_id", "chat").distinct()[:500]
        return [(str(tenant), str(connection), chat) for tenant, connection, chat in found]


def _lock_chat(connection_id: str, chat: str) -> None:
    """One taker a chat at a time; released with the transaction."""
    with database.cursor() as cursor:
        name = f"{scope.current().id}:{connection_id}:{chat}"
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 7))", [name])


def lock_names(connection_id: UUID | str, wa_ids: list[str]) -> None:
    """Whoever brings ticks of a message and whoever writes down its name follow each other: at the same time
    the one would not see the message yet, and the other not the ticks. Before any ticket is locked."""
    names = [f"{scope.current().id}|{connection_id}|{wa_id}" for wa_id in wa_ids]
    if names:
        with database.cursor() as cursor:
            cursor.execute(LOCK_NAMES, [names])


LOCK_NAMES = """
select pg_advisory_xact_lock(hashtextextended(name, 8))
from (select distinct name from unnest(%s::text[]) as name order by name) as names
"""


def _take_in_safely(connection: Connection, rows: list[Inbound]) -> bool:
    """Take them in, all or, where one cannot be, one by one. False when one failed and is to be tried again:
    order matters, so what came after it waits for it."""
    try:
        with transaction.atomic():
            for kind, payload in _steps(rows):
                TAKERS[kind](connection, payload)
    except Exception as failure:  # noqa: BLE001 (told by its type and place)
        if len(rows) > 1:
            return all(_take_in_safely(connection, [row]) for row in rows)
        # A message nobody can digest must not block the customer's next ones for ever: it is tried
        # a few times, then set aside with its error, raw and whole, for somebody to look at.
        (inbound,) = rows
        inbound.attempts += 1
        # Its words are kept nowhere: what PostgreSQL says of a row that it refuses names phones and texts.
        inbound.error = f"{type(failure).__name__} {_code_of(failure)}".strip()[:300]
        log.error(
            "not taken in",
            inbound=inbound.id,
            attempts=inbound.attempts,
            error=inbound.error,
            where=traceback.format_tb(failure.__traceback__),
        )
        if inbound.attempts >= MAX_ATTEMPTS:
            inbound.taken_in_at = timezone.now()
        inbound.save(update_fields=["attempts", "error", "taken_in_at"])
        return inbound.taken_in_at is not None
    Inbound.objects.filter(id__in=[row.id for row in rows]).update(taken_in_at=timezone.now(), error="")
    return True


def _steps(rows: list[Inbound]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(kind, payload) of what is to be done, in order. Of ticks that follow each other only the highest of
    each message matter."""
    for kind, alike in groupby(rows, key=attrgetter("kind")):
        payloads = [row.payload for row in alike]
        yield from ((kind, payload) for payload in (_highest(payloads) if kind == "ticks" else payloads))


def _highest(ticks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    highest: dict[str, dict[str, Any]] = {}
    for told in ticks:
        # Why one failed goes with it, and with no other.
        plain = {**ticks[0], **{key: value for key, value in told.items() if key != "ids"}}
        for wa_id in told["ids"]:
            before = highest.get(wa_id)
            if rises(before["level"] if before else None, told["level"]):
                highest[wa_id] = plain
    alike: list[dict[str, Any]] = []
    for plain in highest.values():
        if plain not in alike:
            alike.append(plain)
    return [{**plain, "ids": [wa_id for wa_id, its in highest.items() if its == plain]} for plain in alike]


def _code_of(failure: Exception) -> str:
    """The stable code of a failure: ours, or PostgreSQL's of what went wrong and where."""
    told = getattr(failure.__cause__, "diag", None)
    if told is None:
        return str(getattr(failure, "code", ""))
    return " ".join(filter(None, [told.sqlstate, told.table_name, told.constraint_name]))


# --- messages ---------------------------------------------------------------------------------


def take_message(connection: Connection, payload: dict[str, Any]) -> None:
    told = wire.Message.from_payload(payload)
    if _is_known(connection, told.id):
        return
    contact = contact_of(told)
    ticket = _ticket_for(connection, contact, told)
    if ticket is None:
        log.info("written on the phone to somebody without a ticket", contact=str(contact.id))
        return
    # What the ticket's row shows of these is at hand.
    ticket.contact, ticket.connection = contact, connection
    if ticket.sector_id == connection.sector_id:
        ticket.sector = connection.sector
    message = _keep_message(connection, ticket, told)
    if told.is_past:
        touch(ticket, message)
        tell_message(catalog.MessageChanged, message)
    elif told.from_me:
        touch(ticket, message)
        tell_message(catalog.MessageSent, message)
    else:
        ticket.unread += 1
        touch(ticket, message)
        tell_message(catalog.MessageReceived, message)


def _is_known(connection: Connection, wa_id: str) -> bool:
    """Stored before, or the echo of a send of ours whose answer has not come yet."""
    return _named(connection, wa_id).exists()


def _named(connection: Connection, wa_id: str) -> MessageQuerySet:
    """The message WhatsApp calls so. One of ours may not know its name yet: it is its own key.

    Whoever names one may be anybody with WhatsApp: look whose it is before showing or changing it.
    """
    messages: MessageQuerySet = Message.objects.filter(connection=connection)
    try:
        return messages.filter(Q(wa_id=wa_id) | Q(id=UUID(hex=wa_id), direction=Direction.OUT))
    except ValueError:
        return messages.filter(wa_id=wa_id)


def _ticket_for(connection: Connection, contact: Contact, told: wire.Message) -> Ticket | None:
    """The contact's open ticket here, locked; else what the life cycle says."""
    own = Ticket.objects.filter(contact=contact, connection=connection)
    open_first = own.order_by(F("closed_at").desc(nulls_first=True))
    last: Ticket | None = open_first.select_for_update(no_key=True).first()
    if last is not None and not last.is_closed:
        return last
    step = lifecycle.step_without_open_ticket(
        is_from_customer=not told.from_me,
        at=timezone.now(),
        last_closed_at=last.closed_at if last else None,
        reopen_minutes=last.sector.reopen_minutes if last else 0,
        is_past=told.is_past,
        is_last_history=last.is_history if last else False,
    )
    match step:
        case lifecycle.Step.OPEN:
            return open_ticket(connection, contact, chat=told.chat)
        case lifecycle.Step.REOPEN:
            assert last is not None
            return reopen_by_customer(last)
        case lifecycle.Step.FILE:
            return last
        case lifecycle.Step.ARCHIVE:
            return open_archive(connection, contact, chat=told.chat, at=told.sent_at)
    return None


def _keep_message(connection: Connection, ticket: Ticket, told: wire.Message) -> Message:
    quoted = None
    if told.quoted_id:
        quoted = _named(connection, told.quoted_id).filter(ticket__contact=ticket.contact_id).first()
    ack = None
    if told.from_me:
        ack = early_level(connection.id, told.id) or Ack.SENT
    message: Message = Message.objects.create(
        ticket=ticket,
        connection=connection,
        direction=Direction.OUT if told.from_me else Direction.IN,
        origin=Origin.PHONE if told.from_me else Origin.CUSTOMER,
        kind=told.message_kind,
        text=told.text,
        sent_at=told.sent_at,
        wa_id=told.id,
        ack=ack,
        quoted=quoted,
        quoted_wa_id=told.quoted_id or "",
        media=_keep_media(told.media) if told.media else None,
        location=asdict(told.place) if told.place else None,
    )
    return message


def _keep_media(media: wire.Media) -> Media:
    return Media.objects.create(
        mime=media.mime,
        name=media.name,
        size=media.size,
        seconds=media.seconds,
        width=media.width,
        height=media.height,
    )


def touch(ticket: Ticket, message: Message) -> None:
    """The ticket's row after a message: last message, unread, version. The row is locked."""
    if ticket.last_message is None or message.sent_at >= ticket.last_message_at:
        ticket.last_message = preview(message)
        ticket.last_message_at = message.sent_at
    ticket.version += 1
    ticket.save(update_fields=["last_message", "last_message_at", "unread", "version", "first_response_at"])


# --- what happens to messages -----------------------------------------------------------------


def take_ticks(connection: Connection, payload: dict[str, Any]) -> None:
    why = {"error_code": payload.get("error_code", ""), "error": payload.get("error", "")}
    for wa_id in payload["ids"]:
        raise_level(connection, payload["chat"], wa_id, payload["level"], why)


def raise_level(
    connection: Connection, chat: str, wa_id: str, level: str, why: dict[str, str] | None = None
) -> None:
    """Move a message's ticks forward; remember ticks of a message that is still to come. `why` it failed."""
    found = _find(connection, wa_id)
    if found is None:
        early, _new = EarlyTicks.objects.get_or_create(
            connection=connection, wa_id=wa_id, defaults={"ack": level}
        )
        if rises(early.ack, level):
            early.ack = level
            early.save(update_fields=["ack", "at"])
    elif found.direction == Direction.OUT and rises(found.ack, level):  # if not now, then not later either
        message = _lock_found(found, chat)
        if message is not None and rises(message.ack, level):
            message.ack = level
            for field, words in (why or {}).items():
                setattr(message, field, words if level == Ack.FAILED else "")
            change(message, "ack", *(why or {}))


def early_level(connection_id: UUID, wa_id: str) -> str | None:
    """How far a message got before we knew of it; told once, then forgotten."""
    early = EarlyTicks.objects.filter(connection_id=connection_id, wa_id=wa_id).first()
    if early is None:
        return None
    early.delete()
    return str(early.ack)


def take_reaction(connection: Connection, payload: dict[str, Any]) -> None:
    message = _lock_message(connection, payload["chat"], payload["target_id"])
    if message is None:
        return
    by = "us" if payload["from_me"] else "contact"
    others = [reaction for reaction in message.reactions if reaction["by"] != by]
    new = [{"emoji": payload["emoji"], "by": by}] if payload["emoji"] else []
    message.reactions = others + new
    change(message, "reactions")


def take_edit(connection: Connection, payload: dict[str, Any]) -> None:
    message = _lock_own_message(connection, payload)
    if message is not None and message.deleted_at is None:
        message.text, message.edited_at = payload["text"], timezone.now()
        change(message, "text", "edited_at")


def take_deletion(connection: Connection, payload: dict[str, Any]) -> None:
    message = _lock_own_message(connection, payload)
    if message is not None and message.deleted_at is None:
        message.deleted_at = timezone.now()
        change(message, "deleted_at")


def take_file(connection: Connection, payload: dict[str, Any]) -> None:
    message = _lock_message(connection, payload["chat"], payload["target_id"])
    if message is None or message.media is None:
        return
    media = message.media
    media.state = MediaState.READY if payload["path"] else MediaState.FAILED
    media.path = payload["path"] or ""
    media.size = payload["size"] or media.size
    media.save(update_fields=["state", "path", "size"])
    change(message)


def take_unknown(connection: Connection, payload: dict[str, Any]) -> None:
    log.warning("a happening nobody understands is kept raw", connection=str(connection.id))


def _lock_own_message(connection: Connection, payload: dict[str, Any]) -> Message | None:
    """A message that whoever did this may rewrite or take back: one of their own."""
    message = _lock_message(connection, payload["chat"], payload["target_id"])
    from_me = payload.get("from_me")
    if message is None or from_me is None:
        return message
    return message if message.direction == (Direction.OUT if from_me else Direction.IN) else None


class Found(NamedTuple):
    """What is known of a message before its ticket is locked."""

    id: UUID
    direction: str
    ack: str | None
    ticket_id: UUID
    chat_of_ticket: str
    contact_id: UUID


def _find(connection: Connection, wa_id: str) -> Found | None:
    columns = ("id", "direction", "ack", "ticket_id", "ticket__chat", "ticket__contact_id")
    row = _named(connection, wa_id).values_list(*columns).first()
    return Found(*row) if row else None


def _lock_message(connection: Connection, chat: str, wa_id: str) -> Message | None:
    """A message of this chat, with its ticket locked first, as everywhere, so that nobody deadlocks."""
    found = _find(connection, wa_id)
    return _lock_found(found, chat) if found else None


def _lock_found(found: Found, chat: str) -> Message | None:
    if chat != found.chat_of_ticket and not _is_chat_of(found.contact_id, chat):
        log.warning("a message is spoken of in a chat that it is not of", message=str(found.id))
        return None
    ticket = lock_ticket(Ticket(id=found.ticket_id))
    message: Message = Message.objects.with_parts().get(id=found.id)
    message.ticket = ticket
    return message


def _is_chat_of(contact_id: UUID, chat: str) -> bool:
    """One person may have several chats: by phone and by an identity that hides it."""
    kind, value = identity_of(chat)
    return Identity.objects.filter(contact_id=contact_id, kind=kind, value=value).exists()


def change(message: Message, *fields: str) -> None:
    """Save a changed message, bring its ticket's preview up to date, tell."""
    message.version += 1
    message.save(update_fields=["version", *fields])
    ticket = message.ticket
    if ticket.last_message and ticket.last_message["id"] == str(message.id):
        ticket.last_message = preview(message)
        ticket.version += 1
        ticket.save(update_fields=["last_message", "version"])
    tell_message(catalog.MessageChanged, message)


TAKERS: dict[str, Callable[[Connection, dict[str, Any]], None]] = {
    "message": take_message,
    "ticks": take_ticks,
    "reaction": take_reaction,
    "edit": take_edit,
    "deletion": take_deletion,
    "filearrived": take_file,
    "unknown": take_unknown,
}
