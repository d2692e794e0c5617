"""Phone to agent's screen and agent to phone, through every process of the product, with 50 consoles open.

Customers of waiting tickets are heard by every console, those of tickets in service by their agent and
the owner; each ticket is open on one console, which shows the message itself. Both directions run at
once, a few messages a second each, sent on time whatever became of the earlier ones.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import uuid
from dataclasses import dataclass, field
from operator import attrgetter

import uvloop

from bench import pretend_network
from bench.consoles import MARK, Consoles, Heard, Seat, mark
from bench.harness import Measured, Options, main
from bench.http_load import HttpConnection, encode, open_connection
from bench.product import Product, cpu_used
from bench.signing_in import SignIn, sign_in

GOAL_MS = 300.0
COMPANY = "+5511999990001"
RECEIVED = "message.received"
CONNECTIONS = 8  # to the pretend network, and to the product's pages
# What has not come by then is lost. Longer than it takes the product to notice that a call to a reaction
# got lost, and to call again: what comes so late is slow, and counted so.
STRAGGLERS_SECONDS = 40.0


@dataclass(frozen=True)
class Plan:
    agents: int
    customers: int
    messages: int
    per_second: float


@dataclass
class Exchange:
    """When each marked message was sent, when it reached a phone, who should hear it."""

    sent: dict[str, float] = field(default_factory=dict)
    on_phone: dict[str, float] = field(default_factory=dict)
    audience: dict[str, int] = field(default_factory=dict)
    written: dict[str, list[str]] = field(default_factory=dict)  # customers' messages in order, by ticket
    refused: int = 0

    @property
    def answers(self) -> set[str]:
        """Marks of what agents wrote."""
        return self.sent.keys() - self.audience.keys()

    def reached_phone(self, text: str, at: float) -> None:
        found = MARK.search(text.encode())
        if found is not None:
            self.on_phone.setdefault(found.group().decode(), at)


@dataclass(frozen=True)
class Customer:
    """A phone, its ticket, and how many consoles list that ticket. `headers` sign its agent in."""

    number: str
    ticket_id: str
    audience: int
    is_waiting: bool
    headers: dict[str, str]

    def writes(self, name: str) -> bytes:
        """The request by which the phone writes to the company."""
        body = json.dumps({"to": COMPANY, "kind": "text", "text": f"{name} quero saber do meu pedido"})
        path = f"/api/phones/{self.number}/messages"
        return encode("POST", path, host="127.0.0.1", headers={}, body=body.encode())

    def is_answered(self, name: str) -> bytes:
        """The request by which the agent answers."""
        body = json.dumps({"text": f"{name} já vou ver, um momento por favor"})
        path = f"/api/v1/tickets/{self.ticket_id}/messages/"
        headers = {**self.headers, "Idempotency-Key": str(uuid.uuid4())}
        return encode("POST", path, host="127.0.0.1", headers=headers, body=body.encode())


class Lines:
    """Open HTTP connections, each lent for one request at a time."""

    def __init__(self) -> None:
        self.free: dict[str, asyncio.Queue[HttpConnection]] = {}

    async def open(self, url: str) -> None:
        self.free[url] = asyncio.Queue()
        for _ in range(CONNECTIONS):
            self.free[url].put_nowait(await open_connection(url))

    async def send(self, exchange: Exchange, url: str, name: str, request: bytes) -> None:
        exchange.sent[name] = time.monotonic()  # waiting for a line counts as well
        connection = await self.free[url].get()
        answer = await connection.ask(request)
        exchange.refused += answer.status not in (200, 201)
        self.free[url].put_nowait(connection)


def bench(options: Options) -> Measured:
    plan = Plan(
        agents=options.pick(49, 9),
        customers=options.pick(20, 4),
        messages=options.pick(360, 12),
        per_second=4.0,
    )
    names = ["simulator", "pages", "sockets", "worker", "sessions", "beat"]
    if "--one-process" in options.rest:  # as `make run` has them
        names = ["simulator", "web", "worker", "sessions", "beat"]
    with Product(names, is_quick=options.is_quick) as product, Consoles(1) as consoles:
        return _measure(product, consoles, plan, is_quick=options.is_quick)


def _measure(product: Product, consoles: Consoles, plan: Plan, *, is_quick: bool) -> Measured:
    from bench import linking, world  # these need the Django that the product's start set up
    from bench.company import Size

    product.start_programs(product.names)
    size = Size(agents=plan.agents, sectors=1, connections=1, long_ticket=0)
    made = world.build(size.scaled(0.02 if is_quick else 0.1))
    product.tell(f"data is loaded: {made.counts}")
    product.wait_ready(product.names)
    product.tell("programs are ready")
    sign_ins = sign_in(made.tenant, made.members)
    numbers = [f"+55119{88880000 + i}" for i in range(plan.customers)]
    pretend_network.add_phones(product.simulator_url, [COMPANY, *numbers])
    token = pretend_network.link(product.simulator_url, COMPANY)
    linking.bring_up(made.tenant, made.connections[0], token)
    product.tell("connected to the pretend network")
    sockets = "sockets" if "sockets" in product.names else "web"
    url = f"http://127.0.0.1:{product.ports[sockets]}"
    seats = [Seat(url, f"/t/{made.tenant.slug}/live/", one.cookie) for one in sign_ins]
    measured = Measured()
    measured.note("consoles", len(seats))
    measured.note("connect_all_seconds", consoles.connect(seats))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        customers, opened = runner.run(_open_tickets(product, sign_ins, numbers))
        consoles.open_tickets(opened)
        _wait_until_joined(consoles, len(opened))
        _hear(consoles, runner.run(_exchange(product, customers, plan, messages=max(4, plan.messages // 20))))
        product.tell("measuring")
        before = product.cpu_seconds()
        exchange = runner.run(_exchange(product, customers, plan, messages=plan.messages))
        heard, gone = _hear(consoles, exchange)
        used = cpu_used(before, product.cpu_seconds())
    product.tell("measured")
    _tell(measured, exchange, heard, used)
    measured.note("consoles_lost", gone)
    if measured.figures["lost"]:
        product.tell_logs()
    return measured


async def _open_tickets(
    product: Product, people: list[SignIn], numbers: list[str]
) -> tuple[list[Customer], dict[int, str]]:
    """Every customer writes a first time; half of the tickets are taken. Also: which console opens which."""
    simulator = await open_connection(product.simulator_url)
    for number in numbers:
        body = json.dumps({"to": COMPANY, "kind": "text", "text": "Bom dia"}).encode()
        request = encode("POST", f"/api/phones/{number}/messages", host="127.0.0.1", headers={}, body=body)
        await simulator.ask(request)
    simulator.transport.close()
    pages = await open_connection(product.url)
    rows = await _rows_of(pages, people[0].headers(), numbers)
    customers, opened = [], {}
    for index, number in enumerate(numbers):
        console = 1 + index % (len(people) - 1)
        ticket_id, headers = rows[number], people[console].headers(writes=True)
        is_waiting = index % 2 == 0
        if not is_waiting:
            path = f"/api/v1/tickets/{ticket_id}/assignment/"
            answer = await pages.ask(encode("POST", path, host="127.0.0.1", headers=headers, body=b""))
            if answer.status != 200:
                raise RuntimeError(f"a ticket was not taken: {answer.body!r}")
        opened[console] = ticket_id
        audience = len(people) if is_waiting else 2
        customers.append(Customer(number, ticket_id, audience, is_waiting, headers))
    pages.transport.close()
    return customers, opened


async def _rows_of(pages: HttpConnection, headers: dict[str, str], numbers: list[str]) -> dict[str, str]:
    """Ticket id by number, when all of them are in the queue."""
    request = encode("GET", "/api/v1/tickets/?status=waiting&limit=100", host="127.0.0.1", headers=headers)
    for _attempt in range(100):
        answer = await pages.ask(request)
        rows = {row["contact"]["phone"]: row["id"] for row in json.loads(answer.body)["results"]}
        if rows.keys() >= set(numbers):
            return rows
        await asyncio.sleep(0.2)
    raise RuntimeError("the first messages did not become tickets")


async def _exchange(product: Product, customers: list[Customer], plan: Plan, *, messages: int) -> Exchange:
    """Send both ways on time, then wait for the last ones on the phones."""
    exchange, lines, is_ready = Exchange(), Lines(), asyncio.Event()
    watch = pretend_network.watch(product.simulator_url, is_ready, exchange.reached_phone)
    watching = asyncio.create_task(watch)
    await is_ready.wait()
    for url in (product.simulator_url, product.url):
        await lines.open(url)
    writers = itertools.cycle(customers)
    served = itertools.cycle([customer for customer in customers if not customer.is_waiting])
    began, sending = time.monotonic() + 0.1, []
    for number in range(2 * messages):
        await asyncio.sleep(max(0.0, began + number / (2 * plan.per_second) - time.monotonic()))
        name = mark(next(_numbers))
        if number % 2 == 0:
            customer = next(writers)
            exchange.audience[name] = customer.audience
            exchange.written.setdefault(customer.ticket_id, []).append(name)
            url, request = product.simulator_url, customer.writes(name)
        else:
            url, request = product.url, next(served).is_answered(name)
        sending.append(asyncio.create_task(lines.send(exchange, url, name, request)))
    await asyncio.gather(*sending)
    until = time.monotonic() + STRAGGLERS_SECONDS
    while time.monotonic() < until and not exchange.answers <= exchange.on_phone.keys():
        await asyncio.sleep(0.1)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    return exchange


def _wait_until_joined(consoles: Consoles, expected: int) -> None:
    """Every console that opened a ticket hears its messages from now on."""
    until, joined = time.monotonic() + STRAGGLERS_SECONDS, 0
    while (joined := joined + sum(one.kind == "joined" for one in consoles.report()[0])) < expected:
        if time.monotonic() > until:
            raise RuntimeError(f"only {joined} of {expected} consoles joined their tickets")
        time.sleep(0.1)


def _hear(consoles: Consoles, exchange: Exchange) -> tuple[list[Heard], int]:
    """Every frame that consoles got, once all have come that should; how many consoles are gone."""
    expected = sum(exchange.audience.values())
    until = time.monotonic() + STRAGGLERS_SECONDS
    heard: list[Heard] = []
    while True:
        more, gone, _cpu = consoles.report()
        heard += more
        listed = sum(len(came) for came in _received(exchange, heard).values())
        if listed >= expected or time.monotonic() > until:
            return heard, gone
        time.sleep(0.2)


def _received(exchange: Exchange, heard: list[Heard]) -> dict[str, list[Heard]]:
    """The frames of each message of a customer, one a console.

    A list shows a ticket's last message, which is an answer where that was written in a later second: so
    they are told apart by their order, the nth of a ticket on a console being its nth message.
    """
    in_order: dict[tuple[int, str], list[Heard]] = {}
    for one in sorted(heard, key=attrgetter("at")):
        if one.kind == RECEIVED and one.mark in exchange.sent:
            in_order.setdefault((one.console, one.ticket), []).append(one)
    came: dict[str, list[Heard]] = {}
    for (_console, ticket), frames in in_order.items():
        for name, one in zip(exchange.written.get(ticket, ()), frames, strict=False):
            came.setdefault(name, []).append(one)
    return came


_numbers = itertools.count(1)


def _tell(measured: Measured, exchange: Exchange, heard: list[Heard], used: dict[str, float]) -> None:
    on_screen: dict[str, float] = {}
    for one in heard:
        if one.kind == RECEIVED and one.with_message and one.mark in exchange.audience:
            on_screen.setdefault(one.mark, (one.at - exchange.sent[one.mark]) * 1000)
    everywhere = [
        (max(one.at for one in frames) - exchange.sent[name]) * 1000
        for name, frames in _received(exchange, heard).items()
        if len(frames) == exchange.audience[name]
    ]
    answers = exchange.answers
    on_phone = [(exchange.on_phone[m] - exchange.sent[m]) * 1000 for m in answers & exchange.on_phone.keys()]
    measured.note("messages_each_way", len(answers))
    measured.note_spread("phone_to_screen", list(on_screen.values()))
    measured.note_spread("phone_to_every_screen", everywhere)
    measured.note_spread("agent_to_phone", on_phone)
    lost = {
        "refused": exchange.refused,
        "not_on_screen": len(exchange.audience) - len(on_screen),
        "not_on_every_screen": len(exchange.audience) - len(everywhere),
        "not_on_phone": len(answers) - len(on_phone),
    }
    for name, count in lost.items():
        measured.note(name, count)
    measured.note("lost", sum(lost.values()))
    for name, seconds in used.items():
        measured.note(f"cpu_ms_per_message_{name}", seconds * 1000 / len(exchange.sent))
    measured.note("cpu_ms_per_message", sum(used.values()) * 1000 / len(exchange.sent))
    for name in ("phone_to_screen_p95_ms", "phone_to_every_screen_p95_ms", "agent_to_phone_p95_ms"):
        measured.at_most(name, GOAL_MS)
    measured.at_most("lost", 0)


if __name__ == "__main__":
    main("roundtrip", bench, seconds=600)
