"""Everything that crosses the border to WhatsApp, as frozen values, and the parsing of it.

Drivers speak these; nothing behind the drivers knows a gateway's own shapes.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

from connections.choices import Ack

ACK_LEVELS = {
    -1: Ack.FAILED,
    0: Ack.PENDING,
    1: Ack.SENT,
    2: Ack.DELIVERED,
    3: Ack.READ,
    4: Ack.PLAYED,
}
KINDS = frozenset(
    ["text", "image", "video", "audio", "voice", "document", "sticker", "location", "contact", "unsupported"]
)
MAX_TEXT = 65_536
MAX_ID = 80
# Half a character, which JSON can spell ("\ud83d") and no PostgreSQL text can hold.
HALF_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Media:
    """A file that stands with a message; `id` is the gateway's own."""

    id: str
    mime: str
    name: str = ""
    size: int | None = None
    seconds: float | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, kw_only=True)
class Place:
    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something WhatsApp told us of one chat. `key` is the same whenever it is told again."""

    chat: str

    @property
    def key(self) -> str:
        raise TypeError("a happening names what makes it unique")

    @property
    def kind(self) -> str:
        return type(self).__name__.lower()

    def payload(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Message(Happening):
    """A message of a customer, or one written on the linked phone itself (`from_me`)."""

    id: str
    from_me: bool
    sent_at: datetime
    message_kind: str
    text: str = ""
    quoted_id: str | None = None
    media: Media | None = None
    place: Place | None = None
    sender_name: str = ""
    # Who wrote it in a group: their chat id.
    author: str = ""
    # The number behind a chat id that hides it ("+5511…"), where the gateway knows it.
    phone: str = ""
    # Written before we were linked, or while we were away.
    is_past: bool = False

    @property
    def key(self) -> str:
        return f"message:{self.id}"

    def payload(self) -> dict[str, Any]:
        return {**asdict(self), "sent_at": self.sent_at.isoformat()}

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Self:
        media, place = payload["media"], payload["place"]
        return cls(
            **{
                **payload,
                "sent_at": datetime.fromisoformat(payload["sent_at"]),
                "media": Media(**media) if media else None,
                "place": Place(**place) if place else None,
            }
        )


@dataclass(frozen=True, kw_only=True)
class Ticks(Happening):
    """How far messages of ours got: `level` is a value of `Ack`. Of a failure, why, where the gateway tells:
    a code of ours, and its own words."""

    ids: tuple[str, ...]
    level: str
    error_code: str = ""
    error: str = ""

    @property
    def key(self) -> str:
        named = hashlib.sha256(",".join(sorted(self.ids)).encode()).hexdigest()[:32]
        return f"ticks:{self.level}:{named}"


@dataclass(frozen=True, kw_only=True)
class Reaction(Happening):
    """An emoji under a message; empty takes it away."""

    id: str
    target_id: str
    emoji: str
    from_me: bool

    @property
    def key(self) -> str:
        return f"reaction:{self.id}"


@dataclass(frozen=True, kw_only=True)
class Edit(Happening):
    """A message was rewritten. `from_me`: by us, on the phone itself; None where the gateway does not say."""

    id: str
    target_id: str
    text: str
    from_me: bool | None = None

    @property
    def key(self) -> str:
        return f"edit:{self.id}"


@dataclass(frozen=True, kw_only=True)
class Deletion(Happening):
    """A message was taken back; `from_me` as in `Edit`."""

    id: str
    target_id: str
    from_me: bool | None = None

    @property
    def key(self) -> str:
        return f"deletion:{self.id}"


@dataclass(frozen=True, kw_only=True)
class FileArrived(Happening):
    """A download of ours ended: with a stored file (`path`, below the media root) or without."""

    target_id: str
    path: str | None
    size: int | None = None
    mime: str = ""

    @property
    def key(self) -> str:
        return f"file:{self.target_id}"


@dataclass(frozen=True, kw_only=True)
class Unknown(Happening):
    """Something we do not understand yet: kept as it came, so that it is not lost."""

    raw: dict[str, Any]

    @property
    def key(self) -> str:
        told = json.dumps(self.raw, sort_keys=True, default=str)
        return f"unknown:{hashlib.sha256(told.encode()).hexdigest()[:40]}"


@dataclass(frozen=True, kw_only=True)
class Typing:
    """Somebody is typing or recording. Worth nothing a moment later."""

    chat: str
    activity: str


# --- what a session says of itself ------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class QrShown:
    """A QR code to scan. A credential: never stored, never logged."""

    code: str
    expires_in: float
    attempt: int
    attempts: int

    def __repr__(self) -> str:
        return f"QrShown(attempt={self.attempt})"


@dataclass(frozen=True, kw_only=True)
class PairingCodeShown:
    """A code to type into the phone that is to be linked. A credential, as a QR code is."""

    code: str
    expires_in: float

    def __repr__(self) -> str:
        return "PairingCodeShown()"


@dataclass(frozen=True, kw_only=True)
class PasskeyNeeded:
    """The phone's owner has to confirm the link with a passkey, on the real page; nobody can for them."""

    expires_in: float


@dataclass(frozen=True, kw_only=True)
class Linked:
    """A phone let us in; `credentials` bring us back without a new QR code.

    Empty where the driver keeps what brings it back itself; that there is something is remembered.
    """

    credentials: bytes

    def __repr__(self) -> str:
        return "Linked()"


@dataclass(frozen=True, kw_only=True)
class Ready:
    phone: str
    profile_name: str


@dataclass(frozen=True, kw_only=True)
class Unwell:
    """Linked, and yet something is wrong: `reason` is a code, empty once all is well again."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Restricted:
    """WhatsApp lets this number begin no chats until then; None lifts it."""

    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Ended:
    """The gateway let us go. `state` is a `State`; RECONNECTING means: try again."""

    state: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A happening and how to tell the gateway that we have it safe."""

    happening: Happening
    receipt: int


Told = (
    QrShown
    | PairingCodeShown
    | PasskeyNeeded
    | Linked
    | Ready
    | Unwell
    | Restricted
    | Ended
    | Stored
    | Typing
)


# --- what we ask for --------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What became of a send: WhatsApp's id for it."""

    wa_id: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """A number that is on WhatsApp: the chat that leads to it, which may spell it otherwise."""

    chat: str
    lid: str = ""


def parse_time(seconds: Any) -> datetime:
    """WhatsApp's time, whole seconds since 1970; nonsense becomes now."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return datetime.now(UTC)


def clean_text(text: Any) -> str:
    """Text as PostgreSQL can keep it, of bounded length."""
    return HALF_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", str(text or "").replace("\x00", ""))[:MAX_TEXT]


def clean_id(given: Any) -> str:
    """A gateway's id as our columns can keep it. Raises ValueError where there is none."""
    cleaned = clean_text(given)[:MAX_ID]
    if not cleaned:
        raise ValueError("a happening without an id")
    return cleaned


def clean_count(given: Any) -> int | None:
    """A size in bytes or pixels; None when it makes no sense."""
    return given if isinstance(given, int) and 0 <= given < 2**31 else None


def clean(raw: Any) -> Any:
    """Raw JSON as PostgreSQL can keep it."""
    if isinstance(raw, str):
        return clean_text(raw)
    if isinstance(raw, dict):
        return {clean_text(key): clean(value) for key, value in raw.items()}
    if isinstance(raw, float) and not math.isfinite(raw):
        return None  # JSON has no word for it
    return [clean(value) for value in raw] if isinstance(raw, list) else raw
