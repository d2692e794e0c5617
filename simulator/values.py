"""Values from outside: numbers, chat ids, fields of JSON objects, checked where they come in."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from datetime import UTC, datetime
from math import isfinite

from simulator.errors import Refused, invalid

CHAT_SUFFIX = "@c.us"
GROUP_SUFFIX = "@g.us"
LID_SUFFIX = "@lid"
ACTIVITIES = ("typing", "recording", "idle")

_SPACING = re.compile(r"[\s().-]")
_NUMBER = re.compile(r"\+?([1-9][0-9]{7,14})", re.ASCII)
_GROUP = re.compile(r"[0-9-]{5,40}@g\.us", re.ASCII)
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_.@:=-]{1,128}")


def digits_of(number: str) -> str:
    """The bare digits of an international number: ``+55 11 98765-4321`` → ``5511987654321``."""
    match = _NUMBER.fullmatch(_SPACING.sub("", number))
    if match is None:
        raise Refused("invalid_number", "Escreva o número com país e DDD, como +55 11 98765-4321.")
    return match[1]


def peer_of(text: str) -> str:
    """With whom a phone may have a chat: the digits of a number, or the id of a group."""
    return text if _GROUP.fullmatch(text) else digits_of(text)


def is_group(peer: str) -> bool:
    """Whether a peer is a group."""
    return peer.endswith(GROUP_SUFFIX)


def number_of(peer: str) -> str:
    """``5511987654321`` → ``+5511987654321``; the id of a group stands for itself."""
    return peer if is_group(peer) else f"+{peer}"


def chat_of(peer: str) -> str:
    """The id of the chat with that number, or with that group."""
    return peer if is_group(peer) else peer + CHAT_SUFFIX


def digits_of_chat(chat: str) -> str:
    """The number behind the id of a one-to-one chat."""
    bare, suffix, rest = chat.partition(CHAT_SUFFIX)
    match = _NUMBER.fullmatch(bare)
    if not suffix or rest or match is None or bare != match[1]:
        raise Refused("invalid_chat", "O endereço da conversa não é válido.")
    return bare


def message_id_of(text: str) -> str:
    """A message id as callers may choose it."""
    if _MESSAGE_ID.fullmatch(text) is None:
        raise Refused("invalid_id", "O identificador da mensagem não é válido.")
    return text


def new_message_id() -> str:
    """An id like those that phones give their messages."""
    return "3EB0" + secrets.token_hex(8).upper()


def moment(seconds: float) -> str:
    """Unix seconds as ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Fields:
    """A JSON object from outside; every read checks the type and names the field that is wrong."""

    def __init__(self, data: object) -> None:
        if not isinstance(data, dict):
            raise invalid("Era esperado um objeto JSON.")
        self._data: dict[str, object] = data

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._data.get(name) is not None

    def text(self, name: str, *, limit: int, default: str | None = None) -> str:
        """A string of at most ``limit`` characters; required where there is no default."""
        value = self._data.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise invalid(f"O campo “{name}” deve ser um texto.")
        if len(value) > limit:
            raise Refused("too_long", f"O campo “{name}” passa de {limit} caracteres.")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise invalid(f"O campo “{name}” tem caracteres inválidos.") from error
        return value

    def optional_text(self, name: str, *, limit: int) -> str | None:
        """A string or null."""
        return self.text(name, limit=limit) if self.has(name) else None

    def choice(self, name: str, choices: Collection[str], default: str | None = None) -> str:
        """One of the given words."""
        value = self.text(name, limit=100, default=default)
        if value not in choices:
            raise invalid(f"O campo “{name}” deve ser um de: {', '.join(choices)}.")
        return value

    def flag(self, name: str) -> bool:
        """A boolean, required."""
        value = self._data.get(name)
        if not isinstance(value, bool):
            raise invalid(f"O campo “{name}” deve ser verdadeiro ou falso.")
        return value

    def integer(self, name: str, *, low: int, high: int, default: int | None = None) -> int:
        """A whole number between ``low`` and ``high``, required where there is no default."""
        value = self._data.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise invalid(f"O campo “{name}” deve ser um número inteiro de {low} a {high}.")
        return value

    def number(self, name: str, *, low: float, high: float) -> float:
        """A number between ``low`` and ``high``, required."""
        value = self._data.get(name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if (
            not isinstance(value, int | float)
            or not is_number
            or not isfinite(value)
            or not low <= value <= high
        ):
            raise invalid(f"O campo “{name}” deve ser um número de {low:g} a {high:g}.")
        return float(value)

    def texts(self, name: str, *, limit: int, most: int) -> list[str]:
        """A list of at most ``most`` strings, required."""
        value = self._data.get(name)
        if not isinstance(value, list) or len(value) > most:
            raise invalid(f"O campo “{name}” deve ser uma lista de até {most} textos.")
        if not all(isinstance(item, str) and len(item) <= limit for item in value):
            raise invalid(f"O campo “{name}” deve ter apenas textos de até {limit} caracteres.")
        return value

    def child(self, name: str) -> Fields | None:
        """An object inside, or null."""
        return Fields(self._data[name]) if self.has(name) else None
