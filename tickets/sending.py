"""Answers to customers: accepted once, queued in the ticket's lane, settled by what became of them."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.serializers import person
from connections import outbound
from connections.choices import Ack, SendState
from connections.models import Outbound
from events import catalog
from tenants.errors import DomainError
from tickets.actions import NotInService, NotYours, TicketIsClosed, lock_ticket
from tickets.choices import Direction, Kind, Origin, Status, rises
from tickets.intake import change, early_level, lock_names, touch
from tickets.media import keep_upload
from tickets.models import Media, Message, Ticket
from tickets.storytelling import now_in_seconds, tell_message


class IdempotencyMismatch(DomainError):
    code = "idempotency_mismatch"
    message = _("This Idempotency-Key was used for a different message.")


class NotRetryable(DomainError):
    code = "not_retryable"
    message = _("Only messages that failed can be tried again.")


def send_message(
    ticket: Ticket,
    *,
    by: Membership,
    reference: UUID,
    text: str = "",
    quoted: Message | None = None,
    file: UploadedFile[Any] | None = None,
    kind: str | None = None,
    origin: str = Origin.CONSOLE,
) -> tuple[Message, bool]:
    """Accept a message for the customer: (message, whether it is new).

    `reference` is the caller's Idempotency-Key: the same one with the same content gives the same
    message, with different content an error.
    """
    fingerprint = fingerprint_of(
        ticket.id, text=text, quoted_id=quoted.id if quoted else None, file=file, kind=kind
    )
    if (known := sent_before(by, reference, fingerprint)) is not None:
        return known, False
    _require_turn(ticket, by)  # before a file is stored; decided again under the lock
    media = keep_upload(file, kind=kind) if file else None
    try:
        return _accept(
            ticket, by, reference, fingerprint, text=text, quoted=quoted, media=media, origin=origin
        )
    except IntegrityError:
        # The same key in another ticket at the same moment: no lock makes those two follow each other.
        if (known := sent_before(by, reference, fingerprint)) is None:
            raise
        return known, False


@transaction.atomic
def _accept(
    ticket: Ticket,
    by: Membership,
    reference: UUID,
    fingerprint: str,
    *,
    text: str,
    quoted: Message | None,
    media: tuple[Media, str] | None,
    origin: str,
) -> tuple[Message, bool]:
    ticket = lock_ticket(ticket)
    # The lock makes two requests with one key follow each other: the second finds the first's row.
    if (known := sent_before(by, reference, fingerprint)) is not None:
        return known, False
    _require_turn(ticket, by)
    message = Message.objects.create(
        ticket=ticket,
        connection_id=ticket.connection_id,
        direction=Direction.OUT,
        origin=origin,
        kind=media[1] if media else Kind.TEXT,
        text=text,
        author=by,
        sent_at=now_in_seconds(),
        client_ref=reference,
        fingerprint=fingerprint,
        ack=Ack.PENDING,
        quoted=quoted,
        quoted_wa_id=quoted.whatsapp_id if quoted else "",
        media=media[0] if media else None,
    )
    ticket.first_response_at = ticket.first_response_at or timezone.now()
    ticket.unread = 0  # whoever answers has read it, also through the API
    touch(ticket, message)
    outbound.enqueue(
        ticket.connection,
        lane=ticket.id,
        kind="message",
        chat=ticket.chat,
        payload=_payload(message),
        client_ref=message.id,
    )
    tell_message(catalog.MessageSent, message)
    return message, True


def retry_message(message: Message, *, by: Membership) -> Message:
    """Queue a failed message again, under its old reference."""
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update(no_key=True).get(id=message.ticket_id)
        _require_turn(ticket, by)
        message = Message.objects.get(id=message.id)
        if message.ack not in (Ack.FAILED, Ack.UNCONFIRMED) or not outbound.retry(message.id):
            raise NotRetryable
        message.ticket = ticket
        message.ack, message.error, message.error_code = Ack.PENDING, "", ""
        change(message, "ack", "error", "error_code")
    return message


@transaction.atomic
def settle_sends(outbound_ids: list[int]) -> None:
    """`settle_send` for each, in the order in which intake locks chats."""
    sends = Outbound.objects.filter(id__in=outbound_ids, kind="message")
    for outbound_id in sends.order_by("connection_id", "chat", "id").values_list("id", flat=True):
        settle_send(outbound_id)


@transaction.atomic
def settle_send(outbound_id: int) -> None:
    """What became of a queued send, written to its message. Safe to run twice, and late."""
    sends = Outbound.objects.filter(id=outbound_id, kind="message")
    found = Message.objects.filter(id__in=sends.values("client_ref"))
    ticket_id = found.values_list("ticket_id", flat=True).first()
    if ticket_id is None:
        return
    for connection_id, wa_id in sends.exclude(wa_id="").values_list("connection_id", "wa_id"):
        lock_names(connection_id, [wa_id])
    ticket = lock_ticket(Ticket(id=ticket_id))
    # Under the lock: read before it, the failure of a first attempt would overwrite a second that has begun.
    sent = sends.get()
    message: Message = found.with_parts().get()
    message.ticket = ticket
    if sent.state == SendState.SENT:
        _settle_sent(message, sent.wa_id)
    elif sent.state in (SendState.FAILED, SendState.UNCONFIRMED) and rises(message.ack, sent.state):
        message.ack, message.error, message.error_code = sent.state, sent.error, sent.error_code
        change(message, "ack", "error", "error_code")


@transaction.atomic
def note_wait(outbound_id: int) -> None:
    """A queued send says why it is not sent yet: shown with its message."""
    waiting = Outbound.objects.filter(id=outbound_id, kind="message").first()
    found = Message.objects.filter(id=waiting.client_ref) if waiting else Message.objects.none()
    ticket_id = found.values_list("ticket_id", flat=True).first()
    if waiting is None or ticket_id is None:
        return
    ticket = lock_ticket(Ticket(id=ticket_id))
    message: Message = found.with_parts().get()
    message.ticket = ticket
    if message.ack == Ack.PENDING:
        message.waits_for, message.waits_until = waiting.waits_for, waiting.not_before
        change(message, "waits_for", "waits_until")


def _settle_sent(message: Message, wa_id: str) -> None:
    """WhatsApp has it; ticks may have overtaken this news."""
    message.wa_id = wa_id
    early = early_level(message.connection_id, wa_id)
    level = early if early and rises(Ack.SENT, early) else Ack.SENT
    if rises(message.ack, level):
        message.ack, message.error, message.error_code = level, "", ""
        change(message, "wa_id", "ack", "error", "error_code")
    else:
        message.save(update_fields=["wa_id"])


def sent_before(by: Membership, reference: UUID, fingerprint: str) -> Message | None:
    """What this member sent under this key. Raises IdempotencyMismatch when that was something else."""
    known: Message | None = Message.objects.filter(author=by, client_ref=reference).first()
    if known is not None and known.fingerprint != fingerprint:
        raise IdempotencyMismatch
    return known


def _require_turn(ticket: Ticket, by: Membership) -> None:
    """Only the member who serves a ticket writes in it: nobody answers over somebody's head."""
    if ticket.is_closed:
        raise TicketIsClosed
    if ticket.status != Status.IN_SERVICE:
        raise NotInService
    if ticket.assignee_id != by.id:
        raise NotYours(assignee=person(ticket.assignee))


def _payload(message: Message) -> dict[str, Any]:
    media = message.media
    return {
        "kind": message.kind,
        "text": message.text,
        "quoted_id": message.quoted_wa_id or None,
        "media": {
            "path": media.path,
            "mime": media.mime,
            "name": media.name,
            "seconds": media.seconds,
        }
        if media
        else None,
    }


def fingerprint_of(
    ticket_id: UUID,
    *,
    text: str,
    quoted_id: UUID | None,
    file: UploadedFile[Any] | None,
    kind: str | None,
) -> str:
    """Of what was asked for, so that a key cannot be used for something else."""
    digest = hashlib.sha256("\x1f".join([str(ticket_id), text, str(quoted_id or ""), kind or ""]).encode())
    if file is not None:
        digest.update((file.name or "").encode())
        for chunk in file.chunks():
            digest.update(chunk)
    return digest.hexdigest()
