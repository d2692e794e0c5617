"""Celery entry points of the event log."""

from celery import shared_task

from events import relay


@shared_task
def relay_late() -> None:
    relay.relay_late()


@shared_task
def react_late() -> None:
    relay.react_late()


@shared_task
def prune() -> None:
    relay.prune()
