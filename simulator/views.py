"""The JSON shapes that leave the network: to linked devices, to the control API, to the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from simulator.model import Chat, Device, Group, Message, Phone, State
from simulator.values import chat_of, moment, number_of

Json = dict[str, Any]


def address_of(state: State, peer: str) -> str:
    """The chat id under which others know a phone or a group."""
    phone = state.phones.get(peer)
    return chat_of(peer) if phone is None or phone.address == "number" else phone.lid


def sender_of(state: State, digits: str) -> Json:
    """Who wrote; the number is null where it does not show."""
    phone = state.phones.get(digits)
    is_hidden = phone is not None and phone.address == "lid_only"
    return {"phone": None if is_hidden else number_of(digits), "name": name_of(state, digits)}


def wa_message(state: State, message: Message, *, me: str) -> Json:
    """A message as one phone (and its devices) sees it; ``author`` is told in groups only."""
    in_group = {"author": address_of(state, message.author)} if message.is_to_group else {}
    forwarded = {"is_forwarded": True} if message.is_forwarded else {}
    return {
        "id": message.id,
        "chat": address_of(state, message.other_than(me)),
        "from_me": message.author == me,
        "timestamp": message.timestamp,
        "kind": message.kind,
        "text": message.text,
        "quoted_id": message.quoted_id,
        "media": message.attachment,
        "location": message.location,
        "sender": sender_of(state, message.author),
        "client_ref": message.client_ref,
        **in_group,
        **forwarded,
    }


def message_row(state: State, message: Message, *, me: str) -> Json:
    """A message for the control API: a WaMessage and what became of it since."""
    reactions = [{"emoji": emoji, "from_me": by == me} for by, emoji in message.reactions.items()]
    return {
        **wa_message(state, message, me=me),
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
        "chat": address_of(state, chat.other),
        "name": name_of(state, chat.other),
        "exists": chat.other in state.phones or chat.other in state.groups,
        "unread": len(phone.unread_in(chat)),
        "last_message": message_row(state, last, me=phone.digits) if last else None,
    }


def device_chat_row(state: State, phone: Phone, chat: Chat) -> Json:
    """A chat as a linked device has it: unread counts what has not been read on any device."""
    last = next(reversed(chat.messages.values()), None)
    group = state.groups.get(chat.other)
    return {
        "chat": address_of(state, chat.other),
        "phone": None if group else sender_of(state, chat.other)["phone"],
        "name": name_of(state, chat.other),
        "participants": participants_of(state, group) if group else None,
        "unread": len(chat.unread),
        "last_message": message_row(state, last, me=phone.digits) if last else None,
    }


def phone_row(phone: Phone) -> Json:
    """A phone in the list of phones."""
    return {
        "number": number_of(phone.digits),
        "name": phone.name,
        "online": phone.is_online,
        "address": phone.address,
        "lid": phone.lid,
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


def group_row(state: State, group: Group) -> Json:
    """A group for the control API."""
    return {
        "id": group.id,
        "subject": group.subject,
        "participants": [number_of(digits) for digits in group.participants],
        "created_at": moment(group.created_at),
    }


def participants_of(state: State, group: Group) -> list[str]:
    """The chat ids of a group's members."""
    return [address_of(state, digits) for digits in group.participants]


def name_of(state: State, peer: str) -> str:
    """The profile name of a number or the subject of a group; nothing where there is none."""
    if peer in state.groups:
        return state.groups[peer].subject
    phone = state.phones.get(peer)
    return phone.name if phone else ""


def encode(value: object) -> bytes:
    """Any of the shapes as JSON."""
    return orjson.dumps(value)
