"""Links for whoever holds the phone, far away and without an account: made, agreed to, ended.

The address holds a token; only its hash is kept. A link ends when the number is linked, when somebody
revokes it, and after half an hour.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, digest
from accounts.serializers import person
from connections import actions
from connections.choices import State
from connections.models import Connection, LinkInvitation, Transition
from events import catalog
from events.recording import record
from tenants.errors import DomainError

LASTS = timedelta(minutes=30)
# Once one of these was reached, the phone has done its part.
LINKED = (State.SYNCING, State.CONNECTED)
BEGUN_ANEW = (State.CREATED, State.FAILED, State.LOGGED_OUT)


class LinkedAlready(DomainError):
    code = "connection_linked"
    message = _("This number is linked already.")


@transaction.atomic
def offer_link(connection: Connection, *, by: Membership) -> tuple[LinkInvitation, str]:
    """A link, and the token of its address, which is told here and never again. Earlier ones end."""
    Connection.objects.select_for_update(no_key=True).get(id=connection.id)
    if Connection.objects.get(id=connection.id).state in LINKED:
        raise LinkedAlready
    for earlier in open_links(connection):
        _end(earlier, "revoked", by=by)
    token = secrets.token_urlsafe(32)
    link: LinkInvitation = LinkInvitation.objects.create(
        connection=connection, made_by=by, token_hash=digest(token), expires_at=timezone.now() + LASTS
    )
    record(catalog.LinkOffered(**_ids(link), by=person(by)))
    return link, token


@transaction.atomic
def revoke_link(link: LinkInvitation, *, by: Membership | None = None) -> None:
    """It opens nothing any more, whoever has it open."""
    locked = _locked(link)
    if locked.ended_at is None:
        _end(locked, "revoked", by=by)


@transaction.atomic
def agree(link: LinkInvitation) -> LinkInvitation:
    """Whoever holds the phone read what it is about, and wants it. A number whose codes have run out, or that
    nobody started, begins anew: its keeper is not there to do it. What was stopped on purpose is not."""
    link = _locked(link)
    if link.agreed_at is None:
        link.agreed_at = timezone.now()
        link.save(update_fields=["agreed_at"])
        record(catalog.LinkAgreed(**_ids(link)))
    connection = Connection.objects.get(id=link.connection_id)
    if connection.state in BEGUN_ANEW:
        actions.start_connection(connection)
    return link


def open_links(connection: Connection) -> list[LinkInvitation]:
    """Those of a connection that still open something; what is over is ended on the way."""
    rows = LinkInvitation.objects.filter(connection=connection, ended_at=None).order_by("-made_at")
    return [link for link in rows.select_related("made_by__user") if is_open(link)]


def is_open(link: LinkInvitation) -> bool:
    """Whether it opens something now. One whose time has come ends here, and says why."""
    if link.ended_at is not None:
        return False
    why = _why_over(link, timezone.now())
    if why:
        with transaction.atomic():
            locked = _locked(link)
            if locked.ended_at is None:
                _end(locked, why)
        link.ended_at, link.ended_why = locked.ended_at, locked.ended_why
    return not why


def _why_over(link: LinkInvitation, now: datetime) -> str:
    linked = Transition.objects.filter(
        connection_id=link.connection_id, to_state__in=LINKED, at__gte=link.made_at
    )
    if linked.exists():
        return "linked"
    return "expired" if link.expires_at <= now else ""


def _locked(link: LinkInvitation) -> LinkInvitation:
    found: LinkInvitation = LinkInvitation.objects.select_for_update(no_key=True).get(id=link.id)
    return found


def _end(link: LinkInvitation, why: str, *, by: Membership | None = None) -> None:
    link.ended_at, link.ended_why = timezone.now(), why
    link.save(update_fields=["ended_at", "ended_why"])
    record(catalog.LinkEnded(**_ids(link), why=why, by=person(by)))


def _ids(link: LinkInvitation) -> dict[str, Any]:
    return {"connection_id": str(link.connection_id), "link_id": str(link.id)}
