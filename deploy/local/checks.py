"""The checks of `make test`, `make lint`, `make types`, and how they run two at a time."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.console import Step, Trouble, done, failed
from deploy.local.paths import LOGS, ROOT, VENV_BIN, shown
from deploy.local.process import Process

PYTHON = sys.executable
LANES = 2


@dataclass(frozen=True)
class Check:
    title: str
    argv: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)
    # Started before all others, wherever it stands: the others run beside it.
    is_long: bool = False

    @property
    def log(self) -> Path:
        return LOGS / f"test-{self.title.replace(' ', '-').lower()}.log"


def templates() -> list[Path]:
    found = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/templates/**/*.html")]
    return sorted(path for path in set(found) if "node_modules" not in path.parts)


def lint() -> list[Check]:
    return [
        Check("ruff check", [PYTHON, "-m", "ruff", "check", "."]),
        Check("ruff format", [PYTHON, "-m", "ruff", "format", "--check", "."]),
        *([Check("djade", [*djade(), "--check", *templates()])] if templates() else []),
        Check("import contracts", [VENV_BIN / "lint-imports", "--no-cache"]),
    ]


def djade() -> list[str | Path]:
    return [VENV_BIN / "djade", "--target-version", "5.2"]


def types(environment: Mapping[str, str]) -> list[Check]:
    return [
        Check("mypy", [PYTHON, "-m", "mypy", "."], environment),
        Check("types of the front end", [VENV_BIN / "npm", "run", "--silent", "types"]),
    ]


class _Ended(Exception):
    """Another check failed first."""


class Runner:
    """Runs checks two at a time, one line each in the order given; ends at the first failure."""

    def __init__(self) -> None:
        self._ending = threading.Event()

    def run(self, checks: Sequence[Check], *, lanes: int = LANES) -> None:
        self._ending.clear()
        pool = ThreadPoolExecutor(lanes)
        try:
            long_first = sorted(checks, key=lambda check: not check.is_long)
            futures = {pool.submit(self._run, check): check for check in long_first}
            self._show(checks, futures)
        finally:
            self._ending.set()
            pool.shutdown(cancel_futures=True)

    def _show(self, checks: Sequence[Check], futures: Mapping[Future[Step], Check]) -> None:
        lines: dict[str, Step] = {}
        shown_so_far = 0
        for future in as_completed(futures):
            check = futures[future]
            lines[check.title] = future.result()
            while shown_so_far < len(checks) and checks[shown_so_far].title in lines:
                print(done(lines[checks[shown_so_far].title]), flush=True)
                shown_so_far += 1

    def _run(self, check: Check) -> Step:
        if self._ending.is_set():
            raise _Ended
        line = Step(check.title)
        check.log.unlink(missing_ok=True)
        process = Process(check.title, check.argv, log=check.log, environment=check.environment)
        process.start()
        while not process.wait(0.1):
            if self._ending.is_set():
                process.stop(at_once=True)
                raise _Ended
        line.stop()
        if process.exit_status != 0:
            self._fail(check, line, process)
        return line

    def _fail(self, check: Check, line: Step, process: Process) -> None:
        if self._ending.is_set():
            raise _Ended
        self._ending.set()
        print(failed(line), flush=True)
        print(process.said().strip(), flush=True)
        raise Trouble(f"{check.title} failed (status {process.exit_status}).", f"Log: {shown(check.log)}")
