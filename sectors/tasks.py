"""Celery entry points of sectors."""

from celery import shared_task
from django.utils.translation import gettext as _

from accounts.models import Membership
from events.models import Event
from sectors import actions
from tenants.doors import TenantTask


@shared_task(base=TenantTask)
def give_first_sector(event_id: int) -> None:
    fact = Event.objects.get(id=event_id).payload
    actions.give_first_sector(Membership.objects.get(id=fact["owner_id"]), name=_("Front desk"))


@shared_task(base=TenantTask)
def seat_newcomer(event_id: int) -> None:
    fact = Event.objects.get(id=event_id).payload
    actions.seat_member(Membership.objects.get(id=fact["member"]["id"]), fact["sector_ids"])
