"""What the network is made of: phones, chats and messages, linked devices, media."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from simulator.values import is_group

MEDIA_KINDS = ("image", "video", "audio", "voice", "document", "sticker")
KINDS = ("text", *MEDIA_KINDS, "location", "contact")
# What a device shows as "a kind of message this version does not know".
UNSUPPORTED = "unsupported"
# How a phone shows to others: by its number; by its hidden id, with the number to be had; by that id only.
ADDRESSES = ("number", "lid", "lid_only")
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
    """One message, shared by the chats of all phones that have it. ``to`` is digits or a group.

    ``serial`` orders all messages of the network; ``reactions`` maps digits of phones to emojis;
    ``reached`` says of a group's members how far each got: ``level`` is how far all of them are.
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
    is_forwarded: bool = False
    reached: dict[str, int] = field(default_factory=dict)

    @property
    def is_to_group(self) -> bool:
        """Whether it was written to a group."""
        return is_group(self.to)

    def other_than(self, digits: str) -> str:
        """With whom this phone has the chat in which the message stands."""
        return self.to if digits == self.author or self.is_to_group else self.author

    def reach(self, digits: str, level: int) -> bool:
        """A reader got further; whether that raises the level of the message."""
        if self.is_to_group:
            self.reached[digits] = max(level, self.reached.get(digits, SERVER))
            level = min(self.reached.values())
        is_higher = level > self.level
        self.level = max(level, self.level)
        return is_higher


@dataclass(slots=True)
class Group:
    """A group; ``participants`` are digits, the one who made it first."""

    id: str
    subject: str
    participants: list[str]
    created_at: float


@dataclass(slots=True)
class Chat:
    """What one phone has with another, or with a group. ``unread`` holds ids in the order of arrival."""

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
    address: str = ADDRESSES[0]
    picture: str | None = None
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
        return [id for id in chat.unread if self.sees(chat.messages[id])]


@dataclass(slots=True)
class State:
    """Everything the network remembers. ``unlinked`` holds hashes of tokens that were good once.

    ``lids`` leads from hidden ids to digits.
    """

    phones: dict[str, Phone] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    tokens: dict[str, Device] = field(default_factory=dict)
    unlinked: set[str] = field(default_factory=set)
    media: dict[str, Media] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    lids: dict[str, str] = field(default_factory=dict)
    last_serial: int = 0


def lid_of(digits: str) -> str:
    """Always the same for a number, and nothing to tell the number from."""
    number = int.from_bytes(hashlib.sha256(f"lid {digits}".encode()).digest()[:8])
    return f"{10**14 + number % (9 * 10**14)}@lid"


def hash_of(token: str) -> str:
    """How a device token is remembered: the state on disk must not let anyone speak as a device."""
    return hashlib.sha256(token.encode()).hexdigest()
