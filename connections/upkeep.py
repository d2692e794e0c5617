"""What people do to connections besides running them: settings, order, consent, another kind, removal.

`by` is the member who does it; None is the installation itself: its operators.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.serializers import person
from connections import actions
from connections.actions import ConnectionNameTaken, DriverNotOffered
from connections.choices import State
from connections.drivers.base import Can, Driver, DriverError
from connections.drivers.fields import WrongSettings, read, split
from connections.drivers.registry import driver_class, offered
from connections.leases import holder
from connections.models import Connection, ProfileArchive, SealedSettings
from connections.pacing import CAREFUL, USUAL, Pacing
from connections.serializers import connection_row
from connections.sessions import vault
from events import catalog
from events.recording import record
from sectors.models import Sector
from tenants import scope
from tenants.errors import DomainError

SET_UP = [
    "name",
    "sector",
    "history_days",
    "alert_minutes",
    "pacing",
    "pairing_phone",
    "driver",
    "driver_settings",
    "degraded_by",
    "wish",
    "version",
]
PHONE = re.compile(r"\+[1-9][0-9]{7,14}")


class StillRunning(DomainError):
    code = "connection_running"
    message = _("Stop the connection first.")


class HasOpenTickets(DomainError):
    code = "connection_has_open_tickets"
    message = _("Customers are still being attended to on this number: close or move their tickets first.")


class NameDiffers(DomainError):
    code = "name_differs"
    status = 400
    message = _("That is not the connection's name.")


class UnknownConnection(DomainError):
    code = "unknown_connection"
    status = 400
    message = _("One of these connections does not exist.")


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is to be different; None leaves a thing as it is. `secrets`: an empty one is forgotten."""

    name: str | None = None
    sector: Sector | None = None
    history_days: int | None = None
    alert_minutes: int | None = None
    pacing: Mapping[str, Any] | None = None
    pairing_phone: str | None = None
    driver_settings: Mapping[str, Any] | None = None
    secrets: Mapping[str, str] | None = None


@transaction.atomic
def set_up(connection: Connection, change: Change) -> Connection:
    """Change its settings. What its driver was given anew begins with a fresh link, where one runs."""
    connection = _locked(connection)
    for name in ("name", "sector", "history_days", "alert_minutes"):
        value = getattr(change, name)
        setattr(connection, name, getattr(connection, name) if value is None else value)
    if change.pacing is not None:
        connection.pacing = checked_pacing(connection.driver, change.pacing)
    if change.pairing_phone is not None:
        connection.pairing_phone = checked_phone(change.pairing_phone)
    if change.driver_settings is not None or change.secrets is not None:
        _give_driver(connection, change.driver_settings, change.secrets or {})
    _save(connection)
    record(catalog.ConnectionStateChanged(connection=connection_row(connection)))
    return connection


def _give_driver(connection: Connection, plain: Mapping[str, Any] | None, secrets: Mapping[str, str]) -> None:
    """What is left out stays; a setting that is null is forgotten."""
    if not plain and not secrets:
        return
    kept = {**vault.settings_of(connection), **secrets}
    given = {**connection.driver_settings, **(plain or {})}
    given = {name: value for name, value in given.items() if value is not None}
    values, sealed = checked_settings(connection.driver, given, kept)
    # What a driver keeps there for itself (it asks nobody for it) stays.
    own = {name: value for name, value in kept.items() if name not in _names(connection.driver)}
    if (values, {**own, **sealed}) == (connection.driver_settings, kept):
        return
    connection.driver_settings = values
    vault.keep_settings(connection, {**own, **sealed})
    if connection.should_run:
        connection.wish += 1
        record(catalog.ConnectionRunChanged(connection_id=str(connection.id)))


def _save(connection: Connection) -> None:
    connection.version += 1
    try:
        with transaction.atomic():
            connection.save(update_fields=SET_UP)
    except IntegrityError as taken:
        raise ConnectionNameTaken from taken


# --- what can be checked beforehand -----------------------------------------------------------


def driver_of(name: str) -> type[Driver]:
    """The driver called so; where this installation does not offer it any more, one that can and asks
    nothing: what is there can still be looked at, renamed and removed."""
    try:
        return driver_class(name)
    except DriverError:
        return Driver


def checked_settings(
    driver: str, given: Mapping[str, Any], secrets: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """(what stands in a column, what is sealed) for this kind. Raises WrongSettings."""
    found = driver_of(driver)
    values = read(found.fields, {**given, **secrets})
    plain, sealed = split(found.fields, values)
    try:
        tuned = found.tuned({name: value for name, value in given.items() if name not in values})
    except DriverError as refused:
        raise WrongSettings(None, driver_settings=[str(refused)]) from refused
    return {**plain, **tuned}, {name: value for name, value in sealed.items() if value}


def _names(driver: str) -> set[str]:
    return {field.name for field in driver_of(driver).fields}


def checked_pacing(driver: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """As it is kept: only what was given. Raises WrongSettings."""
    try:
        stored = Pacing.parse(given, USUAL.get(driver, CAREFUL)).stored()
    except ValueError as wrong:
        raise WrongSettings(None, **{str(wrong): [str(_("This is not possible here."))]}) from wrong
    return {name: value for name, value in stored.items() if name in given}


def checked_phone(phone: str) -> str:
    """ "+55 (11) 98765-4321" becomes "+5511987654321"; empty stays. Raises WrongSettings."""
    digits = re.sub(r"[\s().-]", "", phone)
    if digits and not PHONE.fullmatch(digits):
        raise WrongSettings(
            None, pairing_phone=[str(_("Write it with country and area code: +55 11 98765-4321."))]
        )
    return digits


# --- order and consent ------------------------------------------------------------------------


@transaction.atomic
def put_in_order(ids: Sequence[UUID]) -> None:
    """These first, as given; the others behind them, as they were. Tells of those that moved."""
    rows = Connection.objects.kept().select_for_update(no_key=True).order_by("position", "name")
    known = {connection.id: connection for connection in rows}
    if not known.keys() >= set(ids):
        raise UnknownConnection
    for position, connection_id in enumerate(dict.fromkeys([*ids, *known])):
        connection = known[connection_id]
        if connection.position != position:
            connection.position, connection.version = position, connection.version + 1
            connection.save(update_fields=["position", "version"])
            record(catalog.ConnectionStateChanged(connection=connection_row(connection)))


@transaction.atomic
def consent(connection: Connection, *, by: Membership) -> Connection:
    """A member read what an unofficial link is, and wants it. Who and when is kept."""
    connection = _locked(connection)
    connection.consented_by, connection.consented_at = by, timezone.now()
    connection.save(update_fields=["consented_by", "consented_at"])
    record(catalog.ConnectionConsented(connection_id=str(connection.id), by=person(by)))
    return connection


# --- bringing back, changing the kind, removing -----------------------------------------------


@transaction.atomic
def restore_connections(*, with_stopped: bool = False) -> list[Connection]:
    """Start everything that was linked and does not run: what failed or was stopped, but not what people
    stopped on purpose, unless asked. What needs a new QR code is left alone."""
    down = (
        Connection.objects.kept()
        .exclude(linked_at=None)
        .filter(state__in=[State.FAILED, State.STOPPED], should_run=False)
    )
    if not with_stopped:
        down = down.exclude(state=State.STOPPED, reason="asked_to_stop")
    return [actions.start_connection(connection) for connection in down.order_by("position", "name")]


@transaction.atomic
def switch_driver(
    connection: Connection,
    *,
    driver: str,
    driver_settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    by: Membership | None = None,
) -> Connection:
    """Another kind of link for the same number: contacts and tickets stay, the old link is forgotten."""
    if driver not in dict(offered()):
        raise DriverNotOffered
    connection = _locked(connection)
    _refuse_running(connection)
    plain, sealed = checked_settings(driver, driver_settings, secrets)
    was, connection.driver = connection.driver, driver
    connection.driver_settings, connection.pacing, connection.degraded_by = plain, {}, ""
    if Can.PAIRING_CODE not in driver_of(driver).can:
        connection.pairing_phone = ""
    _save(connection)
    vault.keep_settings(connection, sealed)
    record(
        catalog.ConnectionDriverSwitched(
            connection_id=str(connection.id), was=was, driver=driver, by=person(by)
        )
    )
    return _forget_link(connection)


@transaction.atomic
def remove_connection(connection: Connection, *, name: str, by: Membership | None = None) -> None:
    """For good where nothing hangs on it; else out of every list, with its tickets and messages kept and
    its name free again. `name` is typed by whoever means it."""
    connection = _locked(connection)
    if name.strip() != connection.name:
        raise NameDiffers
    _refuse_running(connection)
    if import_string(settings.HAS_OPEN_TICKETS)(connection.id):
        raise HasOpenTickets
    fact = catalog.ConnectionRemoved(connection_id=str(connection.id), name=connection.name, by=person(by))
    try:
        with transaction.atomic():
            connection.delete()
    except ProtectedError:
        connection = _forget_link(connection)
        connection.is_archived = True
        connection.save(update_fields=["is_archived"])
        connection.invitations.filter(ended_at=None).update(ended_at=timezone.now())
        SealedSettings.objects.filter(connection=connection).delete()
    record(fact)


def discard_profile(connection_id: UUID) -> None:
    """What a removed number's browser left on this machine, and its copies."""
    # Imported here: it brings along what drives browsers, which most processes never need.
    from connections.drivers.browser.archives import discard

    ProfileArchive.objects.filter(connection_id=connection_id).delete()
    discard(scope.current().id, connection_id)


def _forget_link(connection: Connection) -> Connection:
    reason = "log_out_unconfirmed" if vault.holds(connection) else "asked_to_log_out"
    return actions.forget_link(connection, reason=reason)


def _refuse_running(connection: Connection) -> None:
    if holder(connection.id) or connection.should_run:
        raise StillRunning


def _locked(connection: Connection) -> Connection:
    """In two steps: what a locking query joins is as old as its wait for the lock."""
    Connection.objects.select_for_update(no_key=True).get(id=connection.id)
    fresh: Connection = Connection.objects.select_related("sector").get(id=connection.id)
    return fresh
