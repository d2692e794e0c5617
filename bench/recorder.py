"""The product's own code recording events, at a steady pace, as a worker does: a message comes in, or a
ticket is taken and given back. The moment of each commit is noted."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from django.db import transaction

from accounts.models import Membership
from bench.company import World
from bench.consoles import mark
from events import catalog
from tenants import scope
from tickets.actions import return_ticket, take_ticket
from tickets.choices import Direction, Kind, Origin, Status
from tickets.intake import touch
from tickets.models import Message, Ticket
from tickets.storytelling import now_in_seconds, tell_message

TEXT = "bom dia, queria saber se o meu pedido já saiu para entrega, obrigada"


class Recorder:
    """Works on waiting tickets of the first sector, one after another."""

    def __init__(self, world: World, members: list[Membership]) -> None:
        self.world, self.members = world, members
        self.number = 0
        with scope.working_for(world.tenant):
            waiting = Ticket.objects.filter(status=Status.WAITING, sector=world.sectors[0])
            self.tickets = list(waiting.order_by("id").values_list("id", flat=True))

    def at_pace(
        self, act: Callable[[int, dict[str, float]], None], *, count: int, per_second: float
    ) -> dict[str, float]:
        """Do it `count` times; when each was committed, by the mark of its frames."""
        committed: dict[str, float] = {}
        began = time.monotonic()
        for turn in range(count):
            time.sleep(max(0.0, began + turn / per_second - time.monotonic()))
            self.number += 1
            with scope.working_for(self.world.tenant):
                act(self.number, committed)
        return committed

    def receive(self, number: int, committed: dict[str, float]) -> None:
        """A customer's message, as `tickets.intake` takes it in."""
        name = mark(number)
        # The first of the commit's hooks: it runs before the relay's.
        transaction.on_commit(partial(_note, committed, name))
        ticket = Ticket.objects.select_for_update(no_key=True).get(id=self._ticket(number))
        message = Message.objects.create(
            ticket=ticket,
            connection_id=ticket.connection_id,
            direction=Direction.IN,
            origin=Origin.CUSTOMER,
            kind=Kind.TEXT,
            text=f"{name} {TEXT}",
            sent_at=now_in_seconds(),
            wa_id=f"{name}-{number}",
        )
        ticket.unread += 1
        touch(ticket, message)
        tell_message(catalog.MessageReceived, message)

    def take(self, number: int, committed: dict[str, float]) -> None:
        """Somebody takes a ticket: its sector hears that it left the queue."""
        ticket = Ticket.objects.get(id=self._ticket(number))
        transaction.on_commit(partial(_note, committed, str(ticket.id)))
        take_ticket(ticket, by=self.members[number % len(self.members)])

    def give_back(self) -> None:
        with scope.working_for(self.world.tenant):
            for ticket in Ticket.objects.filter(id__in=self.tickets, status=Status.IN_SERVICE):
                return_ticket(ticket, by=self.world.owner)

    def _ticket(self, number: int) -> object:
        return self.tickets[number % len(self.tickets)]


def _note(committed: dict[str, float], name: str) -> None:
    committed[name] = time.monotonic()
