"""What every driver can do, and the one error they all raise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from connections.models import Outbound
from connections.wire import Sent, Told


class DriverError(Exception):
    """The gateway said no, or nothing.

    `permanent`: trying again is pointless. `is_unknown`: it may or may not have been done.
    """

    def __init__(self, code: str, detail: str = "", *, permanent: bool, is_unknown: bool = False) -> None:
        super().__init__(detail or code)
        self.code = code
        self.permanent = permanent
        self.is_unknown = is_unknown


class Driver(Protocol):
    """One live link to one WhatsApp number. Methods raise DriverError.

    `repeats_are_safe`: sending the same reference twice delivers once.
    """

    repeats_are_safe: bool

    async def open(self, credentials: bytes | None) -> None:
        """Reach the gateway; None means that a phone must let us in first."""

    def listen(self) -> AsyncIterator[Told]:
        """What the gateway tells, until the link ends."""

    async def confirm(self, receipt: int) -> None:
        """We hold everything up to this receipt; the gateway may forget it."""

    async def send(self, outbound: Outbound) -> Sent:
        """Carry out one command. Its `client_ref` is the message's own id."""

    async def find(self, outbounds: list[Outbound]) -> dict[int, Sent]:
        """Which of these commands the gateway did carry out, by Outbound id."""

    async def type(self, chat: str, activity: str) -> None:
        """Show the customer that somebody is typing, recording, or idle."""

    def fetch(self, media_id: str) -> AsyncIterator[bytes]:
        """The bytes of a file."""

    async def log_out(self) -> None:
        """Unlink from the phone."""

    async def close(self) -> None:
        """Leave without logging out."""
