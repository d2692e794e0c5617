"""Evolution's events of messages as happenings. What is malformed or new to us is kept as it came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connections import wire
from connections.choices import Ack
from connections.drivers.evolution import content
from connections.drivers.evolution.jid import author_of_key, chat_of, chat_of_key

# Chats that are no conversation with anybody.
IGNORED = ("@broadcast", "@newsletter")
LEVELS = {
    "ERROR": Ack.FAILED,
    "PENDING": Ack.PENDING,
    "SERVER_ACK": Ack.SENT,
    "SENT": Ack.SENT,
    "DELIVERY_ACK": Ack.DELIVERED,
    "DELIVERED": Ack.DELIVERED,
    "READ": Ack.READ,
    "PLAYED": Ack.PLAYED,
}
# Types of WhatsApp's protocol messages, which it spells as numbers or as names.
REVOKE, EDIT = (0, "REVOKE"), (14, "MESSAGE_EDIT")
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError)


def read_event(event: str, data: Any) -> list[wire.Happening]:
    """What an event tells of messages."""
    read = READERS.get(event)
    items = data if isinstance(data, list) else [data]
    happenings: list[wire.Happening] = []
    for item in items:
        try:
            happenings += read(item) if read else [_unknown(event, item)]
        except MALFORMED:
            happenings.append(_unknown(event, item))
    return happenings


def _unknown(event: str, item: Any) -> wire.Unknown:
    return wire.Unknown(chat="", raw={"event": wire.clean_text(event), "data": wire.clean(item)})


def read_message(data: Mapping[str, Any], *, is_past: bool = False) -> list[wire.Happening]:
    """Of `messages.upsert`, and of a record of findMessages. Raises one of MALFORMED."""
    key = data["key"]
    if str(key["remoteJid"]).endswith(IGNORED):
        return []
    chat = chat_of_key(key)
    if not chat:
        raise ValueError("a message of no chat")
    message = content.unwrap(data["message"])
    message_id, from_me = wire.clean_id(key["id"]), bool(key.get("fromMe"))
    if (reaction := message.get("reactionMessage")) is not None:
        return [_reaction(reaction, chat, message_id, from_me)]
    if (protocol := message.get("protocolMessage")) is not None:
        return [_protocol(protocol, chat, message_id, from_me)]
    read = content.read(message, message_id)
    quoted = wire.clean_text((data.get("contextInfo") or {}).get("stanzaId"))[: wire.MAX_ID] or None
    told = wire.Message(
        chat=chat,
        id=message_id,
        from_me=from_me,
        sent_at=wire.parse_time(content.number(data.get("messageTimestamp"))),
        message_kind=read.kind,
        text=read.text,
        quoted_id=read.quoted_id or quoted,
        media=read.media,
        place=read.place,
        sender_name="" if from_me else wire.clean_text(data.get("pushName"))[:80],
        author=author_of_key(key),
        is_past=is_past,
    )
    return [told]


def _reaction(part: Mapping[str, Any], chat: str, message_id: str, from_me: bool) -> wire.Reaction:
    return wire.Reaction(
        chat=chat,
        id=message_id,
        target_id=wire.clean_id(part["key"]["id"]),
        emoji=wire.clean_text(part.get("text"))[:16],
        from_me=from_me,
    )


def _protocol(part: Mapping[str, Any], chat: str, message_id: str, from_me: bool) -> wire.Happening:
    target_id, kind = wire.clean_id(part["key"]["id"]), part.get("type", 0)
    if kind in EDIT:
        text = _edited_text(part)
        return wire.Edit(chat=chat, id=message_id, target_id=target_id, text=text, from_me=from_me)
    if kind in REVOKE:
        return wire.Deletion(chat=chat, id=message_id, target_id=target_id, from_me=from_me)
    raise ValueError("a protocol message of another kind")


def _edited_text(part: Mapping[str, Any]) -> str:
    edited = content.read(content.unwrap(part["editedMessage"]), "")
    if edited.kind == "unsupported":
        raise ValueError("an edit of something that has no text")
    return edited.text


def read_update(data: Mapping[str, Any]) -> list[wire.Happening]:
    """Of `messages.update`: ticks, mostly."""
    # Older servers say `id`, and put the rest into `key`.
    target_id = wire.clean_id(data.get("keyId") or (data.get("key") or data)["id"])
    key = {"remoteJid": data.get("remoteJid"), **(data.get("key") or {})}
    if str(key["remoteJid"]).endswith(IGNORED):
        return []
    chat, status = chat_of_key(key), data.get("status")
    if status == "DELETED":
        return [wire.Deletion(chat=chat, id=f"{target_id}.gone", target_id=target_id)]
    return [wire.Ticks(chat=chat, ids=(target_id,), level=LEVELS[str(status)])]


def read_edit(data: Mapping[str, Any]) -> list[wire.Happening]:
    """Of `messages.edited`: WhatsApp's protocol message without the envelope it came in. Its key is the
    writer's own view of the chat, so whose message it was, and where, stays open: the driver looks it up."""
    if data.get("type", EDIT[0]) not in EDIT:
        raise ValueError("a protocol message of another kind")
    target_id = wire.clean_id(data["key"]["id"])
    at = content.number(data.get("timestampMs")) or 0
    edit_id = f"{target_id[: wire.MAX_ID - 20]}.{at}"
    return [
        wire.Edit(
            chat=chat_of(data["key"]["remoteJid"]), id=edit_id, target_id=target_id, text=_edited_text(data)
        )
    ]


def read_deletion(data: Mapping[str, Any]) -> list[wire.Happening]:
    """Of `messages.delete`: the key of what was taken back."""
    key = data.get("key") or data
    target_id = wire.clean_id(key["id"])
    from_me = key.get("fromMe") if isinstance(key.get("fromMe"), bool) else None
    return [
        wire.Deletion(chat=chat_of_key(key), id=f"{target_id}.gone", target_id=target_id, from_me=from_me)
    ]


READERS: dict[str, Callable[[Any], list[wire.Happening]]] = {
    "messages.upsert": read_message,
    "messages.update": read_update,
    "messages.edited": read_edit,
    "messages.delete": read_deletion,
}
