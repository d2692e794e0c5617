"""Small requests to a running session: a Celery message straight to the worker that holds it.

They are worth nothing a few seconds later, so they expire; nothing depends on their arrival.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import current_app
from celery.utils.nodenames import worker_direct
from django.db import transaction

from connections.leases import holder
from tenants import scope

EXPIRES_SECONDS = 5.0


def nudge(connection_id: UUID | str, what: str, *args: Any) -> None:
    """Ask the session for `what` (one of `pool.REQUESTS`), if one is running."""
    owner = holder(connection_id)
    if owner:
        hostname = owner.rsplit("/", 1)[0]
        call = current_app.signature(
            "connections.tasks.tell_session", args=[str(scope.current().id), str(connection_id), what, *args]
        )

        def publish() -> None:
            call.apply_async(queue=worker_direct(hostname), expires=EXPIRES_SECONDS)

        # Robust: with the broker away a nudge is simply lost, and no transaction waits for it.
        transaction.on_commit(publish, robust=True)
