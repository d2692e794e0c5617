"""The one generator of bench data: a tenant of any size, in the shape of a busy company's half-year.

At scale 1: 500 agents in 5 sectors, 10,000 contacts, 20,000 tickets (1,000 waiting, 2,000 in service, each
of those on a contact of its own, the rest closed over 180 days) of 15 to 35 messages, one with 10,000.
The same seed makes the same people, words and shapes; times count back from the moment of loading.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import connection as database

from accounts.choices import Role
from accounts.models import Membership, User
from bench import episodes
from bench.company import Size, World
from bench.episodes import Episode
from bench.loading import line_of, load
from bench.vocabulary import Vocabulary
from connections.models import Connection
from sectors.models import COLORS, Seat, Sector
from tenants import scope
from tenants.models import Tenant
from tickets.models import Contact, Identity, Message, Ticket

SEED = 42
# Every so many agents one works in the next sector as well.
SECOND_SEAT_EVERY = 4


def build(size: Size, *, slug: str = "bench", seed: int = SEED) -> World:
    """Load a tenant and answer when PostgreSQL knows its statistics."""
    rng = random.Random(seed)
    tenant = Tenant.objects.create(slug=slug, name=f"Loja {slug.title()}", last_ticket_number=size.tickets)
    words = Vocabulary(rng)
    users = _users(size.agents + 1, slug, words)
    with scope.working_for(tenant):
        world = _people(tenant, users, size)
        # Times are whole seconds, as WhatsApp's are.
        now = datetime.now(UTC).replace(microsecond=0)
        contacts = episodes.contacts(size.contacts, rng, since=now - timedelta(days=size.days), words=words)
        plan = episodes.plan(world, size, rng, now=now, contacts=len(contacts))
        world.counts = _load(world, contacts, plan, episodes.Writer(world, rng, words, contacts), now)
        if size.long_ticket:
            world.long_ticket_id = next(e.id for e in plan if e.is_long)
    refresh_statistics()
    return world


def _users(count: int, slug: str, words: Vocabulary) -> list[User]:
    password = make_password(None)  # nobody signs in with it; benches make their sessions themselves
    users = [
        User(email=f"m{number}@{slug}.example", name=words.name(), password=password)
        for number in range(count)
    ]
    return User.objects.bulk_create(users)


def _people(tenant: Tenant, users: list[User], size: Size) -> World:
    members = Membership.objects.bulk_create(
        Membership(user=user, role=Role.AGENT if number else Role.OWNER) for number, user in enumerate(users)
    )
    for member in members:
        member.tenant = tenant
    sectors = Sector.objects.bulk_create(
        Sector(name=f"Setor {number + 1}", color=COLORS[number % len(COLORS)])
        for number in range(size.sectors)
    )
    owner, *agents = members
    seats = [(sectors[i % len(sectors)], agent) for i, agent in enumerate(agents)]
    if len(sectors) > 1:
        second = list(enumerate(agents))[::SECOND_SEAT_EVERY]
        seats += [(sectors[(i + 1) % len(sectors)], agent) for i, agent in second]
    Seat.objects.bulk_create(Seat(sector=sector, member=member) for sector, member in seats)
    connections = Connection.objects.bulk_create(
        Connection(name=f"Número {number + 1}", driver="simulator", sector=sectors[number % len(sectors)])
        for number in range(size.connections)
    )
    return World(tenant, owner, agents, sectors, connections)


def _load(
    world: World,
    contacts: list[episodes.Person],
    plan: list[Episode],
    writer: episodes.Writer,
    now: datetime,
) -> dict[str, int]:
    """Messages come before their tickets: what a list shows of a ticket is told by its messages. The
    foreign keys are checked at the end of the transaction."""
    tenant_id = world.tenant.id

    def identities() -> Iterator[str]:
        for person in contacts:
            yield line_of(person.identity_id, person.id, person.phone, person.since)

    return {
        "contacts": load(
            Contact,
            ["id", "name", "phone", "created_at"],
            (line_of(person.id, person.name, person.phone, person.since) for person in contacts),
            tenant_id=tenant_id,
        ),
        "identities": load(
            Identity,
            ["id", "contact_id", "value", "first_seen_at"],
            identities(),
            tenant_id=tenant_id,
            kind="phone",
        ),
        "messages": load(
            Message,
            episodes.MESSAGE_COLUMNS,
            (line for episode in plan for line in writer.messages(episode)),
            tenant_id=tenant_id,
        ),
        "tickets": load(
            Ticket, episodes.TICKET_COLUMNS, map(writer.ticket, plan), tenant_id=tenant_id, version=1
        ),
    }


def refresh_statistics() -> None:
    """What autovacuum does in a living installation: statistics, and the map of what all can see."""
    with database.cursor() as cursor:
        for model in (User, Membership, Seat, Sector, Contact, Identity, Ticket, Message):
            cursor.execute(f"vacuum (analyze) {model._meta.db_table}")
