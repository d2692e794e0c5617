"""What every bench shares: its options, its bounded time, its one JSON line, its exit status.

The last line on stdout is `{"bench", "commit", "machine", "figures", "goals", "met"}`; everything else
goes to stderr. Exit status 0 only where every goal is met.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, NoReturn

from deploy.local.console import Trouble
from deploy.local.paths import ROOT

MET, MISSED, BROKEN, STOPPED = 0, 1, 2, 130
# A quick run on a busy machine only says that nothing is an order of magnitude off.
QUICK_SLACK = 10.0


class OutOfTime(RuntimeError):
    """The bench took longer than it may."""


@dataclass(frozen=True)
class Options:
    """How this run was asked for. `rest` are arguments of the bench's own."""

    is_quick: bool
    rest: list[str]

    def pick(self, full: Any, quick: Any) -> Any:
        return quick if self.is_quick else full


@dataclass
class Measured:
    """Figures by name (the unit stands in the name), and the goals some of them have."""

    figures: dict[str, float] = field(default_factory=dict)
    goals: dict[str, tuple[str, float]] = field(default_factory=dict)

    def note(self, name: str, number: float) -> None:
        self.figures[name] = _rounded(number)

    def note_spread(self, name: str, values: Sequence[float], *, unit: str = "ms") -> None:
        """Three figures: `<name>_p50_ms`, `_p95_ms`, `_p99_ms`."""
        for share in (50, 95, 99):
            self.note(f"{name}_p{share}_{unit}", percentile(values, share))

    def at_most(self, name: str, limit: float) -> None:
        self.goals[name] = ("<=", limit)

    def is_met(self) -> bool:
        """A figure that is missing, or not a number, meets nothing."""
        return all(self.figures.get(name, math.nan) <= limit for name, (_sign, limit) in self.goals.items())


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: a value that was really measured. Nothing measured: not a number."""
    if not values:
        return math.nan
    rank = math.ceil(len(values) * share / 100)
    return sorted(values)[max(rank, 1) - 1]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(
    name: str, bench: Callable[[Options], Measured], *, seconds: float, quick_seconds: float = 120
) -> NoReturn:
    """Run a bench as a program."""
    parser = argparse.ArgumentParser(prog=f"python -m bench.{name}")
    parser.add_argument("--quick", action="store_true", help="a small run: does the bench itself work?")
    given, rest = parser.parse_known_args()
    options = Options(is_quick=given.quick, rest=rest)
    limit = quick_seconds if options.is_quick else seconds
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    signal.signal(signal.SIGALRM, _out_of_time)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        measured = bench(options)
    except KeyboardInterrupt:
        say("Stopped.")
        _leave(STOPPED)
    except Trouble as trouble:
        say(str(trouble))
        _leave(BROKEN)
    if options.is_quick:
        measured.goals = {k: (sign, limit * QUICK_SLACK) for k, (sign, limit) in measured.goals.items()}
    print(line(name, measured), flush=True)
    _leave(MET if measured.is_met() else MISSED)


def line(name: str, measured: Measured) -> str:
    return json.dumps(
        {
            "bench": name,
            "commit": commit(),
            "machine": machine(),
            "figures": {k: v for k, v in measured.figures.items() if math.isfinite(v)},
            "goals": {k: list(goal) for k, goal in measured.goals.items()},
            "met": measured.is_met(),
        }
    )


def commit() -> str:
    """The short hash of the checkout; with `+` when files differ from it."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "--no-optional-locks", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain", "-uno") else "")


def machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }


def _rounded(number: float) -> float:
    """Three digits are all that a measurement on a shared machine is worth."""
    if not math.isfinite(number) or number == 0:
        return number
    digits = 2 - math.floor(math.log10(abs(number)))
    rounded = round(number, max(digits, 0))
    return int(rounded) if rounded == int(rounded) else rounded


def _out_of_time(_number: int, _frame: FrameType | None) -> None:
    raise OutOfTime("the bench took longer than it may")


def _leave(status: int) -> NoReturn:
    signal.setitimer(signal.ITIMER_REAL, 0)
    sys.stdout.flush()
    sys.exit(status)
