"""Contacts, tickets and their messages as lines for COPY: what a half-year of service leaves behind."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson

from bench.company import Size, World
from bench.loading import NULL, line_of, text_of
from bench.vocabulary import Vocabulary
from tickets.choices import Status
from tickets.serializers import PREVIEW_LENGTH

MESSAGE_COLUMNS = [
    *("id", "ticket_id", "connection_id", "direction", "kind", "origin", "text", "author_id"),
    *("sent_at", "wa_id", "client_ref", "ack", "entry"),
]
TICKET_COLUMNS = [
    *("id", "number", "contact_id", "connection_id", "chat", "sector_id", "assignee_id", "status"),
    *("unread", "last_message", "last_message_at", "opened_at", "queued_at", "taken_at"),
    *("first_response_at", "closed_at", "closed_by_id"),
]
OPEN_SINCE = timedelta(days=2)
PAUSE_SECONDS = 90.0
# Nothing was written later than now: the newest ticket had time to fill.
NEWEST_AGE = timedelta(hours=3)
LONG_TICKET_AGE, LONG_TICKET_LASTS = timedelta(days=60), timedelta(days=58)
TAKEN_AFTER_SECONDS = 240.0


@dataclass(frozen=True)
class Person:
    id: UUID
    identity_id: UUID
    name: str
    phone: str
    since: datetime


@dataclass
class Episode:
    """A ticket. Indexes point into the world's lists; the lower half is told by its messages."""

    id: UUID
    number: int
    status: str
    contact: int
    connection: int
    sector: int
    assignee: int | None
    opened_at: datetime
    length: int
    is_long: bool = False

    unread: int = 0
    last_message: str | None = None
    last_message_at: datetime | None = None
    taken_at: datetime | None = None
    first_response_at: datetime | None = None
    closed_at: datetime | None = None


def key_at(moment: datetime, rng: random.Random) -> UUID:
    """A UUIDv7 as the product makes them, of that moment."""
    return UUID(hex=hex_key_at(moment.timestamp(), rng))


def hex_key_at(seconds: float, rng: random.Random) -> str:
    luck = rng.getrandbits(74)
    return f"{int(seconds * 1000):012x}7{luck >> 62:03x}{luck & (2**62 - 1) | 2**63:016x}"


def contacts(count: int, rng: random.Random, *, since: datetime, words: Vocabulary) -> list[Person]:
    return [
        Person(
            id=key_at(since + timedelta(seconds=number), rng),
            identity_id=key_at(since + timedelta(seconds=number), rng),
            name=words.name(),
            phone=f"+55{11 + number % 80}9{number:08d}",
            since=since + timedelta(seconds=number),
        )
        for number in range(count)
    ]


def plan(world: World, size: Size, rng: random.Random, *, now: datetime, contacts: int) -> list[Episode]:
    """All tickets, oldest first. Open ones have a contact of their own: the database insists."""
    open_ones = size.waiting + size.in_service
    if open_ones > min(size.tickets, contacts):
        raise ValueError("there are fewer tickets or contacts than open tickets")
    found = [
        _episode(world, size, rng, now=now, contact=number, status=status)
        for number, status in enumerate(
            [Status.WAITING] * size.waiting + [Status.IN_SERVICE] * size.in_service
        )
    ]
    if size.long_ticket and size.in_service:
        _make_long(world, found[size.waiting], size, now, rng)
    found += [
        _episode(world, size, rng, now=now, contact=rng.randrange(contacts), status=Status.CLOSED)
        for _ in range(size.tickets - open_ones)
    ]
    found.sort(key=lambda episode: episode.opened_at)
    for number, episode in enumerate(found, start=1):
        episode.number = number
    return found


def _episode(
    world: World, size: Size, rng: random.Random, *, now: datetime, contact: int, status: str
) -> Episode:
    age = OPEN_SINCE * rng.random()
    if status == Status.CLOSED:
        age = OPEN_SINCE + timedelta(days=size.days) * rng.random()
    opened_at = (now - age - NEWEST_AGE).replace(microsecond=0)
    sector = rng.randrange(len(world.sectors))
    agents = range(sector, len(world.agents), len(world.sectors))
    return Episode(
        id=key_at(opened_at, rng),
        number=0,
        status=status,
        contact=contact,
        connection=contact % len(world.connections),
        sector=sector,
        assignee=None if status == Status.WAITING else rng.choice(agents or [0]),
        opened_at=opened_at,
        length=rng.randint(size.messages_from, size.messages_to),
    )


def _make_long(world: World, episode: Episode, size: Size, now: datetime, rng: random.Random) -> None:
    episode.is_long, episode.length = True, size.long_ticket
    episode.opened_at = now - LONG_TICKET_AGE
    episode.id = key_at(episode.opened_at, rng)
    episode.assignee = episode.sector = 0


class Writer:
    """Lines of COPY for tickets and messages. A ticket's messages are written before its own line."""

    def __init__(self, world: World, rng: random.Random, words: Vocabulary, people: list[Person]) -> None:
        self.rng, self.words, self.people = rng, words, people
        self.connections = [connection.id.hex for connection in world.connections]
        self.sectors = [sector.id.hex for sector in world.sectors]
        self.agents = [agent.id.hex for agent in world.agents]

    def messages(self, episode: Episode) -> Iterator[str]:
        """The opening's entry, then customer and agent in turns of chance, then the closing's entry."""
        moment = episode.opened_at.timestamp()
        yield self._entry(episode, moment, "opened")
        step = LONG_TICKET_LASTS.total_seconds() / episode.length if episode.is_long else PAUSE_SECONDS
        answered_from = moment + TAKEN_AFTER_SECONDS * self.rng.random()
        if episode.assignee is not None:
            episode.taken_at = _when(answered_from)
        for _ in range(episode.length):
            is_answer = episode.assignee is not None and moment > answered_from and self.rng.random() < 0.5
            yield self._message(episode, moment, is_answer)
            moment += self.rng.random() * 2 * step
        if episode.status == Status.CLOSED:
            episode.closed_at, episode.unread = _when(moment), 0
            yield self._entry(episode, moment, "closed")

    def _message(self, episode: Episode, moment: float, is_answer: bool) -> str:
        key = hex_key_at(moment, self.rng)
        text, sent_at = self.words.text(), _when(moment)
        episode.unread = 0 if is_answer else episode.unread + 1
        if is_answer and episode.first_response_at is None:
            episode.first_response_at = sent_at
        episode.last_message_at = sent_at
        episode.last_message = _preview(key, text, sent_at, is_answer)
        told = (
            ("out", "text", "console", text, self.agents[episode.assignee or 0])
            if is_answer
            else ("in", "text", "customer", text, NULL)
        )
        wa_id = key.upper() if is_answer else f"3EB0{self.rng.getrandbits(64):016X}"
        reference = f"{self.rng.getrandbits(128):032x}" if is_answer else NULL
        ack = "read" if is_answer else NULL
        ticket, connection = episode.id.hex, self.connections[episode.connection]
        return "\t".join(
            (key, ticket, connection, *told, text_of(sent_at), wa_id, reference, ack, NULL + "\n")
        )

    def _entry(self, episode: Episode, moment: float, what: str) -> str:
        by = None if what == "opened" else self.agents[episode.assignee or 0]
        said = {"what": what, "by": {"id": by, "name": ""} if by else None, "sector": None, "to": None}
        return line_of(
            *(hex_key_at(moment, self.rng), episode.id, self.connections[episode.connection]),
            *("none", "entry", "console" if by else "automation", "", by),
            *(_when(moment), None, None, None, orjson.dumps(said).decode()),
        )

    def ticket(self, episode: Episode) -> str:
        person = self.people[episode.contact]
        agent = None if episode.assignee is None else self.agents[episode.assignee]
        return line_of(
            *(episode.id, episode.number, person.id, self.connections[episode.connection]),
            *(person.phone[1:] + "@c.us", self.sectors[episode.sector], agent, episode.status),
            *(episode.unread, episode.last_message, episode.last_message_at or episode.opened_at),
            *(episode.opened_at, episode.opened_at, episode.taken_at, episode.first_response_at),
            *(episode.closed_at, agent if episode.closed_at else None),
        )


def _when(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _preview(key: str, text: str, sent_at: datetime, is_answer: bool) -> str:
    """As `tickets.serializers.preview` makes it of a message."""
    return orjson.dumps(
        {
            "id": str(UUID(key)),
            "kind": "text",
            "text": text[:PREVIEW_LENGTH],
            "direction": "out" if is_answer else "in",
            "ack": "read" if is_answer else None,
            "at": sent_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
    ).decode()
