"""Which drivers this installation offers, by name, and what each wants to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from connections.choices import Driver as DriverName
from connections.drivers.base import Berth, Driver, DriverError
from connections.drivers.cloud.driver import CloudDriver
from connections.drivers.evolution.driver import EvolutionDriver
from connections.drivers.fields import Field, read, split
from connections.drivers.simulator import SimulatorDriver

DRIVERS: dict[str, type[Driver]] = {
    DriverName.SIMULATOR: SimulatorDriver,
    DriverName.EVOLUTION: EvolutionDriver,
    DriverName.CLOUD: CloudDriver,
}


def make_driver(name: str, berth: Berth) -> Driver:
    """A fresh driver. Raises DriverError where this installation does not offer it."""
    return driver_class(name)(berth)


def driver_class(name: str) -> type[Driver]:
    if name not in settings.DRIVERS or name not in DRIVERS:
        raise DriverError("driver_not_offered", name, permanent=True)
    return DRIVERS[DriverName(name)]


def fields_of(name: str) -> tuple[Field, ...]:
    """What a connection of this kind has to tell."""
    return driver_class(name).fields


def notice_of(name: str) -> str:
    """What those who make such a connection must be shown; empty: nothing."""
    return str(driver_class(name).notice)


def check_settings(name: str, given: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """What people gave for a connection of this kind, as (settings, secrets) to keep.

    Raises WrongSettings, by field. A secret that is to stay as it is has to be among what is given.
    """
    fields = fields_of(name)
    return split(fields, read(fields, given))


def offered() -> list[tuple[str, str]]:
    """(name, label) of what people may choose here."""
    return [(name, str(DriverName(name).label)) for name in settings.DRIVERS if name in DRIVERS]
