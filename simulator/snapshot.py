"""The whole state as one JSON document and back; read and written only when the server starts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson

from simulator.model import Attachment, Device, Group, Location, Media, Message, Phone, State

Json = dict[str, Any]


def encode(state: State, generation: int) -> bytes:
    """The state, and the number of the journal that goes on from it."""
    return orjson.dumps(
        {
            "version": 2,
            "generation": generation,
            "last_serial": state.last_serial,
            "phones": [_phone(phone) for phone in state.phones.values()],
            "devices": [_device(device) for device in state.devices.values()],
            "groups": [asdict(group) for group in state.groups.values()],
            "unlinked": sorted(state.unlinked),
            "media": [{**asdict(media), "holders": sorted(media.holders)} for media in state.media.values()],
            "messages": [_message(state, message) for message in _all_messages(state)],
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )


def decode(data: bytes) -> tuple[State, int]:
    """State and generation. Raises ValueError, KeyError or TypeError for a damaged document."""
    document = orjson.loads(data)
    version = document["version"]
    if version not in (1, 2):
        raise ValueError(f"unknown version {version}")
    state = State(unlinked=set(document["unlinked"]), last_serial=document["last_serial"])
    for row in document["phones"]:
        phone = state.phones[row["digits"]] = Phone(**row)
        state.lids[phone.lid] = phone.digits
    for row in document.get("groups", []):
        _add_group(state, row)
    for row in document["devices"]:
        _add_device(state, row)
    for row in document["media"]:
        state.media[row["id"]] = Media(**{**row, "holders": set(row["holders"])})
    for row in document["messages"]:
        _add_message(state, row if version == 2 else _from_first_version(row))
    return state, document["generation"]


def _phone(phone: Phone) -> Json:
    return {
        "digits": phone.digits,
        "name": phone.name,
        "created_at": phone.created_at,
        "is_online": phone.is_online,
        "address": phone.address,
        "picture": phone.picture,
    }


def _device(device: Device) -> Json:
    pending = [[seq, orjson.Fragment(event)] for seq, event in device.pending.items()]
    return {
        "id": device.id,
        "phone": device.phone,
        "name": device.name,
        "token_hash": device.token_hash,
        "linked_at": device.linked_at,
        "last_seq": device.last_seq,
        "acked": device.acked,
        "pending": pending,
    }


def _add_group(state: State, row: Json) -> None:
    group = state.groups[row["id"]] = Group(**row)
    for digits in group.participants:
        if digits in state.phones:
            state.phones[digits].chat_with(group.id)


def _add_device(state: State, row: Json) -> None:
    pending = {seq: orjson.dumps(event) for seq, event in row.pop("pending")}
    device = Device(**row, pending=pending)
    state.devices[device.id] = state.tokens[device.token_hash] = device
    state.phones[device.phone].devices[device.id] = device


def _all_messages(state: State) -> list[Message]:
    """Each message once, in the order of the network; it may stand in one or in both chats."""
    unique = {
        message.serial: message
        for phone in state.phones.values()
        for chat in phone.chats.values()
        for message in chat.messages.values()
    }
    return [unique[serial] for serial in sorted(unique)]


def _message(state: State, message: Message) -> Json:
    """A message, and where it stands: with its author, and how with each of the others."""
    author = state.phones.get(message.author)
    return {
        **asdict(message),
        "is_with_author": author is not None and author.sent.get(message.id) is message,
        "standing": _standing(state, message),
    }


def _standing(state: State, message: Message) -> Json:
    """``{digits: [is unread, is waiting]}`` of the phones that got it."""
    standing = {}
    for digits in message.reached if message.is_to_group else [message.to]:
        phone = state.phones.get(digits)
        chat = phone.chats.get(message.other_than(digits)) if phone else None
        if phone and chat and chat.messages.get(message.id) is message:
            is_waiting = phone.waiting.get((message.author, message.id)) is message
            standing[digits] = [message.id in chat.unread, is_waiting]
    return standing


def _add_message(state: State, row: Json) -> None:
    is_with_author, standing = row.pop("is_with_author"), row.pop("standing")
    if row["attachment"]:
        row["attachment"] = Attachment(**row["attachment"])
    if row["location"]:
        row["location"] = Location(**row["location"])
    message = Message(**row)
    if is_with_author:
        author = state.phones[message.author]
        author.chat_with(message.to).messages[message.id] = message
        author.sent[message.id] = message
    for digits, (is_unread, is_waiting) in standing.items():
        recipient = state.phones[digits]
        chat = recipient.chat_with(message.other_than(digits))
        chat.messages[message.id] = message
        if is_unread:
            chat.unread[message.id] = None
        if is_waiting:
            recipient.waiting[(message.author, message.id)] = message


def _from_first_version(row: Json) -> Json:
    """A message of the time when there was always one recipient."""
    is_held, is_unread, is_waiting = (
        row.pop(name) for name in ("is_with_recipient", "is_unread", "is_waiting")
    )
    return {**row, "standing": {row["to"]: [is_unread, is_waiting]} if is_held else {}}
