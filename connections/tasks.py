"""Celery entry points of connections, run by the workers that host sessions."""

from uuid import UUID

from celery import current_app, shared_task

from connections import actions, leases, pruning
from connections.models import Connection
from connections.nudges import nudge
from connections.sessions.pool import hosted
from events.models import Event
from tenants.doors import TenantTask


@shared_task(base=TenantTask)
def wake_session(event_id: int) -> None:
    connection_id = Event.objects.get(id=event_id).payload["connection_id"]
    if (pool := hosted()) is not None and pool.hosts(UUID(connection_id)):
        pool.tell(UUID(connection_id), "wake")
    else:
        nudge(connection_id, "wake")


@shared_task(base=TenantTask)
def tell_session(connection_id: str, what: str, *args: str) -> None:
    if (pool := hosted()) is not None:
        pool.tell(UUID(connection_id), what, *args)


@shared_task(base=TenantTask)
def wake_host(event_id: int) -> None:
    connection_id = Event.objects.get(id=event_id).payload["connection_id"]
    if (pool := hosted()) is not None and leases.holder(connection_id) in ("", pool.worker):
        pool.look_around()
    else:
        nudge(connection_id, "look_around")


@shared_task
def notice_unhosted() -> None:
    for lapsed in leases.lapsed():
        current_app.signature("connections.tasks.report_unhosted", args=lapsed).apply_async(queue="default")


@shared_task(base=TenantTask)
def report_unhosted(connection_id: str) -> None:
    actions.report_unhosted(Connection.objects.get(id=connection_id))


@shared_task
def prune() -> None:
    pruning.prune()
