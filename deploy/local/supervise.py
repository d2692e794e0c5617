"""Watching a running stack: echo what goes wrong, bring back what died, end in order on Ctrl-C."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from deploy.local.console import Trouble, paint
from deploy.local.paths import shown
from deploy.local.process import Part
from deploy.local.stack import Stack

LOUD = re.compile(
    r"\b(warning|error|critical|fatal|panic)\b|^Traceback|^\w+(\.\w+)*(Error|Exception)\b", re.I
)
# Advice for servers that nobody can follow, or need follow, at home.
QUIET = re.compile(r"Memory overcommit must be enabled|PendingDeprecationWarning")
LOOK_SECONDS = 0.25
DELAYS_SECONDS = (1, 2, 4, 8, 16)
# After this long without dying a process has its patience back.
STEADY_SECONDS = 60
MOST_ECHOED_LINES = 12


class Echo:
    """Follows one log and shows the lines that a person should see."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self.read_to = log.stat().st_size if log.exists() else 0

    def show_news(self) -> None:
        lines = [line for line in self._news() if LOUD.search(line) and not QUIET.search(line)]
        for line in lines[:MOST_ECHOED_LINES]:
            print(f"{paint(f'{self.name:>9}', 33)} │ {line[:300]}", flush=True)
        if len(lines) > MOST_ECHOED_LINES:
            print(f"{self.name:>9} │ … and {len(lines) - MOST_ECHOED_LINES} more in {shown(self.log)}")

    def _news(self) -> list[str]:
        """Whole lines since the last look; a log that became shorter was started afresh."""
        try:
            with self.log.open("rb") as log:
                size = log.seek(0, 2)
                log.seek(self.read_to if size >= self.read_to else 0)
                text = log.read()
        except OSError:
            return []
        whole = text.rpartition(b"\n")[0]
        self.read_to = (self.read_to if size >= self.read_to else 0) + (len(whole) + 1 if whole else 0)
        return whole.decode("utf-8", errors="replace").splitlines()


class Revival:
    """How often one part died lately, and when it may be started again."""

    def __init__(self) -> None:
        self.deaths = 0
        self.due: float | None = None
        self.last_start = time.monotonic()

    def died(self, now: float) -> float | None:
        """Seconds until the next try; None when there will be none."""
        self.deaths = 0 if now - self.last_start > STEADY_SECONDS else self.deaths
        if self.deaths >= len(DELAYS_SECONDS):
            self.due = float("inf")
            return None
        delay = DELAYS_SECONDS[self.deaths]
        self.deaths += 1
        self.due = now + delay
        return delay

    def started(self, now: float) -> None:
        self.due = None
        self.last_start = now


class Supervisor:
    """Runs until Ctrl-C or SIGTERM; a second one ends everything at once."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.ending = threading.Event()
        self.echoes = {name: Echo(name, part.log) for name, part in stack.parts.items()}
        self.revivals = {name: Revival() for name in stack.parts}

    def watch(self) -> None:
        while not self.ending.wait(LOOK_SECONDS):
            self.look()

    def look(self) -> None:
        now = time.monotonic()
        for name, part in self.stack.parts.items():
            self.echoes[name].show_news()
            revival = self.revivals[name]
            if revival.due is None and not part.is_running():
                self._report_death(name, part, revival.died(now))
            elif revival.due is not None and now >= revival.due:
                revival.started(now)
                self._revive(name, part)

    def _report_death(self, name: str, part: Part, delay: float | None) -> None:
        status = part.exit_status
        what = f"{name} ended" + (f" ({status_text(status)})" if status is not None else "")
        if delay is None:
            then = f"it died {len(DELAYS_SECONDS) + 1} times and stays down; the rest runs on"
        else:
            then = f"starting it again in {delay:.0f} s"
        print(f"{paint('✗', 31)} {what}; {then}. Log: {shown(part.log)}", flush=True)
        for line in part.tail().splitlines():
            print(f"    {line[:200]}", flush=True)

    def _revive(self, name: str, part: Part) -> None:
        try:
            part.start()
        except Trouble as trouble:
            print(str(trouble), flush=True)


def status_text(status: int) -> str:
    """An exit status as people know it: "signal SIGKILL", "status 1"."""
    if status >= 0:
        return f"status {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"


def on_stop_signals(first: Callable[[], None], second: Callable[[], None]) -> None:
    """SIGINT, SIGTERM and SIGHUP: the first asks to end in order, the second ends at once."""
    seen = 0

    def handle(_: int, __: object) -> None:
        nonlocal seen
        seen += 1
        (first if seen == 1 else second)()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handle)
