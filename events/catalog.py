"""Every kind of event: what it carries, who hears it live, whether programs may subscribe to it.

`docs/events.md` is made from this file (`manage.py describe_events`). Snapshots are whole and carry a
`version`; their shapes are the API's. A fact holds plain values only, so that it survives in a row.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Self, TypedDict

from events import audience
from events.audience import Frame, Id, frame

Snapshot = dict[str, Any]
KINDS: dict[str, type[Fact]] = {}


class At(TypedDict):
    """As of which version of a ticket a frame was addressed."""

    subject: str
    version: int


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Base of all facts."""

    kind: ClassVar[str] = ""
    public: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.kind:
            KINDS[cls.kind] = cls

    def payload(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Self:
        return cls(**payload)

    def frames(self, tenant_id: Id) -> list[Frame]:
        """What consoles hear. Nothing, unless the fact says so."""
        return []

    @classmethod
    def is_heard(cls) -> bool:
        """Whether consoles or programs may be told of it."""
        return cls.public or cls.frames is not Fact.frames


# --- tickets --------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class TicketFact(Fact):
    """Something changed where a ticket stands.

    ticket: the row after it; standing: {"status", "sector_id", "assignee_id"} after it;
    was: the same before it, or null for a new ticket; by: who did it, or null; entry: the line that
    the ticket's timeline got, for consoles that have it open.
    """

    ticket: Snapshot
    standing: Snapshot
    was: Snapshot | None = None
    by: Snapshot | None = None
    entry: Snapshot | None = None

    def frames(self, tenant_id: Id) -> list[Frame]:
        sees = audience.of_ticket(tenant_id, self.standing)
        saw = audience.of_ticket(tenant_id, self.was) if self.was else set()
        opened = audience.ticket(tenant_id, self.ticket["id"])
        typing = audience.chat(tenant_id, self.ticket["connection"]["id"], self.ticket["chat"])
        was = {"status": self.was["status"]} if self.was else None
        left = {key: self.ticket[key] for key in ("id", "version", "status", "assignee")}
        row = {"ticket": self.ticket, "was": was}
        gone = {"ticket": left, "was": was}
        at: At = {"subject": opened, "version": self.ticket["version"]}
        return [
            frame({opened}, self.kind, {**row, "message": self.entry}, among=sees, **at),
            frame(sees, self.kind, row, **at),
            frame({*saw - sees, opened}, "ticket.left", gone, {opened, typing}, **at),
        ]


@dataclass(frozen=True, kw_only=True)
class TicketOpened(TicketFact):
    """A customer's message opened a ticket in a sector's queue."""

    kind = "ticket.opened"
    public = True


@dataclass(frozen=True, kw_only=True)
class TicketTaken(TicketFact):
    """A member took a waiting ticket into service."""

    kind = "ticket.taken"
    public = True


@dataclass(frozen=True, kw_only=True)
class TicketTransferred(TicketFact):
    """A ticket went to another sector, or to a member of it."""

    kind = "ticket.transferred"
    public = True


@dataclass(frozen=True, kw_only=True)
class TicketReturned(TicketFact):
    """A ticket in service went back to its sector's queue."""

    kind = "ticket.returned"
    public = True


@dataclass(frozen=True, kw_only=True)
class TicketClosed(TicketFact):
    """A ticket was closed."""

    kind = "ticket.closed"
    public = True


@dataclass(frozen=True, kw_only=True)
class TicketReopened(TicketFact):
    """A closed ticket was opened again, by a member or by the customer."""

    kind = "ticket.reopened"
    public = True


@dataclass(frozen=True, kw_only=True)
class TicketRead(TicketFact):
    """Its member has read everything the customer wrote."""

    kind = "ticket.read"


# --- messages -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class MessageFact(Fact):
    """A message came or changed. `message` is heard by consoles that have the ticket open, the
    ticket's row by all that list it."""

    message: Snapshot
    ticket: Snapshot
    standing: Snapshot

    def frames(self, tenant_id: Id) -> list[Frame]:
        both = {"message": self.message, "ticket": self.ticket}
        sees = audience.of_ticket(tenant_id, self.standing)
        opened = audience.ticket(tenant_id, self.ticket["id"])
        at: At = {"subject": opened, "version": self.ticket["version"]}
        return [
            # Not to all who are in the ticket's group: one may have been left in it by mistake.
            frame({opened}, self.kind, both, among=sees, **at),
            frame(sees, self.kind, {"ticket": self.ticket}, **at),
        ]


@dataclass(frozen=True, kw_only=True)
class MessageReceived(MessageFact):
    """The customer wrote."""

    kind = "message.received"
    public = True


@dataclass(frozen=True, kw_only=True)
class MessageSent(MessageFact):
    """A message to the customer was accepted and queued, or written on the phone itself."""

    kind = "message.sent"
    public = True


@dataclass(frozen=True, kw_only=True)
class MessageChanged(MessageFact):
    """Ticks, a reaction, an edit, a deletion, or media that finished loading."""

    kind = "message.changed"
    public = True


# --- connections ----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ConnectionStateChanged(Fact):
    """A connection's state, number or name changed. Reason and detail reach its keepers only."""

    kind = "connection.state_changed"
    public = True
    connection: Snapshot

    def frames(self, tenant_id: Id) -> list[Frame]:
        plain = {**self.connection, "reason": "", "detail": "", "degraded_by": ""}
        return [
            frame(
                {audience.connection_keepers(tenant_id)},
                self.kind,
                {"connection": self.connection},
            ),
            frame({audience.everyone(tenant_id)}, self.kind, {"connection": plain}),
        ]


@dataclass(frozen=True, kw_only=True)
class ConnectionAlert(Fact):
    """Base of what those who manage connections are told at once, wherever they are in the product."""

    public = True
    connection: Snapshot
    since: str

    def frames(self, tenant_id: Id) -> list[Frame]:
        told = {"connection": self.connection, "since": self.since}
        return [frame({audience.connection_keepers(tenant_id)}, self.kind, told)]


@dataclass(frozen=True, kw_only=True)
class ConnectionDown(ConnectionAlert):
    """A connection has been down for longer than its people bear with; `since`: from when on."""

    kind = "connection.down"


@dataclass(frozen=True, kw_only=True)
class ConnectionRecovered(ConnectionAlert):
    """A connection that an alert was raised for is up again; `since`: from when on it was down."""

    kind = "connection.recovered"


@dataclass(frozen=True, kw_only=True)
class ConnectionRejoined(Fact):
    """A connection that was away is up again, and what was written meanwhile may be missing: from, until."""

    kind = "connection.rejoined"
    connection_id: str
    since: str
    until: str


@dataclass(frozen=True, kw_only=True)
class ConnectionRemoved(Fact):
    """A connection is in no list any more; its tickets and messages stay."""

    kind = "connection.removed"
    public = True
    connection_id: str
    name: str
    by: Snapshot | None = None

    def frames(self, tenant_id: Id) -> list[Frame]:
        told = {"connection_id": self.connection_id}
        return [frame({audience.everyone(tenant_id)}, self.kind, told)]


@dataclass(frozen=True, kw_only=True)
class ConnectionConsented(Fact):
    """Somebody agreed to link a connection in a way that WhatsApp does not offer to companies."""

    kind = "connection.consented"
    connection_id: str
    by: Snapshot | None


@dataclass(frozen=True, kw_only=True)
class ConnectionDriverSwitched(Fact):
    """A connection is of another kind from now on; its tickets stay, its link does not."""

    kind = "connection.driver_switched"
    connection_id: str
    was: str
    driver: str
    by: Snapshot | None = None


@dataclass(frozen=True, kw_only=True)
class LinkOffered(Fact):
    """A link was made with which whoever holds the phone can link a connection, without an account."""

    kind = "link.offered"
    connection_id: str
    link_id: str
    by: Snapshot | None


@dataclass(frozen=True, kw_only=True)
class LinkAgreed(Fact):
    """Whoever holds the phone opened the link and agreed."""

    kind = "link.agreed"
    connection_id: str
    link_id: str


@dataclass(frozen=True, kw_only=True)
class LinkEnded(Fact):
    """A link opens nothing any more. why: `linked`, `revoked` or `expired`."""

    kind = "link.ended"
    connection_id: str
    link_id: str
    why: str
    by: Snapshot | None = None


@dataclass(frozen=True, kw_only=True)
class ConnectionRunChanged(Fact):
    """Somebody wants a connection to run, to stop, to start afresh or to log out."""

    kind = "connection.run_changed"
    connection_id: str


@dataclass(frozen=True, kw_only=True)
class HappeningsStored(Fact):
    """Sessions stored what came from WhatsApp; `chats` says in whose conversations: [connection id, chat]."""

    kind = "connection.happenings_stored"
    chats: list[list[str]]


@dataclass(frozen=True, kw_only=True)
class GatewayPosted(Fact):
    """A gateway posted something to a connection; its session has yet to read it."""

    kind = "connection.gateway_posted"
    connection_id: str


@dataclass(frozen=True, kw_only=True)
class SendQueued(Fact):
    """Something waits to be sent through a connection."""

    kind = "connection.send_queued"
    connection_id: str


@dataclass(frozen=True, kw_only=True)
class SendWaits(Fact):
    """Something queued is not sent yet, for a reason that stands with it."""

    kind = "connection.send_waits"
    outbound_id: int


@dataclass(frozen=True, kw_only=True)
class SendsSettled(Fact):
    """Queued sends were sent, failed, or stayed unconfirmed."""

    kind = "connection.sends_settled"
    outbound_ids: list[int]


# --- people ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class MemberChanged(Fact):
    """A member changed: name, role, sectors, active or not. Live sockets of a member
    whose rights changed are closed, so that they open again with the new ones.

    by: who did it, or null for the installation itself; so in all facts of people."""

    kind = "member.changed"
    public = True
    member: Snapshot
    rights_changed: bool = field(default=False)
    by: Snapshot | None = None

    def frames(self, tenant_id: Id) -> list[Frame]:
        frames = [frame({audience.everyone(tenant_id)}, self.kind, {"member": self.member})]
        if self.rights_changed:
            own = audience.member(tenant_id, self.member["id"])
            frames.insert(0, frame({own}, CLOSE_SOCKETS, {"code": 4403}))
        return frames


@dataclass(frozen=True, kw_only=True)
class TenantFounded(Fact):
    """A company signed up."""

    kind = "tenant.founded"
    owner_id: str


@dataclass(frozen=True, kw_only=True)
class MemberJoined(Fact):
    """Somebody accepted an invitation; the sectors named in it come next."""

    kind = "member.joined"
    public = True
    member: Snapshot
    sector_ids: list[str]

    def frames(self, tenant_id: Id) -> list[Frame]:
        return [frame({audience.everyone(tenant_id)}, self.kind, {"member": self.member})]


@dataclass(frozen=True, kw_only=True)
class MemberInvited(Fact):
    """Somebody was invited by e-mail."""

    kind = "member.invited"
    invitation_id: str
    by: Snapshot | None = None


@dataclass(frozen=True, kw_only=True)
class InvitationWithdrawn(Fact):
    """An open invitation was taken back, and its row with it."""

    kind = "invitation.withdrawn"
    invitation_id: str
    email: str
    role: str
    by: Snapshot | None = None


@dataclass(frozen=True, kw_only=True)
class SectorChanged(Fact):
    """A sector was made or changed."""

    kind = "sector.changed"
    public = True
    sector: Snapshot
    by: Snapshot | None = None

    def frames(self, tenant_id: Id) -> list[Frame]:
        return [frame({audience.everyone(tenant_id)}, self.kind, {"sector": self.sector})]


# A frame of this kind never reaches a browser: the hub closes the sockets it is meant for.
CLOSE_SOCKETS = "sockets.close"
