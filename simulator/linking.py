"""QR codes on show: each waits for a phone to scan it, for a while."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from simulator.errors import conflict
from simulator.model import Device
from simulator.network import Network

ATTEMPTS = 6
FIRST_SECONDS = 60.0
LATER_SECONDS = 20.0
REMEMBERED_CODES = 1000


@dataclass(frozen=True, slots=True)
class Linked:
    """The outcome of a scan; the token is told to the device once and kept nowhere."""

    device: Device
    token: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A code on show for a device that would be called ``name``."""

    code: str
    name: str
    expires_at: float
    scanned: asyncio.Future[Linked]


class LinkingDesk:
    """The codes that can be scanned now. ``seconds`` replaces the usual lifetimes."""

    def __init__(
        self,
        network: Network,
        *,
        seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._network = network
        self._seconds = seconds
        self._clock = clock
        self._offers: dict[str, Offer] = {}
        self._expired: deque[str] = deque(maxlen=REMEMBERED_CODES)

    def lifetime(self, attempt: int) -> float:
        """How many seconds the code of that attempt (the first is 1) lives."""
        if self._seconds is not None:
            return self._seconds
        return FIRST_SECONDS if attempt == 1 else LATER_SECONDS

    def offer(self, name: str, attempt: int) -> Offer:
        """Put a new code on show."""
        code = f"2@{secrets.token_urlsafe(32)},{secrets.token_urlsafe(16)}"
        scanned: asyncio.Future[Linked] = asyncio.get_running_loop().create_future()
        offer = Offer(code, name, self._clock() + self.lifetime(attempt), scanned)
        self._offers[code] = offer
        return offer

    def withdraw(self, offer: Offer) -> None:
        """Take a code off the show."""
        if self._offers.pop(offer.code, None):
            self._expired.append(offer.code)

    def scan(self, code: str, digits: str) -> Device:
        """A phone scans a code: the device behind it is linked to the phone."""
        offer = self._offers.get(code)
        if code in self._expired or (offer and offer.expires_at <= self._clock()):
            raise conflict("qr_expired", "Este código expirou. Leia o que está na tela agora.")
        if offer is None:
            raise conflict("qr_unknown", "Este código não é de um dispositivo que espera conexão.")
        device, token = self._network.link_device(digits, offer.name)
        del self._offers[code]
        self._expired.append(code)
        offer.scanned.set_result(Linked(device, token))
        return device
