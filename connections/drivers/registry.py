"""Which drivers this installation offers, by name, and what each wants to know.

A driver is imported when it is first needed: what drives a browser is large, and most processes never do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from connections.choices import Driver as DriverName
from connections.drivers.base import Berth, Driver, DriverError
from connections.drivers.fields import Field

DRIVERS: dict[str, str | Callable[[Berth], Driver]] = {
    DriverName.BROWSER: "connections.drivers.browser.BrowserDriver",
    DriverName.EVOLUTION: "connections.drivers.evolution.driver.EvolutionDriver",
    DriverName.CLOUD: "connections.drivers.cloud.driver.CloudDriver",
    DriverName.SIMULATOR: "connections.drivers.simulator.SimulatorDriver",
}
_used: set[type[Driver]] = set()


def make_driver(name: str, berth: Berth) -> Driver:
    """A fresh driver. Raises DriverError where this installation does not offer it."""
    driver = driver_class(name)(berth)
    _used.add(type(driver))
    return driver


def driver_class(name: str) -> type[Driver]:
    if name not in settings.DRIVERS or name not in DRIVERS:
        raise DriverError("driver_not_offered", name, permanent=True)
    found = DRIVERS[name]
    return cast("type[Driver]", import_string(found) if isinstance(found, str) else found)


def fields_of(name: str) -> tuple[Field, ...]:
    """What a connection of this kind has to tell."""
    return driver_class(name).fields


def notice_of(name: str) -> str:
    """What those who make such a connection must be shown; empty: nothing."""
    return str(driver_class(name).notice)


def offered() -> list[tuple[str, str]]:
    """(name, label) of what people may choose here."""
    return [(name, str(DriverName(name).label)) for name in settings.DRIVERS if name in DRIVERS]


async def leave_worker() -> None:
    """The loop in which drivers were used ends: what they share in it ends as well."""
    for kind in _used:
        await kind.leave_worker()
