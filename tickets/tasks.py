"""Celery entry points of the product."""

from celery import current_app, shared_task

from events.catalog import HappeningStored, SendSettled
from events.reacting import Reaction
from tenants.doors import TenantTask
from tickets import intake, sending


@shared_task(base=Reaction)
def take_in(fact: HappeningStored) -> None:
    intake.drain(fact.connection_id, fact.chat)


@shared_task(base=TenantTask)
def take_in_chat(connection_id: str, chat: str) -> None:
    intake.drain(connection_id, chat)


@shared_task
def take_in_late() -> None:
    for left_behind in intake.chats_left_behind():
        current_app.signature("tickets.tasks.take_in_chat", args=left_behind).apply_async()


@shared_task(base=Reaction)
def settle_send(fact: SendSettled) -> None:
    sending.settle_send(fact.outbound_id)
