"""Names of chats: Evolution's (`5511…@s.whatsapp.net`, `…:12@lid`) and ours (`5511…@c.us`, `…@lid`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connections.wire import clean_text

PHONE, OURS = "s.whatsapp.net", "c.us"
LONGEST = 120


def chat_of(jid: Any) -> str:
    """Evolution's name of a chat as ours; empty where there is none."""
    user, at, server = clean_text(jid)[:LONGEST].partition("@")
    user = user.split(":")[0]  # the device that wrote
    if not user:
        return ""
    return f"{user}@{OURS if server in (PHONE, OURS, '') or not at else server}"


def chat_of_key(key: Mapping[str, Any]) -> str:
    """The chat that a message's key speaks of: by phone number, where one stands beside a hidden identity."""
    return _by_phone(key.get("remoteJid"), key.get("remoteJidAlt"), key.get("senderPn"))


def author_of_key(key: Mapping[str, Any]) -> str:
    """Who wrote in a group."""
    return _by_phone(key.get("participant"), key.get("participantAlt"), key.get("participantPn"))


def number_of(chat: str) -> str:
    """What Evolution takes as `number`: bare digits for a phone, else the whole name."""
    user, _at, server = chat.partition("@")
    return user if server == OURS else chat


def jid_of(chat: str) -> str:
    """Our name of a chat as Evolution's."""
    user, _at, server = chat.partition("@")
    return f"{user}@{PHONE}" if server == OURS else chat


def _by_phone(first: Any, *others: Any) -> str:
    names = [name for name in map(chat_of, (first, *others)) if name]
    if not names or not names[0].endswith("@lid"):
        return names[0] if names else ""
    return next((name for name in names if name.endswith(f"@{OURS}")), names[0])
