"""What every driver is given, what it can do, and the one error they all raise."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID

from connections.drivers.fields import Field
from connections.models import Outbound
from connections.wire import Found, Message, Sent, Told

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Answer = TypeVar("Answer")


class DriverError(Exception):
    """The gateway said no, or nothing.

    `permanent`: trying again is pointless. `is_unknown`: it may or may not have been done.
    """

    def __init__(self, code: str, detail: str = "", *, permanent: bool, is_unknown: bool = False) -> None:
        super().__init__(detail or code)
        self.code = code
        self.permanent = permanent
        self.is_unknown = is_unknown


class NotSupported(DriverError):
    """This kind of link cannot do that (`Driver.can` says so beforehand)."""

    def __init__(self, what: str) -> None:
        super().__init__("not_supported", what, permanent=True)


class Can(StrEnum):
    """What not every kind of link can do."""

    QR = "qr"
    PAIRING_CODE = "pairing_code"
    TYPE = "type"
    REACT = "react"
    EDIT = "edit"
    DELETE = "delete"
    FORWARD = "forward"
    LOOK_UP = "look_up"
    HISTORY = "history"
    PROBE = "probe"
    PICTURE = "picture"
    SCREENSHOT = "screenshot"


@dataclass(frozen=True, kw_only=True)
class Berth:
    """The place a driver is given: whose link it is, how it is set, what its worker lends it."""

    tenant_id: UUID
    connection_id: UUID
    # Rises with every change of hands: what an older one left behind is not ours.
    epoch: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    # Runs a database function in the scope of the connection's tenant, beside the loop.
    db: Callable[..., Awaitable[Any]]
    # Set whenever the gateway has posted something (`connections.mailbox`).
    posted: Any = None
    # Link by this phone's eight-letter code instead of a QR code ("+5511…"); empty: by QR code.
    pairing_phone: str = ""


class Driver(ABC):
    """One live link to one WhatsApp number. Methods raise DriverError.

    `can`: what this kind does beyond sending and receiving. `repeats_are_safe`: sending the same
    reference twice delivers once.

    A driver is used once: opened, listened to, closed. `close` keeps whatever another worker needs to
    bring the link back without a new QR code.

    Payloads of what `send` is given, by `Outbound.kind`; every id is WhatsApp's own, bare (`3EB0…`):

    - `message`: {"kind": one of `wire.KINDS`, "text", "quoted_id", "media": {"path" below the media root,
      "mime", "name", "seconds"} or null, "place": {"latitude", "longitude", "name", "address"} or absent,
      "contact": {"name", "phone"} or absent}
    - `read`: {"ids"} · `reaction`: {"target_id", "from_me", "emoji", empty to take it away}
    - `edit`: {"target_id", "text"} · `deletion`: {"target_id"}: for everybody
    - `forward`: {"target_id", "from_chat", "from_me"}: into `Outbound.chat`
    """

    can: ClassVar[frozenset[Can]] = frozenset()
    # What it wants to know of a connection (`drivers.fields`); a form is made from it.
    fields: ClassVar[tuple[Field, ...]] = ()
    # What those who make such a connection must be shown; empty: nothing.
    notice: ClassVar[StrOrPromise] = ""
    repeats_are_safe: ClassVar[bool] = False
    # How long its goodbye may take; after that it is left without one.
    close_seconds: ClassVar[float] = 5.0

    def __init__(self, berth: Berth) -> None:
        self.berth = berth

    @abstractmethod
    async def open(self, credentials: bytes | None) -> None:
        """Reach the gateway; None means that a phone must let us in first."""

    @abstractmethod
    def listen(self) -> AsyncIterator[Told]:
        """What the gateway tells, until the link ends."""

    @abstractmethod
    async def confirm(self, receipt: int) -> None:
        """We hold everything up to this receipt; the gateway may forget it."""

    @abstractmethod
    async def send(self, outbound: Outbound) -> Sent:
        """Carry out one command. Its `client_ref` is the message's own id."""

    @abstractmethod
    async def find(self, outbounds: list[Outbound]) -> dict[int, Sent]:
        """Which of these commands the gateway did carry out, by Outbound id."""

    @abstractmethod
    def fetch(self, media_id: str) -> AsyncIterator[bytes]:
        """The bytes of a file."""

    @abstractmethod
    async def log_out(self) -> None:
        """Unlink from the phone."""

    @abstractmethod
    async def close(self) -> None:
        """Leave without logging out."""

    @classmethod
    async def leave_worker(cls) -> None:
        """The loop of this worker ends, and every link in it is closed: end what they shared."""
        return

    # --- what not every kind can --------------------------------------------------------------

    async def type(self, chat: str, activity: str) -> None:
        """Show the customer that somebody is typing (`typing`), recording, or idle (`paused`)."""
        raise NotSupported(Can.TYPE)

    async def probe(self) -> None:
        """Ask the gateway something that only a living link answers; raises DriverError when it does not."""
        raise NotSupported(Can.PROBE)

    async def look_up(self, phone: str) -> Found | None:
        """Who has this number ("+5511…"); None when it is not on WhatsApp."""
        raise NotSupported(Can.LOOK_UP)

    def history(self, since: datetime) -> AsyncIterator[Message]:
        """Messages of all chats since then, of both sides, oldest first within a chat."""
        raise NotSupported(Can.HISTORY)

    async def picture(self, chat: str) -> bytes | None:
        """The profile picture of a chat; None when it has none, or hides it."""
        raise NotSupported(Can.PICTURE)

    async def screenshot(self) -> bytes:
        """What the link's page looks like now (PNG)."""
        raise NotSupported(Can.SCREENSHOT)

    async def memory_bytes(self) -> int | None:
        """What this link costs the machine beyond its worker; None where that is next to nothing."""
        return None

    @classmethod
    def tuned(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        """Settings that no form asks for, as they are kept; for those who know what they do. Raises
        DriverError (`bad_settings`), which names the setting and what it should be."""
        for name in given:
            raise DriverError("bad_settings", f"{name}: there is no such setting", permanent=True)
        return {}
