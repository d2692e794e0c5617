"""Celery entry points of accounts."""

from collections.abc import Callable

from celery import shared_task
from django.core.management import call_command

from accounts.errands import Errand
from accounts.invitations import write_invitation_mail
from accounts.models import Invitation
from events.catalog import MemberInvited


@shared_task(base=Errand)
def send_invitation(fact: MemberInvited) -> Callable[[], object] | None:
    still_open = Invitation.objects.select_for_update().filter(id=fact.invitation_id, accepted_at=None)
    invitation = still_open.first()
    return write_invitation_mail(invitation).send if invitation else None


@shared_task
def forget_sign_ins() -> None:
    call_command("clearsessions")
    call_command("flushexpiredtokens")
