"""How phones let devices in: QR codes on show, codes to type, and the passkey some links need."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.errors import conflict
from simulator.model import Device
from simulator.network import Network

ATTEMPTS = 6
FIRST_SECONDS = 60.0
LATER_SECONDS = 20.0
PAIRING_SECONDS = 195.0
PASSKEY_SECONDS = 120.0
REMEMBERED_CODES = 1000
# Letters and digits that nobody takes for one another.
PAIRING_LETTERS = "123456789ABCDEFGHJKLMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Linked:
    """The outcome of a link; the token is told to the device once and kept nowhere."""

    device: Device
    token: str


@dataclass(frozen=True, slots=True, eq=False)
class Prospect:
    """A device that wants in, called ``name``: futures of how far it has got."""

    name: str
    linked: asyncio.Future[Linked] = field(default_factory=lambda: _future())
    passkey_asked: asyncio.Future[None] = field(default_factory=lambda: _future())


@dataclass(frozen=True, slots=True)
class Offer:
    """A code on show for a prospect."""

    code: str
    prospect: Prospect
    expires_at: float


@dataclass(frozen=True, slots=True)
class PairingCode:
    """A code that only the phone with those digits may type."""

    digits: str
    prospect: Prospect
    expires_at: float


class LinkingDesk:
    """The codes that are good now. ``seconds`` replaces the usual lifetimes of QR codes."""

    def __init__(
        self,
        network: Network,
        *,
        seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.needs_passkey = False
        self._network = network
        self._seconds = seconds
        self._clock = clock
        self._offers: dict[str, Offer] = {}
        self._pairing: dict[str, PairingCode] = {}
        self._awaiting_passkey: dict[str, Prospect] = {}
        self._expired: deque[str] = deque(maxlen=REMEMBERED_CODES)

    def lifetime(self, attempt: int) -> float:
        """How many seconds the code of that attempt (the first is 1) lives."""
        if self._seconds is not None:
            return self._seconds
        return FIRST_SECONDS if attempt == 1 else LATER_SECONDS

    # QR codes

    def offer(self, prospect: Prospect, attempt: int) -> Offer:
        """Put a new code on show."""
        code = f"2@{secrets.token_urlsafe(32)},{secrets.token_urlsafe(16)}"
        offer = Offer(code, prospect, self._clock() + self.lifetime(attempt))
        self._offers[_reference(code)] = offer
        return offer

    def withdraw(self, offer: Offer) -> None:
        """Take a code off the show."""
        reference = _reference(offer.code)
        if self._offers.pop(reference, None):
            self._expired.append(reference)

    def scan(self, code: str, digits: str) -> Device | None:
        """A phone scans a code: the device behind it is linked, or None: it needs a passkey first."""
        reference = _reference(code)
        offer = self._offers.get(reference)
        if reference in self._expired or (offer and offer.expires_at <= self._clock()):
            raise conflict("qr_expired", "Este código expirou. Leia o que está na tela agora.")
        if offer is None:
            raise conflict("qr_unknown", "Este código não é de um dispositivo que espera conexão.")
        device = self._let_in(offer.prospect, digits)
        self.withdraw(offer)
        return device

    # codes to type

    def pairing_code(self, prospect: Prospect, digits: str) -> str:
        """A code for the phone with those digits to type; the prospect's older ones are good no more."""
        self.withdraw_pairing(prospect)
        code = "".join(secrets.choice(PAIRING_LETTERS) for _ in range(8))
        self._pairing[code] = PairingCode(digits, prospect, self._clock() + PAIRING_SECONDS)
        return code

    def withdraw_pairing(self, prospect: Prospect) -> None:
        """The prospect's codes to type are good no more."""
        for code in [code for code, pairing in self._pairing.items() if pairing.prospect is prospect]:
            del self._pairing[code]

    def type_code(self, code: str, digits: str) -> Device | None:
        """A phone types a code: as a scan."""
        pairing = self._pairing.get(code.upper().replace("-", "").replace(" ", ""))
        if pairing is None or pairing.digits != digits or pairing.expires_at <= self._clock():
            raise conflict("pairing_code_wrong", "Este código não vale para este telefone.")
        device = self._let_in(pairing.prospect, digits)
        self.withdraw_pairing(pairing.prospect)
        return device

    # passkeys

    def _let_in(self, prospect: Prospect, digits: str) -> Device | None:
        self._network.online_phone(digits)
        if not self.needs_passkey:
            return self._link(prospect, digits)
        self.needs_passkey = False
        self._awaiting_passkey[digits] = prospect
        prospect.passkey_asked.set_result(None)
        return None

    def confirm_passkey(self, digits: str) -> Device:
        """The phone's owner has shown the passkey: the device that waits for it is linked."""
        prospect = self._awaiting_passkey.get(digits)
        if prospect is None:
            raise conflict("no_passkey_asked", "Nenhum dispositivo espera a chave de acesso deste telefone.")
        device = self._link(prospect, digits)
        self.forget(prospect)
        return device

    def forget(self, prospect: Prospect) -> None:
        """The prospect has left, or is let in."""
        self.withdraw_pairing(prospect)
        for digits in [key for key, value in self._awaiting_passkey.items() if value is prospect]:
            del self._awaiting_passkey[digits]

    def _link(self, prospect: Prospect, digits: str) -> Device:
        device, token = self._network.link_device(digits, prospect.name)
        prospect.linked.set_result(Linked(device, token))
        return device


def _future() -> asyncio.Future[Any]:
    return asyncio.get_running_loop().create_future()


def _reference(code: str) -> str:
    """What names an offer: a page puts keys of its own behind it, as WhatsApp's does."""
    return code.partition(",")[0]
