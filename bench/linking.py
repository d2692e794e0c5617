"""A connection brought up without a person: its session comes back with a token, as after a restart."""

from __future__ import annotations

import json
import time
from uuid import UUID

from connections import actions
from connections.choices import State
from connections.models import Connection
from connections.sessions import vault
from deploy.local.console import Trouble
from tenants import scope
from tenants.models import Tenant

CONNECTED_WITHIN_SECONDS = 30.0
POLL_SECONDS = 0.1


def bring_up(tenant: Tenant, connection: Connection, token: str) -> None:
    """Let a session come back with this token, and wait until it is connected."""
    with scope.working_for(tenant):
        vault.keep(connection, json.dumps({"token": token}).encode())
        actions.start_connection(connection)
    until = time.monotonic() + CONNECTED_WITHIN_SECONDS
    while not _is_connected(tenant, connection.id):
        if time.monotonic() > until:
            raise Trouble("The session did not connect to the pretend network.")
        time.sleep(POLL_SECONDS)


def _is_connected(tenant: Tenant, connection_id: UUID) -> bool:
    with scope.working_for(tenant):
        return bool(Connection.objects.filter(id=connection_id, state=State.CONNECTED).exists())
