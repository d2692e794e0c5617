"""What linked devices can ask of the network, request by request."""

from __future__ import annotations

from collections.abc import Callable

from simulator.drafts import draft_of_device
from simulator.errors import Refused, invalid
from simulator.model import Device
from simulator.network import Network
from simulator.values import ACTIVITIES, Fields, chat_of, digits_of, digits_of_chat
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
        self._answers: dict[str, Callable[[Device, Fields], Json]] = {
            "send": self._send,
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

    def _find(self, device: Device, fields: Fields) -> Json:
        ids = fields.texts("ids", limit=ID_LIMIT, most=IDS_LIMIT)
        found = self._network.find_sent(device.phone, ids)
        return {
            "found": [{"id": item.id, "level": item.level, "timestamp": item.timestamp} for item in found]
        }

    def _read(self, device: Device, fields: Fields) -> Json:
        other = digits_of_chat(fields.text("chat", limit=NUMBER_LIMIT))
        ids = fields.texts("ids", limit=ID_LIMIT, most=IDS_LIMIT)
        self._network.read_on_device(device.phone, other, ids)
        return {}

    def _typing(self, device: Device, fields: Fields) -> Json:
        other = digits_of_chat(fields.text("chat", limit=NUMBER_LIMIT))
        self._tell_typing(device.phone, other, fields.choice("activity", ACTIVITIES))
        return {}

    def _check(self, device: Device, fields: Fields) -> Json:
        digits = digits_of(fields.text("phone", limit=NUMBER_LIMIT))
        is_known = digits in self._network.state.phones
        return {"exists": is_known, "chat": chat_of(digits) if is_known else None}

    def _logout(self, device: Device, fields: Fields) -> Json:
        self._network.unlink_device(device.id)
        return {}
