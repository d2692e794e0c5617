"""What the network is made of: phones, chats and messages, linked devices, media."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

MEDIA_KINDS = ("image", "video", "audio", "voice", "document", "sticker")
KINDS = ("text", *MEDIA_KINDS, "location", "contact")
EDITABLE_KINDS = ("text", "image", "video", "document")

SERVER, DELIVERED, READ, PLAYED = 1, 2, 3, 4


@dataclass(slots=True)
class Media:
    """A stored file. ``holders`` are the digits of the phones that may open it."""

    id: str
    owner: str
    mime: str
    size: int
    name: str
    holders: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a message; ``seconds``, ``width`` and ``height`` are what the sender says."""

    id: str
    mime: str
    size: int
    name: str
    seconds: float | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """A place, in degrees."""

    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


@dataclass(slots=True)
class Message:
    """One message, shared by the chats of both phones.

    ``serial`` orders all messages of the network; ``reactions`` maps digits of phones to emojis.
    """

    serial: int
    id: str
    author: str
    to: str
    timestamp: int
    kind: str
    text: str
    quoted_id: str | None = None
    attachment: Attachment | None = None
    location: Location | None = None
    client_ref: str | None = None
    level: int = SERVER
    reactions: dict[str, str] = field(default_factory=dict)
    is_edited: bool = False
    is_revoked: bool = False

    def other_than(self, digits: str) -> str:
        """The other phone of the chat."""
        return self.to if digits == self.author else self.author


@dataclass(slots=True)
class Chat:
    """What one phone has with another. ``unread`` holds ids in the order of arrival."""

    other: str
    messages: dict[str, Message] = field(default_factory=dict)
    unread: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class Device:
    """A linked device. ``pending`` holds the encoded events it has not acknowledged, by number."""

    id: str
    phone: str
    name: str
    token_hash: str
    linked_at: float
    last_seq: int = 0
    acked: int = 0
    pending: dict[int, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Phone:
    """A phone. ``waiting`` is kept until it is online again, by (author, message id)."""

    digits: str
    name: str
    created_at: float
    is_online: bool = True
    chats: dict[str, Chat] = field(default_factory=dict)
    sent: dict[str, Message] = field(default_factory=dict)
    waiting: dict[tuple[str, str], Message] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)

    @property
    def lid(self) -> str:
        """The id that stands for the phone where its number does not show."""
        return lid_of(self.digits)

    def chat_with(self, other: str) -> Chat:
        """The chat with another phone, begun if there is none."""
        chat = self.chats.get(other)
        if chat is None:
            chat = self.chats[other] = Chat(other)
        return chat

    def sees(self, message: Message) -> bool:
        """Whether the message has arrived on the phone itself (linked devices get it sooner)."""
        return (message.author, message.id) not in self.waiting

    def unread_in(self, chat: Chat) -> list[str]:
        """Ids that have arrived and were not read, oldest first."""
        if not self.waiting:
            return list(chat.unread)
        return [id for id in chat.unread if (chat.other, id) not in self.waiting]


@dataclass(slots=True)
class State:
    """Everything the network remembers. ``unlinked`` holds hashes of tokens that were good once."""

    phones: dict[str, Phone] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    tokens: dict[str, Device] = field(default_factory=dict)
    unlinked: set[str] = field(default_factory=set)
    media: dict[str, Media] = field(default_factory=dict)
    last_serial: int = 0


def lid_of(digits: str) -> str:
    """Always the same for a number, and nothing to tell the number from."""
    number = int.from_bytes(hashlib.sha256(f"lid {digits}".encode()).digest()[:8])
    return f"{10**14 + number % (9 * 10**14)}@lid"


def hash_of(token: str) -> str:
    """How a device token is remembered: the state on disk must not let anyone speak as a device."""
    return hashlib.sha256(token.encode()).hexdigest()
