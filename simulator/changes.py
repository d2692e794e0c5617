"""The facts that alter the network, as the journal keeps them; a replay makes the same state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from simulator.model import Attachment, Location


@dataclass(frozen=True, slots=True)
class PhoneAdded:
    digits: str
    name: str
    at: float


@dataclass(frozen=True, slots=True)
class PhoneRenamed:
    digits: str
    name: str


@dataclass(frozen=True, slots=True)
class PhoneSwitched:
    digits: str
    is_online: bool
    at: float


@dataclass(frozen=True, slots=True)
class PhoneShown:
    """How a phone shows to others from now on; ``picture`` is the id of a file, or nothing."""

    digits: str
    address: str
    picture: str | None


@dataclass(frozen=True, slots=True)
class GroupMade:
    id: str
    subject: str
    participants: list[str]
    at: float


@dataclass(frozen=True, slots=True)
class GroupChanged:
    id: str
    subject: str
    participants: list[str]


@dataclass(frozen=True, slots=True)
class PhoneRemoved:
    digits: str


@dataclass(frozen=True, slots=True)
class DeviceLinked:
    id: str
    phone: str
    name: str
    token_hash: str
    at: float


@dataclass(frozen=True, slots=True)
class DeviceUnlinked:
    id: str


@dataclass(frozen=True, slots=True)
class EventsAcked:
    device: str
    seq: int


@dataclass(frozen=True, slots=True)
class DeviceAhead:
    """A device knows later events than the network, which has lost the end of its journal."""

    device: str
    seq: int


@dataclass(frozen=True, slots=True)
class MediaStored:
    id: str
    owner: str
    mime: str
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class MessageSent:
    id: str
    author: str
    to: str
    at: float
    kind: str
    text: str
    quoted_id: str | None
    attachment: Attachment | None
    location: Location | None
    client_ref: str | None
    device: str | None
    is_forwarded: bool = False


@dataclass(frozen=True, slots=True)
class LevelRaised:
    """The reader has read (3) or played (4) messages of the other phone."""

    reader: str
    other: str
    ids: list[str]
    level: int
    at: float


@dataclass(frozen=True, slots=True)
class Reacted:
    id: str
    author: str
    other: str
    target_id: str
    emoji: str
    at: float


@dataclass(frozen=True, slots=True)
class Edited:
    id: str
    author: str
    other: str
    target_id: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Revoked:
    id: str
    author: str
    other: str
    target_id: str
    at: float


Change = (
    PhoneAdded
    | PhoneRenamed
    | PhoneSwitched
    | PhoneShown
    | GroupMade
    | GroupChanged
    | PhoneRemoved
    | DeviceLinked
    | DeviceUnlinked
    | EventsAcked
    | DeviceAhead
    | MediaStored
    | MessageSent
    | LevelRaised
    | Reacted
    | Edited
    | Revoked
)

_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in Change.__args__}


def encode(change: Change) -> bytes:
    """One line of the journal, without its line end."""
    return orjson.dumps((type(change).__name__, change))


def decode(line: bytes) -> Change:
    """A line of the journal as the change it was.

    Raises ValueError, KeyError or TypeError for a damaged one.
    """
    name, fields = orjson.loads(line)
    if fields.get("attachment"):
        fields["attachment"] = Attachment(**fields["attachment"])
    if fields.get("location"):
        fields["location"] = Location(**fields["location"])
    change: Change = _KINDS[name](**fields)
    return change
