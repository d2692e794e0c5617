"""Events of the pretend network as happenings. What is malformed is kept as it came."""

from __future__ import annotations

from typing import Any

from connections import wire
from connections.choices import Ack


def parse_event(event: dict[str, Any]) -> wire.Happening:
    """A numbered event of the gateway as a happening. What is malformed is kept as it came."""
    try:
        return _parse(event)
    except (KeyError, TypeError, ValueError, AttributeError):
        return wire.Unknown(chat="", raw=wire.clean(event))


def _parse(event: dict[str, Any]) -> wire.Happening:
    chat = event["message"]["chat"] if event["kind"] == "message" else event["chat"]
    chat = wire.clean_text(chat)[:120]
    match event["kind"]:
        case "message":
            return parse_message(event["message"], chat)
        case "ack":
            level = wire.ACK_LEVELS.get(event["level"], Ack.PENDING)
            return wire.Ticks(chat=chat, ids=tuple(map(wire.clean_id, event["ids"])), level=level)
        case "reaction":
            return wire.Reaction(
                chat=chat,
                id=wire.clean_id(event["id"]),
                target_id=wire.clean_id(event["target_id"]),
                emoji=wire.clean_text(event["emoji"])[:16],
                from_me=bool(event["from_me"]),
            )
        case "edited":
            return wire.Edit(
                chat=chat,
                id=wire.clean_id(event["id"]),
                target_id=wire.clean_id(event["target_id"]),
                text=wire.clean_text(event["text"]),
                from_me=event.get("from_me"),
            )
        case "revoked":
            target_id = wire.clean_id(event["target_id"])
            return wire.Deletion(
                chat=chat, id=wire.clean_id(event["id"]), target_id=target_id, from_me=event.get("from_me")
            )
    return wire.Unknown(chat=chat, raw=wire.clean(event))


def parse_message(message: dict[str, Any], chat: str, *, is_past: bool = False) -> wire.Message:
    kind = message["kind"] if message["kind"] in wire.KINDS else "unsupported"
    media, place = message.get("media"), message.get("location")
    sender = message.get("sender") or {}
    return wire.Message(
        chat=chat,
        id=wire.clean_id(message["id"]),
        from_me=bool(message["from_me"]),
        sent_at=wire.parse_time(message["timestamp"]),
        message_kind=kind,
        text=wire.clean_text(message.get("text")),
        quoted_id=wire.clean_text(message.get("quoted_id"))[: wire.MAX_ID] or None,
        media=_parse_media(media) if media else None,
        place=_parse_place(place) if place else None,
        sender_name=wire.clean_text(sender.get("name"))[:80],
        author=wire.clean_text(message.get("author"))[:120],
        phone=_hidden_phone(sender, chat, is_ours=bool(message["from_me"])),
        is_past=is_past,
    )


def _hidden_phone(sender: dict[str, Any], chat: str, *, is_ours: bool) -> str:
    """The number behind a chat whose id does not tell it."""
    is_hidden = chat.endswith("@lid") and not is_ours
    return wire.clean_text(sender.get("phone"))[:20] if is_hidden else ""


def _parse_media(media: dict[str, Any]) -> wire.Media:
    seconds = media.get("seconds")
    return wire.Media(
        id=wire.clean_text(media["id"]),
        mime=wire.clean_text(media.get("mime"))[:120],
        name=wire.clean_text(media.get("name"))[:200],
        size=wire.clean_count(media.get("size")),
        seconds=wire.clean(seconds) if isinstance(seconds, int | float) else None,
        width=wire.clean_count(media.get("width")),
        height=wire.clean_count(media.get("height")),
    )


def _parse_place(place: dict[str, Any]) -> wire.Place:
    latitude, longitude = float(place["latitude"]), float(place["longitude"])
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError("a place that is not on earth")
    return wire.Place(
        latitude=latitude,
        longitude=longitude,
        name=wire.clean_text(place.get("name"))[:200],
        address=wire.clean_text(place.get("address"))[:300],
    )
