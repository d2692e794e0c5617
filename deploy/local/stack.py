"""A running Balcão as a value: real processes to start, kill -9, restart and stop.

    with Stack(tmp_path) as stack:               # own database, own Redis, free ports
        httpx.get(stack.url + "/healthz")
        stack.kill("worker")                     # kill -9
        stack.restart("worker")                  # and back, when it is ready

Names: web (pages, REST and sockets), or pages and sockets apart; worker, sessions, beat, simulator,
redis (and postgres, see below). A number makes another of the same: `sessions:2`. Nothing outlives the
process that made the stack.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Self

from deploy.local import databases
from deploy.local.environment import everything_new, stack_environment
from deploy.local.ports import HOST, free_port
from deploy.local.process import Part, Process, wait_until
from deploy.local.programs import WAVES, process_of, program_of
from deploy.local.stores import StackStores, Stores

WHOLE = ("simulator", "web", "worker", "sessions", "beat")
READY_SECONDS = 60


class Stack:
    """The processes of one Balcão, with their state in `folder`."""

    def __init__(
        self,
        folder: Path,
        *,
        names: Sequence[str] = WHOLE,
        ports: Mapping[str, int] | None = None,
        environment: Mapping[str, str] | None = None,
        stores: Stores | None = None,
        secret_values: Mapping[str, str] | None = None,
        own_postgres: bool = False,
    ) -> None:
        """`ports` by name (else free ones); `environment` adds to and overrides ours.

        Stacks share the PostgreSQL of the tests, each with a database of its own. With
        `own_postgres` one has a server to itself, named postgres, that may be killed as well.
        """
        self.folder = folder.absolute()
        self.names = list(names)
        self.ports = self._ports(ports or {})
        self._secrets = secret_values or everything_new()
        self._extra = dict(environment or {})
        self.stores = stores or StackStores(self.folder, self._environment("", ""), own_postgres=own_postgres)
        self.parts: dict[str, Part] = {}

    def _ports(self, given: Mapping[str, int]) -> dict[str, int]:
        wanted = {"web", "simulator", *(name for name in self.names if program_of(name).has_port)}
        ports = {name: given.get(name) or free_port() for name in sorted(wanted)}
        if "web" not in self.names and "pages" in self.names:
            ports["web"] = ports["pages"]  # the address people see
        return ports

    # --- what the outside needs -------------------------------------------------------------
    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.ports['web']}"

    @property
    def simulator_url(self) -> str:
        return f"http://{HOST}:{self.ports['simulator']}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every process in the stack."""
        return self._environment(self.stores.database_url, self.stores.redis_url)

    def _environment(self, database_url: str, redis_url: str) -> dict[str, str]:
        ours = stack_environment(
            folder=self.folder,
            ports=self.ports,
            database_url=database_url,
            redis_url=redis_url,
            secret_values=self._secrets,
        )
        return {**os.environ, **ours, **self._extra}

    def manage(self, *arguments: str) -> str:
        """Run manage.py on the stack's database; answers what it printed."""
        log = self.folder / "logs" / f"manage-{arguments[0]}.log"
        return databases.manage(*arguments, environment=self.environment, log=log)

    def pid(self, name: str) -> int:
        return self.parts[name].pid

    def log(self, name: str) -> Path:
        return self.parts[name].log

    def tail(self, name: str, lines: int = 8) -> str:
        """The last lines that a program wrote since its last start."""
        return self.parts[name].tail(lines)

    def is_running(self, name: str) -> bool:
        return self.parts[name].is_running()

    # --- life -------------------------------------------------------------------------------
    def start(self) -> None:
        """Stores first, then every program, until all are ready."""
        self.start_stores()
        self.start_programs(self.names)
        self.wait_ready(self.names)

    def start_stores(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.stores.start()
        self.parts.update(self.stores.parts)

    def start_programs(self, names: Sequence[str]) -> None:
        """Start programs, new ones too, without waiting for them."""
        for name in names:
            if name not in self.parts:
                if program_of(name).has_port:
                    self.ports.setdefault(name, free_port())
                self.parts[name] = process_of(
                    name, folder=self.folder, ports=self.ports, environment=self.environment
                )
            self.parts[name].start()

    def wait_ready(self, names: Sequence[str], *, seconds: float = READY_SECONDS) -> None:
        for name in names:
            part = self.parts[name]
            if isinstance(part, Process):
                is_ready = partial(program_of(name).is_ready, part, self.ports)
                wait_until(part, is_ready, seconds=seconds, what="it was ready")
            else:
                part.wait_ready()

    def send(self, name: str, number: int) -> None:
        """Send a signal and do not wait: SIGSTOP and SIGCONT, say."""
        self.parts[name].send(number)

    def kill(self, name: str, number: int = signal.SIGKILL, *, seconds: float = 30) -> None:
        """Send a signal and wait for the end: kill -9 unless another is given."""
        self.parts[name].send(number)
        if not self.parts[name].wait(seconds):
            raise TimeoutError(f"{name} did not end within {seconds:.0f} seconds")

    def restart(self, name: str) -> None:
        """Start again what was killed (or stop it first), and wait until it is ready."""
        if self.parts[name].is_running():
            self.parts[name].stop()
        self.parts[name].start()
        self.wait_ready([name])

    def stop(self, *, at_once: bool = False) -> None:
        """Stop everything in order: addresses and clock, workers, simulator, stores."""
        for wave in WAVES:
            stop_together([p for n, p in self._programs().items() if program_of(n).wave == wave], at_once)
        self.stores.stop(at_once=at_once)
        self.parts.clear()

    def _programs(self) -> dict[str, Process]:
        return {name: part for name, part in self.parts.items() if isinstance(part, Process)}

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:  # Ctrl-C as well: what had come up must not stay
            self.stop(at_once=True)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def stop_together(processes: Sequence[Process], at_once: bool) -> None:
    """Ask all to end before waiting for the first."""
    if not at_once:
        for process in processes:
            process.ask_to_stop()
    for process in processes:
        process.stop(at_once=at_once)
