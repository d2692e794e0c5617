"""The JSON shapes that leave the network: to linked devices, to the control API, to the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from simulator.model import Chat, Device, Message, Phone, State
from simulator.values import chat_of, moment, number_of

Json = dict[str, Any]


def wa_message(message: Message, *, me: str, author_name: str) -> Json:
    """A message as one phone (and its devices) sees it."""
    return {
        "id": message.id,
        "chat": chat_of(message.other_than(me)),
        "from_me": message.author == me,
        "timestamp": message.timestamp,
        "kind": message.kind,
        "text": message.text,
        "quoted_id": message.quoted_id,
        "media": message.attachment,
        "location": message.location,
        "sender": {"phone": number_of(message.author), "name": author_name},
        "client_ref": message.client_ref,
    }


def message_row(state: State, message: Message, *, me: str) -> Json:
    """A message for the control API: a WaMessage and what became of it since."""
    reactions = [{"emoji": emoji, "from_me": by == me} for by, emoji in message.reactions.items()]
    return {
        **wa_message(message, me=me, author_name=name_of(state, message.author)),
        "serial": message.serial,
        "level": message.level,
        "reactions": reactions,
        "edited": message.is_edited,
        "revoked": message.is_revoked,
    }


def chat_row(state: State, phone: Phone, chat: Chat) -> Json:
    """A chat in a phone's list, with its newest message."""
    last = next((message for message in reversed(chat.messages.values()) if phone.sees(message)), None)
    return {
        "number": number_of(chat.other),
        "chat": chat_of(chat.other),
        "name": name_of(state, chat.other),
        "exists": chat.other in state.phones,
        "unread": len(phone.unread_in(chat)),
        "last_message": message_row(state, last, me=phone.digits) if last else None,
    }


def device_chat_row(state: State, phone: Phone, chat: Chat) -> Json:
    """A chat as a linked device has it: unread counts what has not been read on any device."""
    last = next(reversed(chat.messages.values()), None)
    return {
        "chat": chat_of(chat.other),
        "name": name_of(state, chat.other),
        "unread": len(chat.unread),
        "last_message": message_row(state, last, me=phone.digits) if last else None,
    }


def phone_row(phone: Phone) -> Json:
    """A phone in the list of phones."""
    return {
        "number": number_of(phone.digits),
        "name": phone.name,
        "online": phone.is_online,
        "created_at": moment(phone.created_at),
        "unread": sum(len(phone.unread_in(chat)) for chat in phone.chats.values()),
        "devices": len(phone.devices),
    }


def device_row(device: Device, is_connected: Callable[[str], bool]) -> Json:
    """A linked device in a phone's settings; ``waiting`` counts unacknowledged events."""
    return {
        "id": device.id,
        "name": device.name,
        "linked_at": moment(device.linked_at),
        "connected": is_connected(device.id),
        "waiting": len(device.pending),
    }


def name_of(state: State, digits: str) -> str:
    """The profile name of a number, or nothing where no phone has it."""
    phone = state.phones.get(digits)
    return phone.name if phone else ""


def encode(value: object) -> bytes:
    """Any of the shapes as JSON."""
    return orjson.dumps(value)
