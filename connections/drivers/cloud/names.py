"""Names at Meta and ours: messages (`wamid.…`, which ours leave bare) and customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connections.wire import clean_id, clean_text

# What all ids of messages begin with; with it the longest would not fit our columns.
PREFIX = "wamid."
OURS, SCOPED = "c.us", "bsuid"
LONGEST = 100


def id_of(wamid: Any) -> str:
    """Meta's id of a message as ours. Raises ValueError where there is none."""
    return clean_id(clean_text(wamid).removeprefix(PREFIX))


def wamid_of(message_id: str) -> str:
    return PREFIX + message_id


def chat_of(phone: Any, user_id: Any = None) -> str:
    """The chat with a customer: by phone number, or by the id that Meta gives them where they hide it.
    Raises ValueError where there is neither."""
    digits = clean_text(phone).removeprefix("+")[:LONGEST]
    if digits:
        return f"{digits}@{OURS}"
    scoped = clean_text(user_id)[:LONGEST]
    if not scoped:
        raise ValueError("a message of nobody")
    return f"{scoped}@{SCOPED}"


def address_of(chat: str) -> Mapping[str, str]:
    """Whom a message goes to, as Meta's field for it."""
    name, _at, server = chat.partition("@")
    return {"recipient": name} if server == SCOPED else {"to": name}
