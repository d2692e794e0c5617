"""Celery entry points of connections. What asks `hosted()` runs in the workers that host sessions."""

from collections.abc import Callable
from uuid import UUID

from celery import current_app, shared_task

from accounts.errands import Errand
from connections import actions, alerts, leases, pruning, traffic, upkeep, workers
from connections.alert_mail import write_alert, write_recovery
from connections.models import Connection
from connections.nudges import nudge
from connections.sessions.pool import hosted
from events.catalog import ConnectionDown, ConnectionRecovered, ConnectionRemoved
from events.models import Event
from events.reacting import Reaction
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
        current_app.signature("connections.tasks.report_unhosted", args=lapsed).apply_async()


@shared_task(base=TenantTask)
def report_unhosted(connection_id: str) -> None:
    actions.report_unhosted(Connection.objects.get(id=connection_id))


@shared_task
def notice_down() -> None:
    for overdue in alerts.overdue():
        current_app.signature("connections.tasks.raise_alert", args=overdue).apply_async()


@shared_task(base=TenantTask)
def raise_alert(connection_id: str) -> None:
    actions.raise_alert(Connection.objects.get(id=connection_id))


@shared_task(base=Errand)
def mail_alert(fact: ConnectionDown) -> Callable[[], object] | None:
    return write_alert(fact).send


@shared_task(base=Errand)
def mail_recovery(fact: ConnectionRecovered) -> Callable[[], object] | None:
    return write_recovery(fact).send


@shared_task(base=Reaction)
def discard_profile(fact: ConnectionRemoved) -> None:
    upkeep.discard_profile(UUID(fact.connection_id))


@shared_task
def count_traffic() -> None:
    traffic.count_recent()


@shared_task
def prune() -> None:
    workers.forget_absent()
    pruning.prune()
