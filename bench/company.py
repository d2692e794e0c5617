"""How big a company is, and what a bench needs to know of it once it is loaded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID

from accounts.models import Membership
from connections.models import Connection
from sectors.models import Sector
from tenants.models import Tenant


@dataclass(frozen=True)
class Size:
    agents: int = 500
    sectors: int = 5
    connections: int = 5
    contacts: int = 10_000
    tickets: int = 20_000
    waiting: int = 1_000
    in_service: int = 2_000
    messages_from: int = 15
    messages_to: int = 35
    long_ticket: int = 10_000
    days: int = 180

    def scaled(self, scale: float) -> Size:
        """More or fewer contacts and tickets; people, sectors and the length of tickets stay."""
        counts = {
            name: max(1, round(getattr(self, name) * scale))
            for name in ("contacts", "tickets", "waiting", "in_service")
        }
        return replace(self, **counts)


@dataclass
class World:
    """What a bench needs to know of the tenant it got. The first agent serves the long ticket."""

    tenant: Tenant
    owner: Membership
    agents: list[Membership]
    sectors: list[Sector]
    connections: list[Connection]
    long_ticket_id: UUID | None = None
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def members(self) -> list[Membership]:
        return [self.owner, *self.agents]
