"""Messages as they come in, from devices and from the page: parsed into drafts."""

from __future__ import annotations

from simulator.model import KINDS, MEDIA_KINDS, UNSUPPORTED, Attachment, Location
from simulator.network import Draft, Network
from simulator.values import Fields, message_id_of, peer_of

TEXT_LIMIT = 65_536
ID_LIMIT = 128
EMOJI_LIMIT = 32
NAME_LIMIT = 1000
LONGEST_SECONDS = 86_400.0
WIDEST_PIXELS = 100_000


def draft_of_device(network: Network, author: str, fields: Fields) -> Draft:
    """The ``message`` of a device's send request."""
    kind = fields.choice("kind", KINDS)
    media = fields.child("media")
    client_ref = fields.optional_text("client_ref", limit=ID_LIMIT)
    return Draft(
        to=network.peer_at(fields.text("to", limit=NAME_LIMIT)),
        kind=kind,
        text=fields.text("text", limit=TEXT_LIMIT, default=""),
        id=message_id_of(fields.text("id", limit=NAME_LIMIT)),
        quoted_id=_quoted(fields),
        attachment=_attachment(network, author, media, "id") if media and kind in MEDIA_KINDS else None,
        location=_location(fields.child("location")) if kind == "location" else None,
        client_ref=client_ref,
    )


def draft_of_page(network: Network, author: str, fields: Fields) -> Draft:
    """The body of the control API's message: a number instead of a chat, and no id."""
    kind = fields.choice("kind", (*KINDS, UNSUPPORTED), default="text")
    has_media = kind in MEDIA_KINDS and fields.has("media_id")
    return Draft(
        to=peer_of(fields.text("to", limit=NAME_LIMIT)),
        kind=kind,
        text=fields.text("text", limit=TEXT_LIMIT, default=""),
        quoted_id=_quoted(fields),
        attachment=_attachment(network, author, fields, "media_id") if has_media else None,
        location=_location(fields.child("location")) if kind == "location" else None,
    )


def _quoted(fields: Fields) -> str | None:
    # A quoted message may be unknown to the other side: WhatsApp shows the reply all the same.
    quoted_id = fields.optional_text("quoted_id", limit=ID_LIMIT)
    return message_id_of(quoted_id) if quoted_id else None


def _attachment(network: Network, author: str, fields: Fields, id_name: str) -> Attachment:
    media = network.media_held(fields.text(id_name, limit=ID_LIMIT), author)
    return Attachment(
        id=media.id,
        mime=media.mime,
        size=media.size,
        name=media.name,
        seconds=fields.number("seconds", low=0, high=LONGEST_SECONDS) if fields.has("seconds") else None,
        width=_pixels(fields, "width"),
        height=_pixels(fields, "height"),
    )


def _pixels(fields: Fields, name: str) -> int | None:
    return fields.integer(name, low=0, high=WIDEST_PIXELS) if fields.has(name) else None


def _location(fields: Fields | None) -> Location | None:
    if fields is None:
        return None
    return Location(
        latitude=fields.number("latitude", low=-90, high=90),
        longitude=fields.number("longitude", low=-180, high=180),
        name=fields.text("name", limit=NAME_LIMIT, default=""),
        address=fields.text("address", limit=NAME_LIMIT, default=""),
    )
