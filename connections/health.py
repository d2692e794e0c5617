"""What a connection's page says must be true, also of connections whose worker cannot say it any more."""

from __future__ import annotations

import structlog

from connections.actions import report_unhosted
from connections.choices import HOSTED_STATES
from connections.models import Connection
from tenants import scope

log = structlog.get_logger(__name__)


def notice_unhosted() -> int:
    """Tell people about connections that look alive and that no worker holds; how many there were."""
    with scope.across_tenants(reason="the sweep serves every tenant"):
        unheld = Connection.objects.unheld().filter(state__in=HOSTED_STATES).select_related("tenant")
        found = list(unheld)
    noticed = 0
    for connection in found:
        with scope.working_for(connection.tenant):
            noticed += report_unhosted(connection)
    if noticed:
        log.warning("connections without a worker", count=noticed)
    return noticed
