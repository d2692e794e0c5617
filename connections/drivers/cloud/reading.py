"""Meta's webhooks as happenings. What is malformed or new to us is kept as it came."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import structlog

from connections import wire
from connections.choices import Ack
from connections.drivers.cloud.errors import meaning_of, words_of
from connections.drivers.cloud.names import chat_of, id_of
from connections.drivers.cloud.settings import Settings

log = structlog.get_logger(__name__)

LEVELS = {
    "sent": Ack.SENT,
    "delivered": Ack.DELIVERED,
    "read": Ack.READ,
    "played": Ack.PLAYED,
    "failed": Ack.FAILED,
}
FILES = ("image", "video", "audio", "document", "sticker")
# Written on the owner's phone, where the number is used there as well.
ECHOES = ("message_echoes", "smb_message_echoes")
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError)


def read_post(body: Mapping[str, Any], settings: Settings) -> list[wire.Happening]:
    """What a post tells of our number, in its order. What is another's is left alone."""
    happenings: list[wire.Happening] = []
    try:
        changes = list(_changes(body))
    except MALFORMED:
        return [wire.Unknown(chat="", raw=wire.clean(dict(body)))]
    for account, change in changes:
        if _is_ours(account, change, settings):
            happenings += _read_change(change)
        else:
            log.warning("a post of another number or account", account=wire.clean_text(account)[:40])
    return happenings


def _changes(body: Mapping[str, Any]) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    for entry in body["entry"]:
        for change in entry["changes"]:
            yield entry.get("id"), {"field": change["field"], "value": dict(change["value"])}


def _is_ours(account: Any, change: Mapping[str, Any], settings: Settings) -> bool:
    metadata = change["value"].get("metadata")
    if isinstance(metadata, Mapping):
        return str(metadata.get("phone_number_id")) == settings.phone_number_id
    return str(account) == settings.business_account_id


def _read_change(change: Mapping[str, Any]) -> list[wire.Happening]:
    field, value = change["field"], change["value"]
    known: list[tuple[str, Callable[[Any, Any], list[wire.Happening]]]] = []
    if field == "messages":
        known = [("messages", _read_message), ("statuses", _read_status)]
    elif field in ECHOES:
        known = [("message_echoes", _read_echo)]
    happenings: list[wire.Happening] = []
    for name, read in known:
        items = value.get(name)
        for item in items if isinstance(items, list) else []:
            happenings += _one(read, item, value, field)
    return happenings or [_unknown(field, value)]


def _one(
    read: Callable[[Any, Any], list[wire.Happening]], item: Any, value: Any, field: str
) -> list[wire.Happening]:
    try:
        return read(item, value)
    except MALFORMED:
        return [_unknown(field, item)]


def _unknown(field: Any, item: Any) -> wire.Unknown:
    return wire.Unknown(chat="", raw={"field": wire.clean_text(field), "value": wire.clean(item)})


# --- messages ---------------------------------------------------------------------------------


def _read_message(item: Mapping[str, Any], value: Mapping[str, Any]) -> list[wire.Happening]:
    if item.get("group_id"):
        raise ValueError("groups are not ours to serve yet")
    chat = chat_of(item.get("from"), item.get("from_user_id"))
    return [_read(item, chat, from_me=False, name=_name_of(item, value))]


def _read_echo(item: Mapping[str, Any], value: Mapping[str, Any]) -> list[wire.Happening]:
    return [_read(item, chat_of(item.get("to"), item.get("to_user_id")), from_me=True, name="")]


def _read(item: Mapping[str, Any], chat: str, *, from_me: bool, name: str) -> wire.Happening:
    message_id, kind = id_of(item["id"]), item["type"]
    match kind:
        case "reaction":
            told = item["reaction"]
            return wire.Reaction(
                chat=chat,
                id=message_id,
                target_id=id_of(told["message_id"]),
                emoji=wire.clean_text(told.get("emoji"))[:16],
                from_me=from_me,
            )
        case "edit":
            text = wire.clean_text(item["edit"]["message"]["text"]["body"])
            target = id_of(item["edit"]["original_message_id"])
            return wire.Edit(chat=chat, id=message_id, target_id=target, text=text, from_me=from_me)
        case "revoke":
            target = id_of(item["revoke"]["original_message_id"])
            return wire.Deletion(chat=chat, id=message_id, target_id=target, from_me=from_me)
    quoted = (item.get("context") or {}).get("id")
    return wire.Message(
        chat=chat,
        id=message_id,
        from_me=from_me,
        sent_at=wire.parse_time(item.get("timestamp")),
        quoted_id=id_of(quoted) if quoted else None,
        sender_name=name,
        **_content(kind, item),
    )


def _name_of(item: Mapping[str, Any], value: Mapping[str, Any]) -> str:
    """What the customer calls themselves; a post may speak of several."""
    for contact in value.get("contacts") or []:
        names = {contact.get("wa_id"), contact.get("user_id")} - {None}
        if names & {item.get("from"), item.get("from_user_id")}:
            return wire.clean_text((contact.get("profile") or {}).get("name"))[:80]
    return ""


def _content(kind: Any, item: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a wire.Message that depends on its kind."""
    if kind in FILES:
        return _file(kind, item[kind])
    match kind:
        case "text":
            return {"message_kind": "text", "text": wire.clean_text(item["text"]["body"])}
        case "button":
            return {"message_kind": "text", "text": wire.clean_text(item["button"]["text"])}
        case "interactive":
            return {"message_kind": "text", "text": _chosen(item["interactive"])}
        case "location":
            return {"message_kind": "location", "place": _place(item["location"])}
        case "contacts":
            cards = "\n".join(_card(card) for card in item["contacts"])
            return {"message_kind": "contact", "text": wire.clean_text(cards)}
    return {"message_kind": "unsupported"}


def _chosen(answer: Mapping[str, Any]) -> str:
    told = answer[answer["type"]]
    return wire.clean_text(told.get("title") or told.get("body") or told.get("name"))


def _file(kind: str, told: Mapping[str, Any]) -> dict[str, Any]:
    media = wire.Media(
        id=wire.clean_text(told["id"])[:200],
        mime=wire.clean_text(told.get("mime_type"))[:120],
        name=wire.clean_text(told.get("filename"))[:200],
    )
    kind = "voice" if kind == "audio" and told.get("voice") else kind
    return {"message_kind": kind, "text": wire.clean_text(told.get("caption")), "media": media}


def _place(told: Mapping[str, Any]) -> wire.Place:
    latitude, longitude = float(told["latitude"]), float(told["longitude"])
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError("a place that is not on earth")
    return wire.Place(
        latitude=latitude,
        longitude=longitude,
        name=wire.clean_text(told.get("name"))[:200],
        address=wire.clean_text(told.get("address"))[:300],
    )


def _card(card: Mapping[str, Any]) -> str:
    """A vCard of what Meta has taken apart."""
    name = (card.get("name") or {}).get("formatted_name") or ""
    phones = [f"TEL:{phone.get('phone') or ''}" for phone in card.get("phones") or []]
    return "\n".join(["BEGIN:VCARD", "VERSION:3.0", f"FN:{name}", *phones, "END:VCARD"])


# --- statuses ---------------------------------------------------------------------------------


def _read_status(item: Mapping[str, Any], value: Mapping[str, Any]) -> list[wire.Happening]:
    code = words = ""
    if item.get("errors"):
        error = item["errors"][0]
        code, words = meaning_of(error.get("code"))[0], words_of(error)
    ticks = wire.Ticks(
        chat=chat_of(item.get("recipient_id"), item.get("recipient_user_id")),
        ids=(id_of(item["id"]),),
        level=LEVELS[item["status"]],
        error_code=code,
        error=wire.clean_text(words)[:300],
    )
    return [ticks]
