"""Celery entry points of connections, run by the workers that host sessions."""

from uuid import UUID

from celery import shared_task

from connections import health
from connections.leases import holder
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
    """People want something else of a connection: tell the pool that holds it, else this one takes it."""
    connection_id = Event.objects.get(id=event_id).payload["connection_id"]
    pool = hosted()
    if pool is not None and (pool.hosts(UUID(connection_id)) or not holder(connection_id)):
        pool.look_around()
    else:
        nudge(connection_id, "look_around")


@shared_task
def notice_unhosted() -> None:
    health.notice_unhosted()
