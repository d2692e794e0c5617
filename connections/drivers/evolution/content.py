"""What stands in a WhatsApp message as Evolution passes it on: WhatsApp's own structure, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connections import wire

# Wrappers around the message proper.
WRAPPERS = (
    "ephemeralMessage",
    "viewOnceMessage",
    "viewOnceMessageV2",
    "viewOnceMessageV2Extension",
    "documentWithCaptionMessage",
    "deviceSentMessage",
    "editedMessage",
)
MEDIA = {
    "imageMessage": "image",
    "videoMessage": "video",
    "ptvMessage": "video",
    "audioMessage": "audio",
    "documentMessage": "document",
    "stickerMessage": "sticker",
}
# Where the words are that somebody chose instead of writing them.
CHOICES = {
    "buttonsResponseMessage": ("selectedDisplayText",),
    "templateButtonReplyMessage": ("selectedDisplayText",),
    "listResponseMessage": ("title",),
    "interactiveResponseMessage": ("body", "text"),
}
DEEPEST = 8


@dataclass(frozen=True, kw_only=True)
class Content:
    """Part of a wire.Message."""

    kind: str
    text: str = ""
    media: wire.Media | None = None
    place: wire.Place | None = None
    quoted_id: str | None = None


def unwrap(message: Any) -> Mapping[str, Any]:
    """The message proper. Raises TypeError where there is none."""
    for _level in range(DEEPEST):
        wrapper = next((message[name] for name in WRAPPERS if message.get(name)), None)
        if wrapper is None:
            return dict(message)
        message = wrapper["message"]
    raise TypeError("wrapped too deep")


def read(message: Mapping[str, Any], message_id: str) -> Content:
    """What an unwrapped message says. What we do not know is `unsupported`, never a blank."""
    for name, kind in MEDIA.items():
        if (part := message.get(name)) is not None:
            return _media(kind, part, message_id)
    for name in ("locationMessage", "liveLocationMessage"):
        if (part := message.get(name)) is not None:
            return Content(kind="location", place=_place(part), quoted_id=_quoted(part))
    for name in ("contactMessage", "contactsArrayMessage"):
        if (part := message.get(name)) is not None:
            return Content(kind="contact", text=_cards(part), quoted_id=_quoted(part))
    return _text(message)


def _text(message: Mapping[str, Any]) -> Content:
    if isinstance(message.get("conversation"), str):
        return Content(kind="text", text=wire.clean_text(message["conversation"]))
    if (part := message.get("extendedTextMessage")) is not None:
        return Content(kind="text", text=wire.clean_text(part.get("text")), quoted_id=_quoted(part))
    for name, path in CHOICES.items():
        if (part := message.get(name)) is not None:
            words: Any = part
            for step in path:
                words = words[step]
            return Content(kind="text", text=wire.clean_text(words), quoted_id=_quoted(part))
    return Content(kind="unsupported")


def _media(kind: str, part: Mapping[str, Any], message_id: str) -> Content:
    if kind == "audio" and part.get("ptt"):
        kind = "voice"
    seconds = number(part.get("seconds"))
    media = wire.Media(
        id=message_id,
        mime=wire.clean_text(part.get("mimetype"))[:120],
        name=wire.clean_text(part.get("fileName") or part.get("title"))[:200],
        size=wire.clean_count(number(part.get("fileLength"))),
        seconds=seconds if seconds is not None and seconds >= 0 else None,
        width=wire.clean_count(number(part.get("width"))),
        height=wire.clean_count(number(part.get("height"))),
    )
    text = wire.clean_text(part.get("caption"))
    return Content(kind=kind, text=text, media=media, quoted_id=_quoted(part))


def _place(part: Mapping[str, Any]) -> wire.Place:
    latitude, longitude = float(part["degreesLatitude"]), float(part["degreesLongitude"])
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError("a place that is not on earth")
    return wire.Place(
        latitude=latitude,
        longitude=longitude,
        name=wire.clean_text(part.get("name") or part.get("caption"))[:200],
        address=wire.clean_text(part.get("address"))[:300],
    )


def _cards(part: Mapping[str, Any]) -> str:
    cards = part.get("contacts") or [part]
    told = [card.get("vcard") or card.get("displayName") for card in cards]
    return wire.clean_text("\n".join(str(card) for card in told if card))


def _quoted(part: Mapping[str, Any]) -> str | None:
    return wire.clean_text((part.get("contextInfo") or {}).get("stanzaId"))[: wire.MAX_ID] or None


def number(given: Any) -> int | None:
    """A whole number, which Evolution spells as a number, as a text, or in two halves of 32 bits."""
    if isinstance(given, Mapping):
        low, high = given.get("low"), given.get("high")
        if not (isinstance(low, int) and isinstance(high, int)):
            return None
        return (high << 32) | (low & 0xFFFFFFFF)
    try:
        return int(given)
    except (TypeError, ValueError, OverflowError):
        return None
