"""The console's first reads in a tenant with 100,000 tickets and a million messages.

Each read is timed over HTTP against the pages' server (one client, then twenty) and inside this process,
where nothing but the application is measured. The number of queries must be the same with ten rows.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from bench.harness import Measured, Options, main, percentile
from bench.http_load import closed_loop, encode
from bench.product import Product, cpu_used
from bench.signing_in import SignIn, sign_in
from deploy.local.process import Process, wait_until
from deploy.local.programs import http_status

if TYPE_CHECKING:
    from bench.company import World
    from bench.server_time import Caller

GOAL_MS = 50.0
WORKERS, THREADS = 2, 8
READY_SECONDS = 60
API = "/api/v1/"
DEEP = 5000


@dataclass(frozen=True)
class Read:
    """One thing a console asks for. The first page of an inbox is what has a goal."""

    name: str
    path: str
    who: str
    has_goal: bool = True


@dataclass(frozen=True)
class Plan:
    scale: float
    alone: int
    together: int
    clients: int
    in_process: int


def bench(options: Options) -> Measured:
    plan = Plan(
        scale=options.pick(5.0, 0.02),
        alone=options.pick(150, 5),
        together=options.pick(400, 20),
        clients=options.pick(20, 4),
        in_process=options.pick(60, 3),
    )
    with Product([], is_quick=options.is_quick) as product:
        return _measure(product, plan, is_quick=options.is_quick)


def _measure(product: Product, plan: Plan, *, is_quick: bool) -> Measured:
    from bench import server_time, world  # these need the Django that the product's start set up
    from bench.company import Size

    size = Size(messages_from=6, messages_to=14).scaled(plan.scale)
    if is_quick:
        size = replace(size, agents=50, long_ticket=100)
    made = world.build(size)
    few = Size(agents=1, sectors=1, connections=1, contacts=30, tickets=30, waiting=10, in_service=10)
    tiny = world.build(replace(few, messages_from=10, messages_to=12, long_ticket=10), slug="tiny")
    measured = Measured()
    for name, count in made.counts.items():
        measured.note(name, count)
    product.tell(f"data is loaded: {made.counts}")
    sign_ins = _sign_ins(made)
    callers = {who: server_time.Caller(one) for who, one in sign_ins.items()}
    reads = _reads(made, callers, deep=min(DEEP, size.long_ticket // 2))
    pages = _start_pages(product)
    try:
        for read in reads:
            _time_over_http(measured, product, read, sign_ins[read.who], plan)
    finally:
        pages.stop()
    product.tell("measured over HTTP")
    for read in reads:
        took = callers[read.who].milliseconds(API + read.path, plan.in_process)
        measured.note(f"{read.name}_server_p50_ms", percentile(took, 50))
        measured.note(f"{read.name}_server_p95_ms", percentile(took, 95))
        callers[read.who].explain_slow(API + read.path)
    product.tell("measured in this process")
    _count_queries(measured, reads, callers, tiny)
    return measured


def _sign_ins(made: World) -> dict[str, SignIn]:
    """The owner sees everything; the first agent serves the long ticket."""
    owner, agent = sign_in(made.tenant, made.members[:2])
    return {"owner": owner, "agent": agent}


def _reads(made: World, callers: dict[str, Caller], *, deep: int) -> list[Read]:
    thread = f"tickets/{made.long_ticket_id}/messages/"
    deep_cursor = _cursor_after(callers["agent"], thread, deep)
    found = []
    for who in ("owner", "agent"):
        found.append(Read(f"{who}_inbox", "inbox/", who))
        found += [
            Read(f"{who}_{status}", f"tickets/?status={status}", who)
            for status in ("waiting", "in_service", "closed")
        ]
    return [
        *found,
        Read("thread_newest", thread, "agent"),
        Read("thread_deep", f"{thread}?cursor={deep_cursor}", "agent"),
        Read("contact_by_number", "contacts/?search=90001234", "owner", has_goal=False),
        Read("contact_by_name", "contacts/?search=Elis%20Nunes", "owner", has_goal=False),
    ]


def _cursor_after(caller: Caller, path: str, count: int) -> str:
    """The cursor of the page that begins `count` messages back."""
    cursor, seen = "", 0
    while seen < count:
        page = caller.get(f"{API}{path}?limit=100&cursor={cursor}")
        cursor, seen = page["next"], seen + len(page["results"])
    return str(cursor)


def _start_pages(product: Product) -> Process:
    """The pages as an installation serves them: WSGI, two processes of eight threads."""
    port = product.ports["web"]
    process = Process(
        "pages",
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "config.wsgi:application"),
            *("--host", "127.0.0.1", "--port", str(port), "--no-ws", "--log-level", "error"),
            *("--workers", str(WORKERS), "--blocking-threads", str(THREADS)),
        ],
        log=product.home / "logs" / "pages.log",
        environment=product.environment,
    )
    process.start()
    product.parts["pages"] = process

    def is_ready() -> bool:
        return http_status(port, "/readyz") == 200

    wait_until(process, is_ready, seconds=READY_SECONDS, what="it was ready")
    return process


def _time_over_http(measured: Measured, product: Product, read: Read, sign_in: SignIn, plan: Plan) -> None:
    request = partial(encode, "GET", API + read.path, host="127.0.0.1", headers=sign_in.headers())
    closed_loop(product.url, request, clients=plan.clients, count=plan.clients * 2)  # warm every thread
    alone = closed_loop(product.url, request, clients=1, count=plan.alone)
    before = product.cpu_seconds()
    together = closed_loop(product.url, request, clients=plan.clients, count=plan.together)
    used = cpu_used(before, product.cpu_seconds())
    if alone.refused or together.refused:
        raise RuntimeError(f"{read.path} was refused: {(alone.refused + together.refused)[0].body!r}")
    measured.note(f"{read.name}_http_p50_ms", percentile(alone.seconds, 50) * 1000)
    measured.note(f"{read.name}_http_p95_ms", percentile(alone.seconds, 95) * 1000)
    measured.note(f"{read.name}_http_{plan.clients}_clients_p95_ms", percentile(together.seconds, 95) * 1000)
    measured.note(f"{read.name}_per_second", plan.together / together.took)
    measured.note(f"{read.name}_cpu_ms", sum(used.values()) * 1000 / plan.together)
    if read.has_goal:
        measured.at_most(f"{read.name}_http_p95_ms", GOAL_MS)


def _count_queries(measured: Measured, reads: list[Read], callers: dict[str, Caller], tiny: World) -> None:
    """The same read of a tenant with ten tickets in each tab asks as many questions."""
    from bench import server_time

    tiny_callers = {who: server_time.Caller(one) for who, one in _sign_ins(tiny).items()}
    grown = 0
    for read in reads:
        few_path = read.path.split("?cursor")[0]
        if few_path.startswith("tickets/") and "/messages/" in few_path:
            few_path = f"tickets/{tiny.long_ticket_id}/messages/"
        many = callers[read.who].count_queries(API + read.path)
        few = tiny_callers[read.who].count_queries(API + few_path)
        measured.note(f"{read.name}_queries", many)
        grown += many > few
    measured.note("reads_whose_queries_grow", grown)
    measured.at_most("reads_whose_queries_grow", 0)


if __name__ == "__main__":
    main("inbox", bench, seconds=600)
