"""What the bridge tells as values of ours. What is malformed or unknown is kept as it came."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from connections import wire
from connections.choices import Ack

KINDS = {
    "chat": "text",
    "image": "image",
    "video": "video",
    "gif": "video",
    "ptv": "video",
    "audio": "audio",
    "ptt": "voice",
    "document": "document",
    "sticker": "sticker",
    "location": "location",
    "live_location": "location",
    "vcard": "contact",
    "multi_vcard": "contact",
}
# WhatsApp Web's own book-keeping: nobody wrote these.
NOT_WRITTEN = frozenset(
    [
        "call_log",
        "debug",
        "e2e_notification",
        "gp2",
        "group_notification",
        "keep_in_chat",
        "newsletter_notification",
        "notification",
        "notification_template",
        "pin_message",
        "protocol",
        "reaction",
        "reaction_enc",
        "biz-cover-photo",
        "broadcast_notification",
        "ciphertext_notification",
    ]
)
CHAT_SERVERS = ("@c.us", "@lid", "@g.us")
ACTIVITIES = {
    "composing": "typing",
    "typing": "typing",
    "recording": "recording",
    "recording_audio": "recording",
}
CARD_NAME = re.compile(r"^FN[^:\r\n]*:(.+)$", re.MULTILINE)
CARD_PHONE = re.compile(r"^(?:item\d+\.)?TEL[^:\r\n]*:(.+)$", re.MULTILINE)
SEEN_OURS = frozenset([Ack.DELIVERED, Ack.READ, Ack.PLAYED])


def parse_event(name: str, data: dict[str, Any]) -> list[wire.Happening]:
    """An event of the bridge; empty where it is nothing that happened in a chat."""
    try:
        return list(_parse(name, data))
    except (KeyError, TypeError, ValueError, AttributeError):
        return [wire.Unknown(chat="", raw=wire.clean({"event": name, "data": data}))]


def parse_typing(data: dict[str, Any]) -> wire.Typing | None:
    chat = wire.clean_text(data.get("chat"))[:120]
    if not chat.endswith(CHAT_SERVERS):
        return None
    return wire.Typing(chat=chat, activity=ACTIVITIES.get(str(data.get("state")), "paused"))


def parse_past(data: dict[str, Any]) -> list[wire.Happening]:
    """A message that was found afterwards, and how far it got if it is ours."""
    try:
        found = list(_parse_message(data, is_past=True))
        level = wire.ACK_LEVELS.get(data.get("ack"))  # type: ignore[arg-type]
        if data["from_me"] and level in SEEN_OURS:
            found.append(wire.Ticks(chat=_chat(data), ids=(wire.clean_id(data["id"]),), level=level))
        return found
    except (KeyError, TypeError, ValueError, AttributeError):
        return [wire.Unknown(chat="", raw=wire.clean({"event": "past", "data": data}))]


def _parse(name: str, data: dict[str, Any]) -> Iterator[wire.Happening]:
    match name:
        case "message":
            yield from _parse_message(data, is_past=False)
        case "ack":
            yield from _parse_ack(data)
        case "reaction":
            yield wire.Reaction(
                chat=_chat(data),
                id=wire.clean_id(data["event"]),
                target_id=wire.clean_id(data["id"]),
                emoji=wire.clean_text(data["emoji"])[:16],
                from_me=bool(data["by_me"]),
            )
        case "edit":
            yield wire.Edit(
                chat=_chat(data),
                id=wire.clean_id(data["event"]),
                target_id=wire.clean_id(data["id"]),
                text=wire.clean_text(data["text"]),
                from_me=bool(data["from_me"]),
            )
        case "revoke":
            yield _deletion(data)
        case _:
            yield wire.Unknown(
                chat=wire.clean_text(data.get("chat"))[:120], raw=wire.clean({"event": name, "data": data})
            )


def _parse_ack(data: dict[str, Any]) -> Iterator[wire.Ticks]:
    """Of group messages only the bare ids are the same everywhere: acks name another participant."""
    ours = [wire.clean_id(one) for one, mine in zip(data["ids"], data["from_me"], strict=True) if mine]
    level = Ack.FAILED if data["level"] < 0 else wire.ACK_LEVELS.get(data["level"])
    if ours and level is not None and level != Ack.PENDING:
        yield wire.Ticks(chat=_chat(data), ids=tuple(ours), level=level)


def _parse_message(data: dict[str, Any], *, is_past: bool) -> Iterator[wire.Happening]:
    chat, kind = _chat(data), data["type"]
    if kind in NOT_WRITTEN or not chat.endswith(CHAT_SERVERS):
        return
    if kind == "revoked":
        yield _deletion(data)
        return
    file, place = data.get("file"), data.get("place")
    phone = wire.clean_text(data.get("phone"))[:20]
    yield wire.Message(
        chat=chat,
        id=wire.clean_id(data["id"]),
        from_me=bool(data["from_me"]),
        sent_at=wire.parse_time(data["t"]),
        message_kind=KINDS.get(kind, "unsupported"),
        text=_text(data),
        quoted_id=wire.clean_text(data.get("quoted"))[: wire.MAX_ID] or None,
        media=_media(data["key"], file) if file else None,
        place=_place(place) if place else None,
        sender_name=wire.clean_text(data.get("name"))[:80],
        author=wire.clean_text(data.get("author"))[:120] if chat.endswith("@g.us") else "",
        phone=f"+{phone}" if phone.isdecimal() else "",
        is_past=is_past,
    )


def _deletion(data: dict[str, Any]) -> wire.Deletion:
    target = wire.clean_id(data["id"])
    return wire.Deletion(chat=_chat(data), id=target, target_id=target, from_me=bool(data["from_me"]))


def _chat(data: dict[str, Any]) -> str:
    return wire.clean_text(data["chat"])[:120]


def _text(data: dict[str, Any]) -> str:
    if cards := data.get("cards"):
        return wire.clean_text("\n\n".join(_card(str(card)) for card in cards))
    text = wire.clean_text(data.get("text"))
    # wa-js gives a file without a caption its own name as one.
    return "" if (data.get("file") or {}).get("name") == text else text


def _card(card: str) -> str:
    """A contact card as people read it: the name, then a number a line."""
    name = CARD_NAME.search(card)
    return "\n".join(
        [name.group(1).strip() if name else "", *map(str.strip, CARD_PHONE.findall(card))]
    ).strip()


def _media(key: str, file: dict[str, Any]) -> wire.Media:
    seconds = file.get("seconds")
    return wire.Media(
        id=wire.clean_text(key)[:300],
        mime=wire.clean_text(file.get("mime"))[:120],
        name=wire.clean_text(file.get("name"))[:200],
        size=wire.clean_count(file.get("size")),
        seconds=wire.clean(float(seconds)) if isinstance(seconds, int | float) else None,
        width=wire.clean_count(file.get("width")),
        height=wire.clean_count(file.get("height")),
    )


def _place(place: dict[str, Any]) -> wire.Place:
    latitude, longitude = float(place["lat"]), float(place["lng"])
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError("a place that is not on earth")
    name, _, address = wire.clean_text(place.get("name")).partition("\n")
    return wire.Place(latitude=latitude, longitude=longitude, name=name[:200], address=address[:300])
