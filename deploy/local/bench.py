"""`make bench`: run every bench in turn, and write docs/performance.md from what they print."""

from __future__ import annotations

import json
import os
import platform
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploy.local.console import Trouble, paint, speak
from deploy.local.paths import LOGS, ROOT, path_variable, shown

PAGE = ROOT / "docs" / "performance.md"
HEAD = """# Performance

Made by `make bench`: every figure comes from a program in `bench/` that starts the real product,
measures, and says whether its goals are met. Figures are of the machine named, which may have had
other work to do.
"""


@dataclass(frozen=True)
class Result:
    name: str
    commit: str
    machine: str
    figures: dict[str, float]
    goals: dict[str, tuple[str, float]]
    met: bool


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    arguments = shlex.split(os.environ.get("BENCH_ARGS", "")) + sys.argv[1:]
    options = [argument for argument in arguments if argument.startswith("-")]
    chosen = [argument for argument in arguments if not argument.startswith("-")]
    names = benches()
    unknown = sorted(set(chosen) - set(names))
    if unknown:
        raise Trouble(f"There is no bench {', '.join(unknown)}.", f"There are: {', '.join(names)}.")
    results = [run(name, options) for name in chosen or names]
    if not chosen and not options:
        PAGE.write_text(page(results), encoding="utf-8")
        print(f"Written: {shown(PAGE)}")
    return 0 if all(result.met for result in results) else 1


def benches() -> list[str]:
    """A bench is a file that can be run; the others in the folder are what benches share."""
    files = sorted((ROOT / "bench").glob("*.py"))
    return [file.stem for file in files if '__name__ == "__main__"' in file.read_text(encoding="utf-8")]


def run(name: str, options: list[str]) -> Result:
    print(f"{paint(name, 1)} …", flush=True)
    log = LOGS / f"bench-{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as errors:
        output = subprocess.run(
            [sys.executable, "-m", f"bench.{name}", *options],
            cwd=ROOT,
            env={**os.environ, "PATH": path_variable()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            check=False,
        ).stdout
    result = parse(name, output, log)
    for row in rows(result):
        print("  " + "  ".join(row))
    return result


def parse(name: str, output: str, log: Path) -> Result:
    try:
        said = json.loads(output.strip().splitlines()[-1])
        goals = {figure: (str(goal[0]), float(goal[1])) for figure, goal in said["goals"].items()}
        figures = {figure: float(number) for figure, number in said["figures"].items()}
        return Result(name, said["commit"], machine(said["machine"]), figures, goals, bool(said["met"]))
    except (IndexError, ValueError, KeyError, TypeError, AttributeError) as error:
        with log.open("a", encoding="utf-8") as out:
            out.write(output)
        raise Trouble(f"The bench {name} printed no result.", log=log) from error


def machine(said: object) -> str:
    if isinstance(said, dict):
        return ", ".join(f"{name} {value}" for name, value in said.items())
    return str(said or platform.machine())


def rows(result: Result) -> list[tuple[str, str, str]]:
    """Figure, goal, verdict: for people."""
    told = []
    for figure, number in result.figures.items():
        sign, limit = result.goals.get(figure, ("", 0.0))
        goal = f"{sign} {limit:g}" if sign else ""
        told.append((figure, f"{number:g}", goal))
    return told


def page(results: list[Result]) -> str:
    parts = [HEAD, f"Measured on {datetime.now(UTC):%Y-%m-%d}."]
    for result in results:
        verdict = "goals met" if result.met else "**goals missed**"
        parts.append(f"\n## {result.name}: {verdict}\n")
        parts.append(f"Commit {result.commit or 'unknown'}; {result.machine}.\n")
        parts.append("| figure | measured | goal |\n|---|---:|---:|")
        parts.extend(f"| {figure} | {number} | {goal} |" for figure, number, goal in rows(result))
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(speak(main))
