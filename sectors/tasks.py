"""Celery entry points of sectors."""

from celery import shared_task
from django.utils.translation import gettext as _

from accounts.models import Membership
from events.catalog import MemberJoined, TenantFounded
from events.reacting import Reaction
from sectors import actions


@shared_task(base=Reaction)
def give_first_sector(fact: TenantFounded) -> None:
    actions.give_first_sector(Membership.objects.get(id=fact.owner_id), name=_("Front desk"))


@shared_task(base=Reaction)
def seat_newcomer(fact: MemberJoined) -> None:
    actions.seat_member(Membership.objects.get(id=fact.member["id"]), fact.sector_ids)
