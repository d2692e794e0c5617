"""Celery entry points of accounts."""

from celery import shared_task

from accounts.invitations import send_invitation_mail
from accounts.models import Invitation
from events.models import Event
from tenants.doors import TenantTask


@shared_task(base=TenantTask)
def send_invitation(event_id: int) -> None:
    fact = Event.objects.get(id=event_id).payload
    for invitation in Invitation.objects.filter(id=fact["invitation_id"], accepted_at=None):
        send_invitation_mail(invitation)
