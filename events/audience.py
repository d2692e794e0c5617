"""Who hears what: the names of the groups live frames go to. Spelled here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

Id = UUID | str


def everyone(tenant_id: Id) -> str:
    return f"t.{tenant_id}.everyone"


def overseers(tenant_id: Id) -> str:
    """Members who see every ticket."""
    return f"t.{tenant_id}.overseers"


def member(tenant_id: Id, member_id: Id) -> str:
    return f"t.{tenant_id}.member.{member_id}"


def sector(tenant_id: Id, sector_id: Id) -> str:
    return f"t.{tenant_id}.sector.{sector_id}"


def ticket(tenant_id: Id, ticket_id: Id) -> str:
    """Consoles that have this ticket open."""
    return f"t.{tenant_id}.ticket.{ticket_id}"


def chat(tenant_id: Id, connection_id: Id, chat: str) -> str:
    """Consoles that have a ticket of this WhatsApp chat open; `connections` knows no tickets."""
    return f"t.{tenant_id}.chat.{connection_id}.{chat}"


def connection(tenant_id: Id, connection_id: Id) -> str:
    """Members who manage this connection and are looking at it: they may see its QR code."""
    return f"t.{tenant_id}.connection.{connection_id}"


def connection_keepers(tenant_id: Id) -> str:
    """Members who may manage connections."""
    return f"t.{tenant_id}.keepers"


def of_ticket(tenant_id: Id, standing: dict[str, Any]) -> set[str]:
    """Groups that may see a ticket's row: `standing` has status, sector_id and assignee_id.

    The same rule as `tickets.models.TicketQuerySet.visible_to`, told as groups.
    """
    groups = {overseers(tenant_id)}
    if standing["assignee_id"]:
        groups.add(member(tenant_id, standing["assignee_id"]))
    if standing["status"] == "waiting" and standing["sector_id"]:
        groups.add(sector(tenant_id, standing["sector_id"]))
    return groups


@dataclass(frozen=True)
class Frame:
    """What some consoles hear. Of several frames of one event a console gets the first it may hear.

    `among`: of those in `groups`, only who is in one of these as well; empty means everybody.
    `leave` names groups those consoles are taken out of: they may not hear more of them. That was decided by
    how `subject` stood at `version`; a hub that has seen a newer version takes nobody out.
    """

    groups: frozenset[str]
    kind: str
    data: dict[str, Any]
    leave: frozenset[str] = field(default=frozenset())
    among: frozenset[str] = field(default=frozenset())
    subject: str = ""
    version: int = 0


def frame(
    groups: Iterable[str],
    kind: str,
    data: dict[str, Any],
    leave: Iterable[str] = (),
    *,
    among: Iterable[str] = (),
    subject: str = "",
    version: int = 0,
) -> Frame:
    return Frame(frozenset(groups), kind, data, frozenset(leave), frozenset(among), subject, version)
