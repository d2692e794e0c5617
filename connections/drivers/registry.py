"""Which drivers this installation offers, by name."""

from __future__ import annotations

from django.conf import settings

from connections.choices import Driver as DriverName
from connections.drivers.base import Driver, DriverError
from connections.drivers.simulator import SimulatorDriver

DRIVERS = {DriverName.SIMULATOR: SimulatorDriver}


def make_driver(name: str) -> Driver:
    """A fresh driver. Raises DriverError where this installation does not offer it."""
    if name not in settings.DRIVERS or name not in DRIVERS:
        raise DriverError("driver_not_offered", name, permanent=True)
    return DRIVERS[DriverName(name)]()


def offered() -> list[tuple[str, str]]:
    """(name, label) of what people may choose here."""
    return [(name, str(DriverName(name).label)) for name in settings.DRIVERS if name in DRIVERS]
