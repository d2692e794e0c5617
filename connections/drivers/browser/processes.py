"""Processes of this machine as /proc shows them: a browser's tree, what it costs, how to hold it still."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PROC = Path("/proc")


def command_line(pid: int) -> list[str]:
    """Empty where the process is gone."""
    try:
        raw = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    # Chromium's children write theirs as one string with spaces.
    return [part.decode(errors="replace") for part in raw.replace(b"\0", b" ").split(b" ") if part]


def children(pid: int) -> list[int]:
    """Direct children of a process, of all its threads."""
    found: list[int] = []
    with suppress(OSError):
        for thread in (PROC / str(pid) / "task").iterdir():
            with suppress(OSError):
                found += map(int, (thread / "children").read_text().split())
    return found


def tree(pid: int) -> list[int]:
    """A process and everything below it, parents first."""
    found = [pid]
    for one in found:
        found += children(one)
    return found


def browser_of(profile: Path) -> int | None:
    """The main process of the Chromium that has this profile open. Distributions start it from a script,
    which has the same arguments and is its parent."""
    wanted = f"--user-data-dir={profile}"
    found = {pid for pid in _all() if _is_main(command_line(pid), wanted)}
    return next((pid for pid in found if not found.intersection(children(pid))), None)


def _all() -> list[int]:
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def _is_main(line: list[str], wanted: str) -> bool:
    return wanted in line and not any(part.startswith("--type=") for part in line)


def renderers(browser: int) -> list[int]:
    return [pid for pid in tree(browser) if "--type=renderer" in command_line(pid)]


def pss_bytes(pids: list[int]) -> int:
    """What these processes cost together: memory they share is counted once."""
    total = 0
    for pid in pids:
        with suppress(OSError, ValueError):
            for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


def tell(pids: list[int], what: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, what)


@contextmanager
def held_still(browser: int) -> Iterator[None]:
    """Every process of the tree stands still meanwhile, so that its files do not change."""
    held: list[int] = []
    try:
        # A process may be born while its elders are being stopped.
        while fresh := [pid for pid in tree(browser) if pid not in held]:
            tell(fresh, signal.SIGSTOP)
            held += fresh
        yield
    finally:
        tell(held, signal.SIGCONT)


async def end(pid: int, *, within: float = 5.0) -> bool:
    """Kill a process and what is below it; whether all of it is gone."""
    gone = tree(pid)
    tell(gone, signal.SIGKILL)
    async with asyncio.timeout(within):
        while any(_is_alive(one) for one in gone):
            await asyncio.sleep(0.02)
    return True


def _is_alive(pid: int) -> bool:
    try:
        state = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")
