"""What people and sessions do to connections."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections import alerts
from connections.choices import FINAL_STATES, HOSTED_STATES, SendState, State, WaitsFor
from connections.drivers.registry import offered
from connections.leases import Lease, holder, lock
from connections.models import Connection, Outbound, Transition
from connections.serializers import connection_row
from connections.sessions import vault
from connections.uptime import RESTING
from connections.wire import Ready
from events import catalog
from events.recording import record
from sectors.models import Sector
from tenants.errors import DomainError
from tenants.rendering import timestamp

# Why a link ended that people ended themselves.
ASKED_FOR = frozenset(["asked_to_log_out", "asked_to_stop", "log_out_unconfirmed", "logging_out"])
# A shorter absence is bridged by what the gateway kept for us, and troubles nobody.
GAP_WORTH_TELLING = timedelta(minutes=2)


class ConnectionNameTaken(DomainError):
    code = "connection_name_taken"
    message = _("There is a connection with this name already.")


class DriverNotOffered(DomainError):
    code = "driver_not_offered"
    status = 400
    message = _("This installation does not offer this kind of connection.")


# --- people -----------------------------------------------------------------------------------


@transaction.atomic
def create_connection(*, name: str, driver: str, sector: Sector) -> Connection:
    if driver not in dict(offered()):
        raise DriverNotOffered
    connection = Connection(name=name, driver=driver, sector=sector)
    try:
        with transaction.atomic():
            connection.save(force_insert=True)
    except IntegrityError as taken:
        raise ConnectionNameTaken from taken
    connection.refresh_from_db(fields=["state_at"])
    record(catalog.ConnectionStateChanged(connection=connection_row(connection)))
    return connection


@transaction.atomic
def start_connection(connection: Connection) -> Connection:
    """Let it run; one that runs already begins afresh, with a new QR code where it needs one."""
    connection = _locked(connection)
    connection.should_run, connection.should_log_out = True, False
    connection.wish += 1
    connection.save(update_fields=["should_run", "should_log_out", "wish"])
    if connection.is_over or connection.state == State.CREATED:
        _change_state(connection, State.STARTING, reason="asked_to_start")
    record(catalog.ConnectionRunChanged(connection_id=str(connection.id)))
    return connection


@transaction.atomic
def stop_connection(connection: Connection) -> Connection:
    """Let it rest, still linked. Starting it again needs no QR code."""
    connection = _locked(connection)
    connection.should_run = False
    connection.save(update_fields=["should_run"])
    if not holder(connection.id) and connection.state != State.STOPPED:
        _change_state(connection, State.STOPPED, reason="asked_to_stop")
    record(catalog.ConnectionRunChanged(connection_id=str(connection.id)))
    return connection


@transaction.atomic
def log_out_connection(connection: Connection) -> Connection:
    """Unlink from the phone; the next start needs a new QR code.

    Only a session can tell WhatsApp. Where none is running, one connects for nothing else.
    """
    connection = _locked(connection)
    is_hosted = bool(holder(connection.id))
    if is_hosted or vault.holds(connection):
        connection.should_log_out = True
        connection.save(update_fields=["should_log_out"])
        _change_state(connection, connection.state if is_hosted else State.STARTING, reason="logging_out")
        record(catalog.ConnectionRunChanged(connection_id=str(connection.id)))
    else:
        forget_link(connection, reason="asked_to_log_out")
    return connection


def _locked(connection: Connection) -> Connection:
    """In two steps: what a locking query joins is as old as its wait for the lock."""
    Connection.objects.select_for_update(no_key=True).get(id=connection.id)
    fresh: Connection = Connection.objects.select_related("sector").get(id=connection.id)
    return fresh


# --- sessions ---------------------------------------------------------------------------------


@transaction.atomic
def report_state(
    lease: Lease, to: str, *, reason: str = "", detail: str = "", wish: int | None = None
) -> Connection:
    """A session says what it is doing. Raises LeaseLost when it is not its connection any more.

    `wish` is the one the session was started for: its end does not undo a start that was asked for since.
    """
    connection = lock(lease)
    if to == State.LOGGED_OUT:
        return forget_link(connection, reason=reason, lease=lease)
    if to in FINAL_STATES and connection.should_log_out:
        # It was to be unlinked and cannot be reached any more; the phone may still list us.
        return forget_link(connection, reason="log_out_unconfirmed", lease=lease)
    if to in FINAL_STATES and wish in (None, connection.wish):
        connection.should_run = False
        connection.save(update_fields=["should_run"])
    return _change_state(connection, to, reason=reason, detail=detail, lease=lease)


@transaction.atomic
def report_ready(lease: Lease, ready: Ready) -> datetime | None:
    """Up. Answers since when it was down, where it was up before under this link."""
    connection = lock(lease)
    down_since, was_alerted = connection.down_since, connection.alerted_at is not None
    connection.phone = ready.phone[:20]
    connection.profile_name = ready.profile_name[:80]
    connection.linked_at = connection.linked_at or timezone.now()
    connection.degraded_by, connection.alerted_at = "", None
    connection.save(update_fields=["phone", "profile_name", "linked_at", "degraded_by", "alerted_at"])
    connection = _change_state(connection, State.CONNECTED, reason="", lease=lease)
    if down_since is not None:
        _tell_rejoined(connection, down_since, was_alerted=was_alerted)
    return down_since


def _tell_rejoined(connection: Connection, since: datetime, *, was_alerted: bool) -> None:
    if was_alerted:
        row = connection_row(connection)
        record(catalog.ConnectionRecovered(connection=row, since=timestamp(since)))
    if timezone.now() - since > GAP_WORTH_TELLING:
        times = {"since": timestamp(since), "until": timestamp(timezone.now())}
        record(catalog.ConnectionRejoined(connection_id=str(connection.id), **times))


@transaction.atomic
def report_health(lease: Lease, *, degraded_by: str) -> None:
    """Connected, and something is wrong with it; empty: well again."""
    connection = lock(lease)
    if connection.degraded_by != degraded_by:
        connection.degraded_by = degraded_by[:40]
        connection.version += 1
        connection.save(update_fields=["degraded_by", "version"])
        record(catalog.ConnectionStateChanged(connection=connection_row(connection)))


@transaction.atomic
def report_restriction(lease: Lease, *, until: datetime | None) -> None:
    """WhatsApp lets it begin no chats until then; None lifts it, and what waited for that is due."""
    connection = lock(lease)
    if connection.restricted_until != until:
        connection.restricted_until = until
        connection.version += 1
        connection.save(update_fields=["restricted_until", "version"])
        waiting = Outbound.objects.filter(connection=connection, waits_for=WaitsFor.RESTRICTION)
        waiting.filter(state=SendState.QUEUED).update(not_before=until or Now())
        record(catalog.ConnectionStateChanged(connection=connection_row(connection)))


def note_use(lease: Lease, *, memory_bytes: int | None) -> None:
    """What its link costs; told to those who look, not to everybody at once."""
    held = Connection.objects.held_by(lease.worker, lease.epoch).filter(id=lease.connection_id)
    held.update(memory_bytes=memory_bytes)


@transaction.atomic
def raise_alert(connection: Connection) -> bool:
    """Tell those who manage it that it is down; once for each time. False where that is not so any more."""
    connection = _locked(connection)
    since = connection.down_since
    is_overdue = alerts.is_overdue(since, connection.alert_minutes, timezone.now())
    if since is None or connection.alerted_at is not None or not is_overdue:
        return False
    connection.alerted_at = timezone.now()
    connection.save(update_fields=["alerted_at"])
    record(catalog.ConnectionDown(connection=connection_row(connection), since=timestamp(since)))
    return True


@transaction.atomic
def report_unhosted(connection: Connection) -> bool:
    """Nobody hosts a connection that should be up: its worker died and no other is there. Say so; the
    next worker that takes it brings it back. False when somebody does host it after all."""
    connection = _locked(connection)
    if holder(connection.id) or connection.state not in HOSTED_STATES:
        return False
    _change_state(connection, State.RECONNECTING, reason="no_host")
    return True


@transaction.atomic
def keep_credentials(lease: Lease, credentials: bytes) -> None:
    vault.keep(lock(lease), credentials)


def forget_link(connection: Connection, *, reason: str, lease: Lease | None = None) -> Connection:
    """Not linked any more, whoever ended it: nothing left to come back with."""
    vault.forget(connection)
    connection.should_run = connection.should_log_out = False
    connection.restricted_until = None
    if reason in ASKED_FOR:
        connection.linked_at = None
    connection.save(update_fields=["should_run", "should_log_out", "restricted_until", "linked_at"])
    return _change_state(connection, State.LOGGED_OUT, reason=reason, lease=lease)


def _change_state(
    connection: Connection,
    to: str,
    *,
    reason: str,
    detail: str = "",
    lease: Lease | None = None,
) -> Connection:
    """Move a locked connection to a state, write the transition, tell."""
    before = connection.state
    connection.state, connection.reason, connection.detail = to, reason[:40], detail[:300]
    connection.version += 1
    if before != to:
        connection.state_at = Now()
    connection.down_since = _down_since(connection)
    if to != State.CONNECTED:
        connection.degraded_by = ""
    columns = ["state", "reason", "detail", "version", "state_at", "down_since", "degraded_by"]
    connection.save(update_fields=columns)
    connection.refresh_from_db(fields=["state_at", "down_since"])
    if before != to:
        Transition.objects.create(
            connection=connection,
            from_state=before,
            to_state=to,
            reason=connection.reason,
            detail=connection.detail,
            worker=lease.worker if lease else "",
            epoch=lease.epoch if lease else connection.lease_epoch,
        )
    record(catalog.ConnectionStateChanged(connection=connection_row(connection)))
    return connection


def _down_since(connection: Connection) -> Any:
    """Since when it is not connected, though people rely on it: it was linked, and is not meant to rest."""
    is_resting = connection.state in RESTING or connection.reason in ASKED_FOR
    if connection.state == State.CONNECTED or is_resting or connection.linked_at is None:
        return None
    return connection.down_since or Now()
