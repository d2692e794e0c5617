"""Celery entry points of the product."""

from celery import current_app, shared_task

from events.catalog import ConnectionRejoined, HappeningsStored, SendsSettled, SendWaits
from events.reacting import Reaction
from tenants.doors import TenantTask
from tickets import gaps, intake, pruning, sending


@shared_task(base=Reaction)
def take_in(fact: HappeningsStored) -> None:
    # In one order everywhere, so that those who hold one chat and wait for another never wait in a circle.
    for connection_id, chat in sorted(fact.chats):
        intake.drain(connection_id, chat)


@shared_task(base=TenantTask)
def take_in_chat(connection_id: str, chat: str) -> None:
    intake.drain(connection_id, chat)


@shared_task
def take_in_late() -> None:
    for left_behind in intake.chats_left_behind():
        current_app.signature("tickets.tasks.take_in_chat", args=left_behind).apply_async()


@shared_task(base=Reaction)
def settle_sends(fact: SendsSettled) -> None:
    sending.settle_sends(fact.outbound_ids)


@shared_task(base=Reaction)
def note_wait(fact: SendWaits) -> None:
    sending.note_wait(fact.outbound_id)


@shared_task(base=Reaction)
def mark_gap(fact: ConnectionRejoined) -> None:
    gaps.mark_gap(fact)


@shared_task
def prune_ticks() -> None:
    pruning.prune_ticks()


@shared_task
def sweep_files() -> None:
    for tenant_id in pruning.tenants_with_files():
        current_app.signature("tickets.tasks.sweep_files_of", args=[tenant_id]).apply_async()


@shared_task(base=TenantTask)
def sweep_files_of() -> None:
    pruning.sweep_files()
