"""One process of a stack: its own group, a log file, and an end together with its starter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deploy.local.console import Trouble
from deploy.local.paths import ROOT

TETHER = Path(__file__).with_name("tether.py")
ROTATE_BYTES = 5 * 1024 * 1024
POLL_SECONDS = 0.05

# The kernel's "parent died" means the *thread* that forked. So one thread that lives as long as this
# process starts everything, whichever thread asks.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="starter")


@dataclass(frozen=True)
class Account:
    """A system user to run as, when we are root and the program refuses to be."""

    uid: int
    gid: int


class Part(Protocol):
    """Something in a stack that can be killed and brought back: a program, PostgreSQL, Redis."""

    name: str
    log: Path

    @property
    def pid(self) -> int: ...
    @property
    def exit_status(self) -> int | None: ...
    def start(self) -> None: ...
    def stop(self, *, at_once: bool = False) -> None: ...
    def send(self, number: int) -> None: ...
    def is_running(self) -> bool: ...
    def wait(self, seconds: float) -> bool: ...
    def wait_ready(self) -> None: ...
    def tail(self, lines: int = 8) -> str: ...


class Process:
    """A program that can be started, killed and started again."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        folder: Path = ROOT,
        account: Account | None = None,
        goodbye_seconds: float = 10,
        stop_signal: signal.Signals = signal.SIGTERM,
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        """`stop_signal` asks to end within `goodbye_seconds`; `death_signal` comes when we die."""
        self.name = name
        self.argv = [str(argument) for argument in argv]
        self.log = log
        self.environment = dict(environment or {})
        self.folder = folder
        self.account = account
        self.goodbye_seconds = goodbye_seconds
        self.stop_signal = stop_signal
        self.death_signal = death_signal
        self.log_start = 0
        self.started_at = 0.0
        self._is_asked = False
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._popen is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._popen.pid

    def start(self) -> None:
        if self.is_running():
            raise RuntimeError(f"{self.name} is running")
        self._rotate_log()
        self._is_asked = False
        self._popen = _starter.submit(self._spawn).result()
        self.started_at = time.monotonic()

    def _spawn(self) -> subprocess.Popen[bytes]:
        uid, gid = (self.account.uid, self.account.gid) if self.account else (-1, -1)
        tether = (sys.executable, "-I", "-S", TETHER, os.getpid(), int(self.death_signal), uid, gid)
        with self.log.open("ab") as log:
            self.log_start = log.tell()
            return subprocess.Popen(
                [*(str(part) for part in tether), *self.argv],
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us only; we stop the parts in order
            )

    def _rotate_log(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > ROTATE_BYTES:
            self.log.replace(self.log.with_name(f"{self.log.name}.1"))

    def is_running(self) -> bool:
        if self._popen is None or self._popen.returncode is not None:
            return False
        if self._popen.poll() is None:
            return True
        self._sweep()
        return False

    @property
    def exit_status(self) -> int | None:
        """The status it ended with (negative: the signal that ended it); None while it runs."""
        return None if self._popen is None else self._popen.poll()

    def send(self, number: int) -> None:
        """Send a signal to the process itself, not to its children."""
        if self.is_running():
            os.kill(self.pid, number)

    def wait(self, seconds: float) -> bool:
        """Whether it ended within that time."""
        until = time.monotonic() + seconds
        while self.is_running():
            if time.monotonic() > until:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def wait_ready(self) -> None:
        """A plain process is ready when it runs."""

    def ask_to_stop(self) -> None:
        """Ask once: a second request would make Celery drop what it is doing."""
        if not self._is_asked:
            self._is_asked = True
            self.send(self.stop_signal)

    def stop(self, *, at_once: bool = False) -> None:
        if at_once:
            self._sweep()
        else:
            self.ask_to_stop()
            if not self.wait(self.goodbye_seconds):
                self._sweep()
        self.wait(5)

    def _sweep(self) -> None:
        """Kill the whole group: what the process started (browsers, workers) goes with it."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def said(self) -> str:
        """What it wrote to its log since its last start."""
        try:
            with self.log.open("rb") as log:
                log.seek(self.log_start)
                return log.read().decode("utf-8", errors="replace")
        except OSError:
            return ""

    def tail(self, lines: int = 8) -> str:
        return "\n".join(self.said().rstrip().splitlines()[-lines:])


class Server:
    """A part around one process that is made anew at each start: PostgreSQL and Redis."""

    name: str
    log: Path
    process: Process | None = None

    def _started(self) -> Process:
        if self.process is None:
            raise RuntimeError(f"{self.name} was never started")
        return self.process

    @property
    def pid(self) -> int:
        return self._started().pid

    @property
    def exit_status(self) -> int | None:
        return self._started().exit_status

    def is_running(self) -> bool:
        return self.process is not None and self.process.is_running()

    def send(self, number: int) -> None:
        self._started().send(number)

    def wait(self, seconds: float) -> bool:
        return self.process is None or self.process.wait(seconds)

    def stop(self, *, at_once: bool = False) -> None:
        if self.process is not None:
            self.process.stop(at_once=at_once)

    def tail(self, lines: int = 8) -> str:
        return self._started().tail(lines)


def wait_until(part: Part, is_ready: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Poll `is_ready()`; raise Trouble when the part ends before it or time runs out."""
    until = time.monotonic() + seconds
    while not is_ready():
        if not part.is_running():
            raise Trouble(f"{part.name} stopped before {what}.", log=part.log)
        if time.monotonic() > until:
            raise Trouble(f"{part.name}: {what} took more than {seconds:.0f} seconds.", log=part.log)
        time.sleep(POLL_SECONDS)


def command_of(pid: int) -> str:
    """The command line of any process; empty when there is none such."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    listed = subprocess.run(["ps", "-p", str(pid), "-o", "args="], capture_output=True, check=False)
    return listed.stdout.decode(errors="replace")
