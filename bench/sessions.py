"""Sessions: a hundred numbers on one worker, how much goes through them, and what a dead worker costs.

`stored` is from a customer's phone to the raw row that nothing can lose any more, `taken_in` to the message
in its ticket, `on_phone` from the committed command to the customer's phone. All of the product runs
beside it: what is stored is also taken in, on the same two cores.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
import time
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import uvloop

from bench import pretend_network
from bench.consoles import mark
from bench.harness import Measured, Options, main
from bench.http_load import HttpConnection, encode, open_connection
from bench.product import Product, cpu_used

NAMES = ("simulator", "pages", "worker", "sessions", "beat")
CONNECT_GOAL_SECONDS = 60.0
THROUGH_GOAL_MS = 500.0
FAIL_OVER_GOAL_SECONDS = 20.0
MEMORY_GOAL_MB = 1.0
STRAGGLERS_SECONDS = 30.0
LOOK_SECONDS = 0.02
WRITERS = 6  # HTTP connections to the pretend network
SENDERS = 3  # threads that queue commands


@dataclass(frozen=True)
class Plan:
    numbers: int
    in_per_second: float
    out_per_second: float
    seconds: float


@dataclass(frozen=True)
class Line:
    """A number of the company, its row, and a customer who writes to it."""

    connection: Any
    number: str
    customer: str
    lane: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def chat(self) -> str:
        return f"{self.customer[1:]}@c.us"

    def writes(self, name: str) -> bytes:
        body = json.dumps({"to": self.number, "kind": "text", "text": f"{name} bom dia"}).encode()
        path = f"/api/phones/{self.customer}/messages"
        return encode("POST", path, host="127.0.0.1", headers={}, body=body)


@dataclass
class Passed:
    """When each message began and when it was where it should be, on one rising clock."""

    began: dict[str, float] = field(default_factory=dict)
    arrived: dict[str, float] = field(default_factory=dict)

    def note(self, name: str, at: float) -> None:
        if name in self.began:
            self.arrived.setdefault(name, at)

    @property
    def is_complete(self) -> bool:
        return len(self.arrived) >= len(self.began)

    @property
    def lost(self) -> int:
        return len(self.began) - len(self.arrived)

    def waits_ms(self) -> list[float]:
        return [(at - self.began[name]) * 1000 for name, at in self.arrived.items()]


def bench(options: Options) -> Measured:
    plan = Plan(
        numbers=options.pick(100, 4),
        in_per_second=options.pick(200.0, 8.0),
        out_per_second=options.pick(100.0, 4.0),
        seconds=options.pick(30.0, 3.0),
    )
    with Product(NAMES, is_quick=options.is_quick) as product:
        return _measure(product, plan)


def _measure(product: Product, plan: Plan) -> Measured:
    measured = Measured()
    product.start_programs([name for name in product.names if name != "sessions"])
    product.wait_ready([name for name in product.names if name != "sessions"])
    lines, tenant = stage(product, plan)
    product.tell(f"{len(lines)} numbers are linked")
    product.start_programs(["sessions"])
    product.wait_ready(["sessions"])
    idle_mb = _with_one_number(product, tenant, lines, plan)
    began = time.monotonic()
    start_all(tenant, lines[1:])
    wait_until_connected(tenant, lines)
    measured.note("connections", len(lines))
    measured.note("all_connected_seconds", time.monotonic() - began)
    measured.at_most("all_connected_seconds", CONNECT_GOAL_SECONDS)
    product.tell("all are connected")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        warm_up = Plan(len(lines), plan.in_per_second / 4, plan.out_per_second / 4, 2.0)
        runner.run(exchange(product, tenant, lines, warm_up))
        product.tell("measuring")
        before = product.cpu_seconds()
        stored, taken_in, on_phone = runner.run(exchange(product, tenant, lines, plan))
        used = cpu_used(before, product.cpu_seconds())
    product.tell("measured")
    grown_mb = product.memory_mb("sessions") - idle_mb
    measured.note("memory_mb_per_connection", grown_mb / (len(lines) - 1))
    measured.at_most("memory_mb_per_connection", MEMORY_GOAL_MB)
    _tell_passed(measured, plan, {"stored": stored, "taken_in": taken_in, "on_phone": on_phone})
    messages = len(stored.began) + len(on_phone.began)
    for name, seconds in used.items():
        measured.note(f"cpu_ms_per_message_{name}", seconds * 1000 / messages)
    _measure_fail_over(product, tenant, lines, measured)
    if any(measured.figures[name] for name in measured.figures if name.endswith("_lost")):
        product.tell_logs()
    return measured


def _with_one_number(product: Product, tenant: Any, lines: list[Line], plan: Plan) -> float:
    """What the worker costs with one number that has worked already: what comes on top is the others'."""
    start_all(tenant, lines[:1])
    wait_until_connected(tenant, lines[:1])
    warm_up = Plan(1, plan.in_per_second / 4, plan.out_per_second / 4, 3.0)
    asyncio.run(exchange(product, tenant, lines[:1], warm_up))
    return product.memory_mb("sessions")


def _tell_passed(measured: Measured, plan: Plan, passed: dict[str, Passed]) -> None:
    measured.note("in_per_second", plan.in_per_second)
    measured.note("out_per_second", plan.out_per_second)
    for name, each in passed.items():
        measured.note_spread(name, each.waits_ms())
        measured.note(f"{name}_lost", each.lost)
    for name in ("stored", "on_phone"):  # the sessions' own; intake is as quick as it has processors
        measured.at_most(f"{name}_lost", 0)
        measured.at_most(f"{name}_p95_ms", THROUGH_GOAL_MS)


# --- the stage ----------------------------------------------------------------------------------


def stage(product: Product, plan: Plan, *, driver: str = "simulator") -> tuple[list[Line], Any]:
    """Numbers and a customer for each; the phones of simulated ones have let us in."""
    from bench import world
    from bench.company import Size
    from connections.actions import create_connection
    from connections.models import Connection
    from tenants import scope

    size = Size(
        agents=1, sectors=1, connections=1, contacts=50, tickets=50, waiting=5, in_service=5, long_ticket=0
    )
    company = world.build(size)
    numbers = [f"+55119{70000000 + index}" for index in range(plan.numbers)]
    customers = [f"+55119{60000000 + index}" for index in range(plan.numbers)]
    pretend_network.add_phones(product.simulator_url, [*numbers, *customers])
    lines = []
    with scope.working_for(company.tenant):
        for index, (number, customer) in enumerate(zip(numbers, customers, strict=True)):
            made = create_connection(name=f"Linha {index}", driver=driver, sector=company.sectors[0])
            Connection.objects.filter(id=made.id).update(pacing={"per_minute": 0, "warm_up_days": 0})
            lines.append(Line(made, number, customer))
    if driver == "simulator":
        _let_in(product, company.tenant, lines)
    return lines, company.tenant


def _let_in(product: Product, tenant: Any, lines: list[Line]) -> None:
    from connections.sessions import vault
    from tenants import scope

    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda line: pretend_network.link(product.simulator_url, line.number), lines))
    with scope.working_for(tenant):
        for line, token in zip(lines, tokens, strict=True):
            vault.keep(line.connection, json.dumps({"token": token}).encode())


def start_all(tenant: Any, lines: Iterable[Line]) -> None:
    from connections.actions import start_connection
    from tenants import scope

    with scope.working_for(tenant):
        for line in lines:
            start_connection(line.connection)


def hosts(tenant: Any) -> dict[uuid.UUID, str]:
    """The worker of each number that is connected and held, by the number's id."""
    from django.db.models.functions import Now

    from connections.models import Connection
    from tenants import scope

    with scope.working_for(tenant):
        up = Connection.objects.filter(state="connected", lease_expires_at__gt=Now())
        return dict(up.values_list("id", "lease_owner"))


def wait_until_connected(tenant: Any, lines: list[Line], *, seconds: float = 120.0) -> None:
    wait(lambda: len(hosts(tenant)) >= len(lines), seconds, "not all numbers are connected")


def wait(holds: Callable[[], bool], seconds: float, otherwise: str) -> None:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise RuntimeError(otherwise)
        time.sleep(0.1)


# --- the load -----------------------------------------------------------------------------------

_numbers = itertools.count(1)


async def exchange(
    product: Product, tenant: Any, lines: list[Line], plan: Plan
) -> tuple[Passed, Passed, Passed]:
    """Both ways at the plan's rates: when each was stored, taken in, on the phone."""
    stored, taken_in, on_phone = Passed(), Passed(), Passed()
    is_ready, loop = asyncio.Event(), asyncio.get_running_loop()
    watching = asyncio.create_task(
        pretend_network.watch(
            product.simulator_url, is_ready, lambda text, at: on_phone.note(_name_in(text), at)
        )
    )
    await is_ready.wait()
    with ThreadPoolExecutor(SENDERS + 1) as threads:
        looking = loop.run_in_executor(threads, _look, tenant, stored, taken_in, is_over := _Flag())
        writing = _write(product, lines, plan, stored, taken_in)
        sending = _send(loop, threads, tenant, lines, plan, on_phone)
        await asyncio.gather(writing, sending)
        until = time.monotonic() + STRAGGLERS_SECONDS
        while time.monotonic() < until and not all(p.is_complete for p in (stored, taken_in, on_phone)):
            await asyncio.sleep(0.05)
        is_over.value = True
        await looking
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    return stored, taken_in, on_phone


class _Flag:
    value = False


def _name_in(text: str) -> str:
    return text.partition(" ")[0]


async def _on_time(count: int, per_second: float) -> Any:
    began = time.monotonic() + 0.05
    for index in range(count):
        await asyncio.sleep(max(0.0, began + index / per_second - time.monotonic()))
        yield index


async def _write(product: Product, lines: list[Line], plan: Plan, stored: Passed, taken_in: Passed) -> None:
    """Customers write to all numbers in turn."""
    free: asyncio.Queue[HttpConnection] = asyncio.Queue()
    for _ in range(WRITERS):
        free.put_nowait(await open_connection(product.simulator_url))

    async def one(line: Line, name: str) -> None:
        stored.began[name] = taken_in.began[name] = time.monotonic()
        connection = await free.get()
        answer = await connection.ask(line.writes(name))
        free.put_nowait(connection)
        if answer.status not in (200, 201):
            raise RuntimeError(f"the pretend network refused: {answer.body!r}")

    times = _on_time(round(plan.seconds * plan.in_per_second), plan.in_per_second)
    tasks = [asyncio.create_task(one(lines[i % len(lines)], mark(next(_numbers)))) async for i in times]
    await asyncio.gather(*tasks)
    while not free.empty():
        free.get_nowait().transport.close()


async def _send(
    loop: asyncio.AbstractEventLoop,
    threads: ThreadPoolExecutor,
    tenant: Any,
    lines: list[Line],
    plan: Plan,
    on_phone: Passed,
) -> None:
    """Commands are queued for all numbers in turn."""
    tasks = []
    times = _on_time(round(plan.seconds * plan.out_per_second), plan.out_per_second)
    async for index in times:
        name = mark(next(_numbers))
        on_phone.began[name] = time.monotonic()
        tasks.append(loop.run_in_executor(threads, _enqueue, tenant, lines[index % len(lines)], name))
    await asyncio.gather(*tasks)


def _enqueue(tenant: Any, line: Line, name: str) -> None:
    from connections import outbound
    from tenants import scope

    with scope.working_for(tenant):
        outbound.enqueue(
            line.connection,
            lane=line.lane,
            kind="message",
            chat=line.chat,
            payload={"kind": "text", "text": f"{name} já vou ver", "quoted_id": None, "media": None},
            client_ref=uuid.uuid4(),
        )


def _look(tenant: Any, stored: Passed, taken_in: Passed, is_over: _Flag) -> None:
    """See rows appear. What commits late has a lower number than what was seen already: so a stretch back
    is read again each time."""
    from connections.models import Inbound
    from tenants import scope
    from tickets.models import Message

    last, recent = 0, 0.0
    while not is_over.value:
        with scope.working_for(tenant):
            rows = list(
                Inbound.objects.filter(id__gt=last - 300, kind="message").values_list("id", "payload__text")
            )
            at = time.monotonic()
            for number, text in rows:
                stored.note(_name_in(text), at)
                last = max(last, number)
            if at - recent > 5 * LOOK_SECONDS:
                texts = Message.objects.filter(direction="in").order_by("-id").values_list("text", flat=True)
                for text in texts[:2000]:
                    taken_in.note(_name_in(text), time.monotonic())
                recent = at
        time.sleep(LOOK_SECONDS)


# --- a dead worker ------------------------------------------------------------------------------


def _measure_fail_over(product: Product, tenant: Any, lines: list[Line], measured: Measured) -> None:
    """A second worker comes and takes its share; the first is killed; when is each number up elsewhere?"""
    product.start_programs(["sessions:2"])
    product.wait_ready(["sessions:2"])
    wait(lambda: _share_of("sessions2", tenant) >= len(lines) // 2, 120, "the newcomer got no fair share")
    wait_until_connected(tenant, lines)
    orphans = {key for key, worker in hosts(tenant).items() if worker.startswith("sessions@")}
    product.kill("sessions", signal.SIGKILL)
    killed, up = time.monotonic(), dict[uuid.UUID, float]()
    while len(up) < len(orphans) and time.monotonic() - killed < 90:
        for key, worker in hosts(tenant).items():
            if key in orphans and worker.startswith("sessions2@"):
                up.setdefault(key, time.monotonic() - killed)
        time.sleep(0.1)
    measured.note("orphans", len(orphans))
    measured.note("orphans_left", len(orphans) - len(up))
    measured.note_spread("fail_over", list(up.values()), unit="seconds")
    measured.at_most("orphans_left", 0)
    measured.at_most("fail_over_p95_seconds", FAIL_OVER_GOAL_SECONDS)
    product.tell("a killed worker's numbers are up elsewhere")


def _share_of(worker: str, tenant: Any) -> int:
    return sum(name.startswith(f"{worker}@") for name in hosts(tenant).values())


if __name__ == "__main__":
    main("sessions", bench, seconds=420)
