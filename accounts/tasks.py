"""Celery entry points of accounts."""

from celery import shared_task

from accounts.invitations import send_invitation_mail
from accounts.models import Invitation
from events.catalog import MemberInvited
from events.reacting import Reaction


@shared_task(base=Reaction)
def send_invitation(fact: MemberInvited) -> None:
    for invitation in Invitation.objects.filter(id=fact.invitation_id, accepted_at=None):
        send_invitation_mail(invitation)
