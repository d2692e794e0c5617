"""Shapes of the product. One builder a thing: the API's answers and the live snapshots are the same."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.serializers import MemberShape, PersonShape, person
from connections.choices import Ack, WaitsFor
from connections.serializers import ConnectionShape
from sectors.serializers import SectorChipShape, SectorShape, sector_chip
from tenants import scope
from tenants.rendering import timestamp
from tickets.choices import Direction, Kind, MediaState, Origin, Status
from tickets.models import Contact, Media, Message, Ticket

PREVIEW_LENGTH = 120


# --- out: builders ----------------------------------------------------------------------------


def contact_row(contact: Contact) -> dict[str, Any]:
    return {
        "id": str(contact.id),
        "name": str(contact),
        "phone": contact.phone,
        "created_at": timestamp(contact.created_at),
    }


def ticket_row(ticket: Ticket) -> dict[str, Any]:
    """The row of a ticket; load it with `with_people()`."""
    contact = ticket.contact
    return {
        "id": str(ticket.id),
        "number": ticket.number,
        "version": ticket.version,
        "status": ticket.status,
        "contact": {
            "id": str(contact.id),
            "name": str(contact),
            "phone": contact.phone,
        },
        "connection": {"id": str(ticket.connection_id), "name": ticket.connection.name},
        "chat": ticket.chat,
        "sector": sector_chip(ticket.sector),
        "assignee": person(ticket.assignee),
        "unread": ticket.unread,
        "last_message": ticket.last_message,
        "last_message_at": timestamp(ticket.last_message_at),
        "opened_at": timestamp(ticket.opened_at),
        "queued_at": timestamp(ticket.queued_at),
        "taken_at": timestamp(ticket.taken_at),
        "first_response_at": timestamp(ticket.first_response_at),
        "closed_at": timestamp(ticket.closed_at),
        "closed_by": person(ticket.closed_by),
    }


# What only the line of a gap has.
NO_TIMES = {"since": None, "until": None}


def preview(message: Message) -> dict[str, Any]:
    """What lists show of the last message."""
    return {
        "id": str(message.id),
        "kind": message.kind,
        "text": "" if message.deleted_at else message.text[:PREVIEW_LENGTH],
        "direction": message.direction,
        "ack": message.ack,
        "at": timestamp(message.sent_at),
    }


def message_row(message: Message) -> dict[str, Any]:
    """A bubble; load it with `with_parts()`."""
    is_deleted = message.deleted_at is not None
    return {
        "id": str(message.id),
        "ticket_id": str(message.ticket_id),
        "version": message.version,
        "direction": message.direction,
        "kind": message.kind,
        "text": "" if is_deleted else message.text,
        "author": person(message.author),
        "origin": message.origin,
        "sent_at": timestamp(message.sent_at),
        "ack": message.ack,
        "error": {"code": message.error_code, "message": message.error} if message.error_code else None,
        "waits": {"reason": message.waits_for, "until": timestamp(message.waits_until)}
        if message.waits_for and message.ack == Ack.PENDING
        else None,
        "quoted": _quoted(message),
        "reactions": message.reactions,
        "media": _media(message.media) if message.media and not is_deleted else None,
        "location": None if is_deleted else message.location,
        "entry": {**NO_TIMES, **message.entry} if message.entry else None,
        "edited_at": timestamp(message.edited_at),
        "deleted_at": timestamp(message.deleted_at),
        "client_ref": str(message.client_ref) if message.client_ref else None,
    }


def _quoted(message: Message) -> dict[str, Any] | None:
    quoted = message.quoted
    if quoted is None:
        if not message.quoted_wa_id:
            return None
        # Quoted from before our time: we know that there was something, not what.
        return {"id": None, "direction": "in", "kind": "unsupported", "text": "", "author_name": ""}
    name = quoted.author.name if quoted.author else str(quoted.ticket.contact)
    return {
        "id": str(quoted.id),
        "direction": quoted.direction,
        "kind": quoted.kind,
        "text": "" if quoted.deleted_at else quoted.text[:PREVIEW_LENGTH],
        "author_name": name if quoted.direction == Direction.IN or quoted.author else "",
    }


def _media(media: Media) -> dict[str, Any]:
    return {
        "id": str(media.id),
        "state": media.state,
        "mime": media.mime,
        "size": media.size,
        "name": media.name,
        "seconds": media.seconds,
        "width": media.width,
        "height": media.height,
        "url": f"/t/{scope.current().slug}/media/{media.id}/",
    }


# --- out: for the schema ----------------------------------------------------------------------


class ContactChipShape(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    phone = serializers.CharField(allow_null=True, help_text="E.164; null when WhatsApp hides it.")


class ContactShape(ContactChipShape):
    created_at = serializers.DateTimeField()


class ConnectionChipShape(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class PreviewShape(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    text = serializers.CharField()
    direction = serializers.ChoiceField(choices=Direction.choices)
    ack = serializers.ChoiceField(choices=Ack.choices, allow_null=True)
    at = serializers.DateTimeField()


class TicketShape(serializers.Serializer):
    id = serializers.UUIDField()
    number = serializers.IntegerField(help_text="Counts up per tenant; people quote it.")
    version = serializers.IntegerField(help_text="Rises with every change; ignore older rows.")
    status = serializers.ChoiceField(choices=Status.choices)
    contact = ContactChipShape()
    connection = ConnectionChipShape()
    chat = serializers.CharField()
    sector = SectorChipShape()
    assignee = PersonShape(allow_null=True)
    unread = serializers.IntegerField()
    last_message = PreviewShape(allow_null=True)
    last_message_at = serializers.DateTimeField()
    opened_at = serializers.DateTimeField()
    queued_at = serializers.DateTimeField()
    taken_at = serializers.DateTimeField(allow_null=True)
    first_response_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    closed_by = PersonShape(allow_null=True)


class TicketPage(serializers.Serializer):
    results = TicketShape(many=True)
    next = serializers.CharField(allow_null=True)


class ErrorChipShape(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()


class QuotedShape(serializers.Serializer):
    id = serializers.UUIDField(allow_null=True)
    direction = serializers.ChoiceField(choices=Direction.choices)
    kind = serializers.ChoiceField(choices=Kind.choices)
    text = serializers.CharField()
    author_name = serializers.CharField()


class ReactionShape(serializers.Serializer):
    emoji = serializers.CharField()
    by = serializers.ChoiceField(choices=["contact", "us"])


class MediaShape(serializers.Serializer):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=MediaState.choices)
    mime = serializers.CharField()
    size = serializers.IntegerField(allow_null=True, help_text="Bytes.")
    name = serializers.CharField()
    seconds = serializers.FloatField(allow_null=True)
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    url = serializers.CharField()


class LocationShape(serializers.Serializer):
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    name = serializers.CharField()
    address = serializers.CharField()


class EntryShape(serializers.Serializer):
    what = serializers.ChoiceField(
        choices=["opened", "taken", "transferred", "returned", "closed", "reopened", "gap"]
    )
    by = PersonShape(allow_null=True)
    sector = ConnectionChipShape(allow_null=True)
    to = PersonShape(allow_null=True)
    since = serializers.DateTimeField(allow_null=True, help_text="Of a gap: from when the number was away")
    until = serializers.DateTimeField(allow_null=True, help_text="and until when.")


class WaitShape(serializers.Serializer):
    reason = serializers.ChoiceField(choices=WaitsFor.choices)
    until = serializers.DateTimeField()


class MessageShape(serializers.Serializer):
    id = serializers.UUIDField()
    ticket_id = serializers.UUIDField()
    version = serializers.IntegerField()
    direction = serializers.ChoiceField(choices=Direction.choices)
    kind = serializers.ChoiceField(choices=Kind.choices)
    text = serializers.CharField()
    author = PersonShape(allow_null=True)
    origin = serializers.ChoiceField(choices=Origin.choices)
    sent_at = serializers.DateTimeField()
    ack = serializers.ChoiceField(choices=Ack.choices, allow_null=True)
    error = ErrorChipShape(allow_null=True)
    waits = WaitShape(allow_null=True, help_text="Why it is not sent yet; null when nothing holds it.")
    quoted = QuotedShape(allow_null=True)
    reactions = ReactionShape(many=True)
    media = MediaShape(allow_null=True)
    location = LocationShape(allow_null=True)
    entry = EntryShape(allow_null=True)
    edited_at = serializers.DateTimeField(allow_null=True)
    deleted_at = serializers.DateTimeField(allow_null=True)
    client_ref = serializers.UUIDField(allow_null=True)


class MessagePage(serializers.Serializer):
    results = MessageShape(many=True, help_text="Newest first.")
    next = serializers.CharField(allow_null=True)


class ContactPage(serializers.Serializer):
    results = ContactShape(many=True)
    next = serializers.CharField(allow_null=True)


class EarlierTicketShape(serializers.Serializer):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Status.choices)
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    sector = SectorChipShape()
    assignee = PersonShape(allow_null=True)
    is_visible = serializers.BooleanField(help_text="Whether you may open it.")


class EarlierTicketPage(serializers.Serializer):
    results = EarlierTicketShape(many=True)
    next = serializers.CharField(allow_null=True)


class CountersShape(serializers.Serializer):
    waiting = serializers.IntegerField()
    in_service = serializers.IntegerField()
    closed = serializers.IntegerField(help_text="Counted up to 1000.")


class MeShape(PersonShape):
    role = serializers.CharField()
    rights = serializers.DictField(child=serializers.BooleanField())


class TenantShape(serializers.Serializer):
    slug = serializers.SlugField()
    name = serializers.CharField()
    time_zone = serializers.CharField()


class InboxShape(serializers.Serializer):
    me = MeShape()
    tenant = TenantShape()
    sectors = SectorShape(many=True)
    members = MemberShape(many=True)
    connections = ConnectionShape(many=True)
    counters = CountersShape()


# --- in ---------------------------------------------------------------------------------------


class TicketListInput(serializers.Serializer):
    status = serializers.ChoiceField(choices=Status.choices, default=Status.WAITING)
    search = serializers.CharField(required=False, allow_blank=True, max_length=80, default="")
    cursor = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=100, default=40)


class PageInput(serializers.Serializer):
    search = serializers.CharField(required=False, allow_blank=True, max_length=80, default="")
    cursor = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=100, default=50)


class MessageInput(serializers.Serializer):
    """Text, or a file with an optional caption."""

    text = serializers.CharField(
        required=False, allow_blank=True, max_length=4096, trim_whitespace=False, default=""
    )
    quoted_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    file = serializers.FileField(required=False, allow_null=True, default=None)
    kind = serializers.ChoiceField(
        choices=["voice", "document"],
        required=False,
        allow_null=True,
        default=None,
        help_text="voice: an audio file as a voice note; document: a picture as a plain file.",
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given["text"].strip() and given["file"] is None:
            raise serializers.ValidationError({"text": ["Write something, or attach a file."]})
        return given


class TransferInput(serializers.Serializer):
    sector_id = serializers.UUIDField()
    member_id = serializers.UUIDField(required=False, allow_null=True, default=None)
