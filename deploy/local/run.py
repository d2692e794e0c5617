"""`make run`: the whole product on this machine until Ctrl-C. `--print-env`: what it reads."""

from __future__ import annotations

import os
import shlex
import sys
import time

from deploy.local import databases, demo
from deploy.local.console import Trouble, paint, speak, step
from deploy.local.digests import Stamp
from deploy.local.environment import local_secrets
from deploy.local.paths import LOGS, VAR, shown
from deploy.local.ports import demand_free_for_run, ports_of_run, run_lock
from deploy.local.stack import Stack
from deploy.local.stores import stores_of_run
from deploy.local.supervise import Supervisor, on_stop_signals

STARTED_AT = time.time()
LOCAL_PAGES = (
    ("Inbox", "/t/{tenant}/inbox/"),
    ("Connections", "/t/{tenant}/connections/"),
    ("API docs", "/api/v1/docs/"),
    ("Admin", "/admin/"),
)


def local_stack() -> Stack:
    """The stack of this checkout. What a person set in the environment wins over ours."""
    values = local_secrets()
    set_by_hand = {n: v for n, v in os.environ.items() if n not in ("PATH", "BALCAO_ENV")}
    return Stack(
        VAR,
        ports=ports_of_run(),
        secret_values=values,
        stores=stores_of_run(values),
        environment=set_by_hand,
    )


def main() -> int:
    if "--print-env" in sys.argv[1:]:
        return print_environment()
    demand_free_for_run()
    lock = run_lock()
    lock.take()
    stack = local_stack()
    try:
        return live(stack)
    finally:
        lock.drop()


def live(stack: Stack) -> int:
    # Until the supervisor watches, a signal ends the start; `finally` stops what is up.
    on_stop_signals(_interrupt, lambda: end_at_once(stack))
    try:
        start(stack)
        supervisor = Supervisor(stack)
        on_stop_signals(supervisor.ending.set, lambda: end_at_once(stack))
        print_addresses(stack, time.time() - float(os.environ.get("BALCAO_STARTED_AT", STARTED_AT)))
        supervisor.watch()
    finally:
        stop(stack)
    return 0


def _interrupt() -> None:
    raise KeyboardInterrupt


def start(stack: Stack) -> None:
    with step("PostgreSQL and Redis") as line:
        line.note = "" if stack.stores.parts else "as given by DATABASE_URL and REDIS_URL"
        stack.start_stores()
    migrate(stack)
    with step("Demo data") as line:
        if demo.is_seeded(stack.stores.database_url):
            line.note = "unchanged"
        else:
            demo.seed(stack)
    with step("Processes: " + ", ".join(stack.names)):
        stack.start_programs(stack.names)
        wait_for(stack)


def migrate(stack: Stack) -> None:
    """Only when the migrations changed; a database that is not ours is always asked."""
    # Beside our database's files, so that it goes with them.
    stamp = Stamp(VAR / "postgres" / "migrated")
    wanted = databases.digest_of_migrations()
    with step("Migrations") as line:
        if "postgres" in stack.stores.parts and stamp.says(wanted):
            line.note = "unchanged"
            return
        stack.manage("migrate", "--no-input")
        if "postgres" in stack.stores.parts:
            stamp.write(wanted)


def wait_for(stack: Stack) -> None:
    """Say why, from its log, when a process does not come up."""
    for name in stack.names:
        try:
            stack.wait_ready([name])
        except Trouble as trouble:
            said = stack.tail(name)
            raise Trouble(f"{trouble.what}\n{said}", trouble.todo, trouble.log) from trouble


def stop(stack: Stack) -> None:
    if not stack.parts:
        return
    print()
    with step("Stopping"):
        stack.stop()


def end_at_once(stack: Stack) -> None:
    """The second Ctrl-C: kill, without goodbyes."""
    stack.stop(at_once=True)
    print("\nKilled.", flush=True)
    os._exit(130)


def print_addresses(stack: Stack, seconds: float) -> None:
    people = demo.sign_ins()
    # Operators of the installation belong to no tenant.
    tenant = next((person.tenant for person in people if person.tenant), "")
    print(f"\n{paint('Balcão is running', 1)} (started in {seconds:.1f} s)\n")
    for title, path in LOCAL_PAGES:
        print(f"  {title:<13} {stack.url}{path.format(tenant=tenant)}")
    print(f"  {'Simulator':<13} {stack.simulator_url}/\n")
    if people:
        rows = [("Sign in as", "password", "role", "tenant")]
        rows += [(p.email, p.password, p.role, p.tenant) for p in people]
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        for row in rows:
            print("  " + "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
    print(f"\n  Logs: {shown(LOGS)}/   Mail: {shown(VAR)}/mail/   Stop: Ctrl-C\n", flush=True)


def print_environment() -> int:
    """For a shell beside a running `make run`: eval "$(… -m deploy.local.run --print-env)"."""
    environment = local_stack().environment
    for name in sorted(environment):
        if environment[name] != os.environ.get(name):
            print(f"export {name}={shlex.quote(environment[name])}")
    return 0


if __name__ == "__main__":
    sys.exit(speak(main))
