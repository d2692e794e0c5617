"""Celery entry points of the product."""

from celery import current_app, shared_task

from events.models import Event
from tenants.doors import TenantTask
from tickets import intake, sending


@shared_task(base=TenantTask)
def take_in(event_id: int) -> None:
    fact = Event.objects.get(id=event_id).payload
    intake.drain(fact["connection_id"], fact["chat"])


@shared_task(base=TenantTask)
def take_in_chat(connection_id: str, chat: str) -> None:
    intake.drain(connection_id, chat)


@shared_task
def take_in_late() -> None:
    for left_behind in intake.chats_left_behind():
        current_app.signature("tickets.tasks.take_in_chat", args=left_behind).apply_async()


@shared_task(base=TenantTask)
def settle_send(event_id: int) -> None:
    sending.settle_send(Event.objects.get(id=event_id).payload["outbound_id"])
