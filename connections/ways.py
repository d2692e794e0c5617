"""The ways in which a number can be linked here, in the order in which they are offered."""

from __future__ import annotations

from dataclasses import dataclass

from connections.choices import Driver
from connections.drivers.base import Can
from connections.drivers.registry import driver_class, offered

# What people try first: their own phone, on the spot. The official way needs a contract with Meta.
ORDER = (Driver.BROWSER, Driver.EVOLUTION, Driver.SIMULATOR, Driver.CLOUD)
# These are what WhatsApp itself offers to companies, or no WhatsApp at all.
WITHOUT_CONSENT = frozenset([Driver.CLOUD])


@dataclass(frozen=True)
class Way:
    """`by`: `qr` code, `code` typed on the phone, or `keys` of a gateway."""

    driver: str
    by: str

    @property
    def name(self) -> str:
        return f"{self.driver}-{self.by}"

    @property
    def label(self) -> str:
        return str(Driver(self.driver).label)

    @property
    def needs_consent(self) -> bool:
        return self.driver not in WITHOUT_CONSENT

    @property
    def has_history(self) -> bool:
        return Can.HISTORY in driver_class(self.driver).can


def ways() -> list[Way]:
    """QR codes first, then codes to type, then keys."""
    here = dict(offered())
    drivers = [str(driver) for driver in ORDER if driver in here]
    return [Way(driver, by) for by in ("qr", "code", "keys") for driver in drivers if by in _ways_of(driver)]


def _ways_of(driver: str) -> set[str]:
    can = driver_class(driver).can
    given = {"qr"} if Can.QR in can else set()
    given |= {"code"} if Can.PAIRING_CODE in can else set()
    return given or {"keys"}


def way_called(name: str) -> Way | None:
    return next((way for way in ways() if way.name == name), None)
