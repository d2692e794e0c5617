"""The real product for a bench: its processes from `deploy.local.stack`, and what they cost.

A full run gets a durable PostgreSQL of its own (an installation waits for its disk at each commit); a
quick one the forgetful server of the tests, whose migrated database is copied in a moment.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import django
from django.db import connections

from bench.harness import say
from deploy.local.postgres import Postgres
from deploy.local.redis_server import Redis
from deploy.local.stack import Stack
from deploy.local.stores import Stores

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
LOG_LINES_SHOWN = 12


class Product(Stack):
    """A stack with Django set up on its database in this process as well. Use it with `with`."""

    def __init__(self, names: Sequence[str], *, is_quick: bool) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="balcao-bench-"))
        self.began = time.monotonic()
        super().__init__(
            self.home,
            names=names,
            stores=None if is_quick else _durable_stores(self.home),
            environment={"LOG_LEVEL": "WARNING"},
        )
        self.is_quick = is_quick

    def start(self) -> None:
        """Stores, tables, Django here. Programs are the bench's to start, beside or after its data."""
        self.start_stores()
        if not self.is_quick:
            self.manage("migrate", "--no-input")
        os.environ.update({**self.environment, "DJANGO_SETTINGS_MODULE": "config.settings"})
        django.setup()
        self.tell("stores are ready")

    def tell(self, what: str) -> None:
        say(f"{time.monotonic() - self.began:6.1f} s  {what}")

    def __enter__(self) -> Self:
        try:
            super().__enter__()
        except BaseException:
            self._forget()
            raise
        return self

    def __exit__(self, kind: object = None, *_: object) -> None:
        if kind is not None and kind is not KeyboardInterrupt:
            self.tell_logs()
        connections.close_all()
        self.stop(at_once=self.is_quick)  # nobody waits for goodbyes in a test
        self._forget()

    def tell_logs(self) -> None:
        """What the programs complained of last."""
        for name in self.parts:
            say(f"--- {name}\n{self.tail(name, LOG_LINES_SHOWN)}")

    def _forget(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)

    def cpu_seconds(self) -> dict[str, float]:
        """Processor time used so far, by part: itself and its children, living and dead."""
        tree = _processes()
        return {name: _cpu_of(part.pid, tree) for name, part in self.parts.items()}

    def memory_mb(self, name: str) -> float:
        """Resident memory of a part and its children."""
        tree = _processes()
        pages = sum(process.pages for process in _family(self.pid(name), tree))
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _durable_stores(folder: Path) -> Stores:
    logs = folder / "logs"
    return Stores(
        postgres=Postgres(folder / "postgres", log=logs / "postgres.log", password=secrets.token_hex(24)),
        redis=Redis(folder / "redis", log=logs / "redis.log", password=secrets.token_hex(24)),
    )


# --- what processes cost (Linux; elsewhere nothing is told) -----------------------------------


class _Process:
    def __init__(self, pid: int, stat: str) -> None:
        self.pid = pid
        columns = stat.rpartition(")")[2].split()
        self.parent = int(columns[1])
        self.ticks = sum(int(column) for column in columns[11:15])  # own and waited-for children's
        self.pages = int(columns[21])


def _processes() -> dict[int, _Process]:
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            found[int(folder.name)] = _Process(int(folder.name), (folder / "stat").read_text())
    return found


def _family(pid: int, tree: dict[int, _Process]) -> list[_Process]:
    members = [tree[pid]] if pid in tree else []
    for member in members:
        members.extend(child for child in tree.values() if child.parent == member.pid)
    return members


def _cpu_of(pid: int, tree: dict[int, _Process]) -> float:
    return sum(process.ticks for process in _family(pid, tree)) / TICKS_PER_SECOND


def cpu_used(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Seconds by part between two readings; numbers of one program are added up."""
    used: dict[str, float] = {}
    for name, seconds in after.items():
        program = name.partition(":")[0]
        used[program] = used.get(program, 0.0) + seconds - before.get(name, 0.0)
    return used
