"""One event to 500 consoles on two sockets processes: from the commit to every console that hears it.

Events are recorded by the product's own code. The consoles share the machine with the product, so a last
phase lets most of them stop reading: what changes then is the load client's share of the figures.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.consoles import Consoles, Heard, Seat
from bench.harness import Measured, Options, main, percentile
from bench.product import Product, cpu_used
from bench.signing_in import SignIn, sign_in

if TYPE_CHECKING:
    from bench.recorder import Recorder

GOAL_MS = 60.0
SOCKETS = ["sockets", "sockets:2"]
RECEIVED, LEFT = "message.received", "ticket.left"


@dataclass(frozen=True)
class Plan:
    agents: int
    events: int
    listening_in_control: int
    rest_seconds: float  # for stragglers, after each phase


def bench(options: Options) -> Measured:
    plan = Plan(
        agents=options.pick(499, 29),
        events=options.pick(80, 4),
        listening_in_control=options.pick(50, 10),
        rest_seconds=options.pick(2.0, 0.4),
    )
    with Product(SOCKETS, is_quick=options.is_quick) as product, Consoles(options.pick(2, 1)) as consoles:
        return _measure(product, consoles, plan, is_quick=options.is_quick)


def _measure(product: Product, consoles: Consoles, plan: Plan, *, is_quick: bool) -> Measured:
    from bench import recorder, world  # these need the Django that the product's start set up
    from bench.company import Size

    product.start_programs(product.names)
    size = Size(agents=plan.agents, sectors=1, connections=1, long_ticket=0)
    made = world.build(size.scaled(0.02 if is_quick else 0.1))
    sign_ins = sign_in(made.tenant, made.members)
    product.wait_ready(product.names)
    product.tell(f"data is loaded: {made.counts}")
    measured = Measured()
    everybody = _take_seats(product, consoles, measured, made.tenant.slug, sign_ins)
    product.tell("consoles are connected")

    writer = recorder.Recorder(made, made.agents)
    writer.at_pace(writer.receive, count=5, per_second=5)
    _rest(consoles, plan)
    _measure_messages(product, consoles, plan, writer, measured, everybody)
    product.tell("measured 2 messages a second")

    committed = writer.at_pace(writer.receive, count=plan.events * 2, per_second=10)
    heard = _rest(consoles, plan)[0]
    _tell(measured, "message_at_10_a_second", committed, heard, RECEIVED, expected=everybody)

    committed = writer.at_pace(writer.take, count=plan.events // 2, per_second=2)
    # The one who took it and the owner hear that it was taken, all others that it left the queue.
    _tell(measured, "take", committed, _rest(consoles, plan)[0], LEFT, expected=everybody - 2)
    writer.give_back()
    _rest(consoles, plan)

    deaf = set(range(everybody)) - set(range(0, everybody, everybody // plan.listening_in_control))
    consoles.deafen(sorted(deaf))
    committed = writer.at_pace(writer.receive, count=plan.events // 2, per_second=2)
    heard = [one for one in _rest(consoles, plan)[0] if one.console not in deaf]
    _tell(measured, "control_message", committed, heard, RECEIVED, expected=everybody - len(deaf))
    measured.at_most("message_p95_ms", GOAL_MS)
    measured.at_most("message_missed", 0)
    measured.at_most("consoles_lost", 0)
    return measured


def _take_seats(
    product: Product, consoles: Consoles, measured: Measured, tenant: str, sign_ins: list[SignIn]
) -> int:
    """Connect a console for everybody; how many there are."""
    urls = [f"http://127.0.0.1:{product.ports[name]}" for name in SOCKETS]
    seats = [
        # Consoles go to the client processes in turns; so each of those has consoles of both servers.
        Seat(urls[number // 2 % len(urls)], f"/t/{tenant}/live/", one.cookie)
        for number, one in enumerate(sign_ins)
    ]
    measured.note("consoles", len(seats))
    measured.note("connect_all_seconds", consoles.connect(seats))
    for name in SOCKETS:
        measured.note(f"memory_mb_{name.replace(':', '_')}", product.memory_mb(name))
    return len(seats)


def _measure_messages(
    product: Product,
    consoles: Consoles,
    plan: Plan,
    writer: Recorder,
    measured: Measured,
    everybody: int,
) -> None:
    """Two messages a second to everybody: the figures that have goals, and what a delivery costs."""
    before, client_before = product.cpu_seconds(), consoles.report()[2]
    committed = writer.at_pace(writer.receive, count=plan.events, per_second=2)
    heard, gone, client_after = _rest(consoles, plan)
    used = cpu_used(before, product.cpu_seconds())
    deliveries = _tell(measured, "message", committed, heard, RECEIVED, expected=everybody)
    measured.note("cpu_us_per_delivery", used["sockets"] * 1e6 / max(deliveries, 1))
    measured.note("client_cpu_us_per_delivery", (client_after - client_before) * 1e6 / max(deliveries, 1))
    measured.note("consoles_lost", gone)


def _rest(consoles: Consoles, plan: Plan) -> tuple[list[Heard], int, float]:
    time.sleep(plan.rest_seconds)
    return consoles.report()


def _tell(
    measured: Measured,
    name: str,
    committed: dict[str, float],
    heard: list[Heard],
    kind: str,
    *,
    expected: int,
) -> int:
    """The spread over all deliveries, and of the last console of each event; how many there were."""
    latencies: dict[str, list[float]] = defaultdict(list)
    for one in heard:
        if one.kind == kind and one.mark in committed:
            latencies[one.mark].append((one.at - committed[one.mark]) * 1000)
    every = [ms for event in latencies.values() for ms in event]
    measured.note_spread(name, every)
    measured.note(f"{name}_last_console_p95_ms", percentile([max(event) for event in latencies.values()], 95))
    measured.note(f"{name}_missed", expected * len(committed) - len(every))
    return len(every)


if __name__ == "__main__":
    main("fanout", bench, seconds=420)
