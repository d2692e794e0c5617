"""Browsers: ten numbers through WhatsApp Web on one worker, on the pretend page with the real wa-js.

Memory is PSS, what the machine would get back; of each browser's processes together.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvloop

from bench import pretend_network
from bench.harness import Measured, Options, main
from bench.product import Product
from bench.scanning import shown_code
from bench.sessions import Line, Passed, Plan, exchange, hosts, stage, start_all, wait, wait_until_connected
from bench.signing_in import sign_in

NAMES = ("simulator", "pages", "sockets", "worker", "sessions", "beat")
MEMORY_GOAL_MB = 80.0
READY_GOAL_SECONDS = 40.0
SENDS_PER_SECOND = 50.0
SEEN_GOAL_SECONDS = 1.0
BACK_GOAL_SECONDS = 15.0
PROFILE = re.compile(r"--user-data-dir=(\S+)")


def bench(options: Options) -> Measured:
    plan = Plan(
        numbers=options.pick(10, 1),
        in_per_second=options.pick(2.0, 2.0),
        out_per_second=options.pick(SENDS_PER_SECOND, 2.0),
        seconds=options.pick(20.0, 3.0),
    )
    with Product(NAMES, is_quick=options.is_quick) as product:
        return _measure(product, plan)


def _measure(product: Product, plan: Plan) -> Measured:
    measured = Measured()
    product.start_programs(product.names)
    product.wait_ready(product.names)
    lines, tenant = stage(product, plan, driver="browser")
    _link_all(product, tenant, lines)
    product.tell(f"{len(lines)} numbers are linked")
    product.kill("sessions", signal.SIGTERM, seconds=90)
    product.parts["sessions"].start()
    began = time.monotonic()
    product.wait_ready(["sessions"])
    wait(lambda: len(_browsers(product)) >= len(lines), 120, "not all browsers are there")
    wait_until_connected(tenant, lines)
    measured.note("connections", len(lines))
    measured.note("all_ready_seconds", time.monotonic() - began)
    measured.at_most("all_ready_seconds", READY_GOAL_SECONDS)
    product.tell("all are ready")
    measured.note("memory_mb_per_session", _memory_mb(product))
    measured.at_most("memory_mb_per_session", MEMORY_GOAL_MB)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        stored, _taken_in, on_phone = runner.run(exchange(product, tenant, lines, plan))
    _tell_passed(measured, plan, stored, on_phone)
    measured.note("memory_mb_per_session_after_the_load", _memory_mb(product))
    _kill_one(product, tenant, lines, measured)
    return measured


def _tell_passed(measured: Measured, plan: Plan, stored: Passed, on_phone: Passed) -> None:
    span = max(on_phone.arrived.values()) - min(on_phone.began.values())
    measured.note("sends_per_second", len(on_phone.arrived) / span)
    measured.note(
        "sends_missing_per_second", max(0.0, plan.out_per_second * 0.95 - len(on_phone.arrived) / span)
    )
    measured.at_most("sends_missing_per_second", 0)
    for name, each in (("stored", stored), ("on_phone", on_phone)):
        measured.note_spread(name, each.waits_ms())
        measured.note(f"{name}_lost", each.lost)
        measured.at_most(f"{name}_lost", 0)


# --- linking ------------------------------------------------------------------------------------


def _link_all(product: Product, tenant: Any, lines: list[Line]) -> None:
    """Each shows its code to whoever may see it, and the number's phone reads it."""
    from accounts.models import Membership
    from tenants import scope

    with scope.working_for(tenant):
        (owner,) = Membership.objects.filter(role="owner").select_related("user", "tenant")
    (sign_in_,) = sign_in(tenant, [owner])

    def one(line: Line) -> None:
        code = shown_code(
            f"http://127.0.0.1:{product.ports['sockets']}",
            sign_in_.cookie,
            tenant.slug,
            str(line.connection.id),
            start=lambda: start_all(tenant, [line]),
        )
        pretend_network.scan(product.simulator_url, line.number, code)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(one, lines))
    wait_until_connected(tenant, lines, seconds=240)


# --- processes ----------------------------------------------------------------------------------


def _browsers(product: Product) -> dict[str, int]:
    """The first process of each Chromium of this product, by its profile."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            named = PROFILE.search(line)
            if named and named[1].startswith(str(product.home)) and "--type=" not in line:
                found[named[1]] = int(folder.name)
    return found


def _memory_mb(product: Product) -> float:
    """Of all their processes, shared out."""
    found = _browsers(product).values()
    return sum(_pss_mb(_family(pid)) for pid in found) / len(found)


def _family(pid: int) -> list[int]:
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    members = [pid]
    for member in members:
        members.extend(child for child, parent in parents.items() if parent == member)
    return members


def _pss_mb(pids: list[int]) -> float:
    total = 0
    for pid in pids:
        with suppress(OSError):
            told = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
            total += int(told[1]) if told else 0
    return total / 1024


def _kill_one(product: Product, tenant: Any, lines: list[Line], measured: Measured) -> None:
    """kill -9 of one browser: when is it seen, when is its number connected again?"""
    victim = lines[0]
    profile = next(path for path in _browsers(product) if path.endswith(str(victim.connection.id)))
    os.kill(_browsers(product)[profile], signal.SIGKILL)
    began = time.monotonic()
    wait(lambda: victim.connection.id not in hosts(tenant), 30, "the kill was not seen")
    measured.note("kill_seen_seconds", time.monotonic() - began)
    wait(lambda: victim.connection.id in hosts(tenant), 60, "the number did not come back")
    measured.note("kill_back_seconds", time.monotonic() - began)
    measured.at_most("kill_seen_seconds", SEEN_GOAL_SECONDS)
    measured.at_most("kill_back_seconds", BACK_GOAL_SECONDS)


if __name__ == "__main__":
    main("sessions_in_browsers", bench, seconds=600, quick_seconds=150)
