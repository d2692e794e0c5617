"""What linked devices can ask of the network, request by request."""

from __future__ import annotations

from collections.abc import Callable

from simulator.browsing import Browsing
from simulator.drafts import EMOJI_LIMIT, TEXT_LIMIT, draft_of_device
from simulator.errors import Refused, conflict, invalid
from simulator.model import Device
from simulator.network import Draft, Network
from simulator.values import ACTIVITIES, Fields, chat_of, digits_of, message_id_of
from simulator.views import Json

IDS_LIMIT = 10_000
ID_LIMIT = 128
NUMBER_LIMIT = 100

TellTyping = Callable[[str, str, str], None]


class Answers:
    """Answers the requests of devices. ``tell_typing`` is given (author, other, activity)."""

    def __init__(self, network: Network, tell_typing: TellTyping) -> None:
        self._network = network
        self._tell_typing = tell_typing
        browsing = Browsing(network)
        self._answers: dict[str, Callable[[Device, Fields], Json]] = {
            "ping": browsing.ping,
            "chats": browsing.chats,
            "messages": browsing.messages,
            "history": browsing.history,
            "look_up": browsing.look_up,
            "picture": browsing.picture,
            "send": self._send,
            "edit": self._edit,
            "revoke": self._revoke,
            "react": self._react,
            "forward": self._forward,
            "find": self._find,
            "read": self._read,
            "typing": self._typing,
            "check": self._check,
            "logout": self._logout,
        }

    def answer(self, device: Device, do: str, fields: Fields) -> Json:
        """The result of a request. Raises Refused."""
        answer = self._answers.get(do)
        if answer is None:
            raise Refused("unknown_request", f"Pedido desconhecido: {do[:100]}.")
        return answer(device, fields)

    def _send(self, device: Device, fields: Fields) -> Json:
        message_fields = fields.child("message")
        if message_fields is None:
            raise invalid("Falta o campo “message”.")
        draft = draft_of_device(self._network, device.phone, message_fields)
        message = self._network.send(device.phone, draft, device=device)
        return {"id": message.id, "timestamp": message.timestamp}

    def _edit(self, device: Device, fields: Fields) -> Json:
        message = self._network.edit(
            device.phone,
            self._peer(fields, "chat"),
            fields.text("target_id", limit=ID_LIMIT),
            fields.text("text", limit=TEXT_LIMIT),
            id=_own_id(fields),
            by_device=True,
        )
        return {"id": message.id}

    def _revoke(self, device: Device, fields: Fields) -> Json:
        target_id = fields.text("target_id", limit=ID_LIMIT)
        return {"id": self._network.revoke(device.phone, target_id, by_device=True).id}

    def _react(self, device: Device, fields: Fields) -> Json:
        message = self._network.react(
            device.phone,
            self._peer(fields, "chat"),
            fields.text("target_id", limit=ID_LIMIT),
            fields.text("emoji", limit=EMOJI_LIMIT).strip(),
            id=_own_id(fields),
            by_device=True,
        )
        return {"id": message.id}

    def _forward(self, device: Device, fields: Fields) -> Json:
        original = self._network.message_in(
            device.phone, self._peer(fields, "from_chat"), fields.text("target_id", limit=ID_LIMIT)
        )
        if original.is_revoked:
            raise conflict("message_revoked", "A mensagem foi apagada.")
        draft = Draft(
            to=self._peer(fields, "chat"),
            kind=original.kind,
            text=original.text,
            id=_own_id(fields),
            attachment=original.attachment,
            location=original.location,
            is_forwarded=True,
        )
        message = self._network.send(device.phone, draft, device=device)
        return {"id": message.id, "timestamp": message.timestamp}

    def _find(self, device: Device, fields: Fields) -> Json:
        ids = fields.texts("ids", limit=ID_LIMIT, most=IDS_LIMIT)
        found = self._network.find_sent(device.phone, ids)
        return {
            "found": [{"id": item.id, "level": item.level, "timestamp": item.timestamp} for item in found]
        }

    def _read(self, device: Device, fields: Fields) -> Json:
        other = self._peer(fields, "chat")
        if fields.has("all") and fields.flag("all"):
            chat = self._network.phone(device.phone).chats.get(other)
            ids = list(chat.unread) if chat else []
        else:
            ids = fields.texts("ids", limit=ID_LIMIT, most=IDS_LIMIT)
        self._network.read_on_device(device.phone, other, ids)
        return {}

    def _typing(self, device: Device, fields: Fields) -> Json:
        other = self._peer(fields, "chat")
        self._tell_typing(device.phone, other, fields.choice("activity", ACTIVITIES))
        return {}

    def _check(self, device: Device, fields: Fields) -> Json:
        digits = digits_of(fields.text("phone", limit=NUMBER_LIMIT))
        is_known = digits in self._network.state.phones
        return {"exists": is_known, "chat": chat_of(digits) if is_known else None}

    def _peer(self, fields: Fields, name: str) -> str:
        return self._network.peer_at(fields.text(name, limit=NUMBER_LIMIT))

    def _logout(self, device: Device, fields: Fields) -> Json:
        self._network.unlink_device(device.id)
        return {}


def _own_id(fields: Fields) -> str | None:
    """The id that a device gives to what it does; the network chooses one where it gives none."""
    chosen = fields.optional_text("own_id", limit=ID_LIMIT)
    return message_id_of(chosen) if chosen else None
