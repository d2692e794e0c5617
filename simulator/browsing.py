"""What a linked device can look up: chats, older messages, who is who. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from simulator import views
from simulator.errors import invalid
from simulator.model import Chat, Device, Message, Phone
from simulator.network import Network
from simulator.values import Fields, digits_of, number_of
from simulator.views import Json

CHATS_LIMIT = 500
MESSAGES_LIMIT = 200
ID_LIMIT = 128
IDS_LIMIT = 100
NUMBER_LIMIT = 100
# Answers stay well below the largest frame that devices accept.
ANSWER_BYTES = 400_000


class Browsing:
    """Answers the questions of devices; each raises Refused."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def ping(self, device: Device, fields: Fields) -> Json:
        """``ping {}`` → ``{time}``, Unix seconds."""
        return {"time": self._network.now()}

    def chats(self, device: Device, fields: Fields) -> Json:
        """``chats {after?, limit}`` → ``{chats, next, seq}``, oldest first; ``next`` goes on as ``after``.

        What is unread counts every event up to the number ``seq``.
        """
        limit = fields.integer("limit", low=1, high=CHATS_LIMIT, default=CHATS_LIMIT)
        after = fields.optional_text("after", limit=NUMBER_LIMIT)
        phone = self._network.phone(device.phone)
        rows = (views.device_chat_row(self._network.state, phone, chat) for chat in phone.chats.values())
        shown, more = _page(_after(rows, after, key="chat"), limit)
        return {"chats": shown, "next": shown[-1]["chat"] if more else None, "seq": device.last_seq}

    def messages(self, device: Device, fields: Fields) -> Json:
        """``messages {chat, ids}``, or ``{chat, before | after: id, limit}`` → ``{messages, next}``.

        Oldest first; ``next`` is the id to go on from in the same direction, or null.
        """
        phone = self._network.phone(device.phone)
        chat = phone.chats.get(self._network.peer_at(fields.text("chat", limit=NUMBER_LIMIT)))
        if fields.has("ids"):
            ids = fields.texts("ids", limit=ID_LIMIT, most=IDS_LIMIT)
            found = [chat.messages[id] for id in ids if chat and id in chat.messages]
            return {"messages": [self._row(item, device) for item in found], "next": None}
        return self._around(chat, device, fields)

    def _around(self, chat: Chat | None, device: Device, fields: Fields) -> Json:
        limit = fields.integer("limit", low=1, high=MESSAGES_LIMIT, default=MESSAGES_LIMIT)
        if fields.has("before") == fields.has("after"):
            raise invalid("Diga “before” ou “after”.")
        is_back = fields.has("before")
        anchor = fields.text("before" if is_back else "after", limit=ID_LIMIT)
        messages = list(chat.messages.values()) if chat else []
        ordered = reversed(messages) if is_back else iter(messages)
        rows = (self._row(item, device) for item in ordered)
        shown, more = _page(_after(rows, anchor, key="id"), limit)
        next_id = shown[-1]["id"] if more else None
        return {"messages": shown[::-1] if is_back else shown, "next": next_id}

    def history(self, device: Device, fields: Fields) -> Json:
        """``history {since, after?, limit}`` → ``{messages, next}``: all chats, both sides.

        ``since`` is in Unix seconds. Oldest first; ``next`` (a serial) goes on as ``after``.
        """
        since = fields.integer("since", low=0, high=2**53)
        after = fields.integer("after", low=0, high=2**53, default=0)
        limit = fields.integer("limit", low=1, high=MESSAGES_LIMIT, default=MESSAGES_LIMIT)
        found = sorted(
            (
                message
                for message in self._all(self._network.phone(device.phone))
                if message.timestamp >= since and message.serial > after
            ),
            key=lambda message: message.serial,
        )
        shown, more = _page((self._row(message, device) for message in found), limit)
        return {"messages": shown, "next": shown[-1]["serial"] if more else None}

    @staticmethod
    def _all(phone: Phone) -> Iterator[Message]:
        for chat in phone.chats.values():
            yield from chat.messages.values()

    def look_up(self, device: Device, fields: Fields) -> Json:
        """``look_up {phone}`` → ``{exists, chat, phone, name, lid}``, spelt as WhatsApp has it."""
        digits = digits_of(fields.text("phone", limit=NUMBER_LIMIT))
        known = next((way for way in spellings(digits) if way in self._network.state.phones), None)
        if known is None:
            return {"exists": False, "chat": None, "phone": None, "name": "", "lid": None}
        phone = self._network.phone(known)
        return {
            "exists": True,
            "chat": views.address_of(self._network.state, known),
            "phone": number_of(known),
            "name": phone.name,
            "lid": phone.lid,
        }

    def picture(self, device: Device, fields: Fields) -> Json:
        """``picture {chat}`` → ``{picture}``: the path of a picture that the device may open, or null."""
        peer = self._network.peer_at(fields.text("chat", limit=NUMBER_LIMIT))
        phone = self._network.state.phones.get(peer)
        has_picture = phone is not None and phone.picture is not None
        return {
            "picture": f"/pictures/{views.address_of(self._network.state, peer)}" if has_picture else None
        }

    def _row(self, message: Message, device: Device) -> Json:
        return views.message_row(self._network.state, message, me=device.phone)


def spellings(digits: str) -> list[str]:
    """How a number may be written: Brazilian mobile numbers with and without their ninth digit."""
    if digits.startswith("55") and len(digits) == 13 and digits[4] == "9":
        return [digits, digits[:4] + digits[5:]]
    if digits.startswith("55") and len(digits) == 12:
        return [digits, f"{digits[:4]}9{digits[4:]}"]
    return [digits]


def _after(rows: Iterable[Json], anchor: str | None, *, key: str) -> Iterator[Json]:
    """What comes behind the anchor; everything where there is none."""
    is_past = anchor is None
    for row in rows:
        if is_past:
            yield row
        elif row[key] == anchor:
            is_past = True


def _page(rows: Iterable[Json], limit: int) -> tuple[list[Json], bool]:
    """At most ``limit`` rows that fit into an answer, and whether there are more. At least one is given."""
    page: list[Json] = []
    size = 0
    for row in islice(rows, limit + 1):
        size += len(views.encode(row))
        if page and (len(page) == limit or size > ANSWER_BYTES):
            return page, True
        page.append(row)
    return page, False
