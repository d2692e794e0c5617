"""What a person sees: a line per step with its seconds, a clear line on failure. Stdlib only."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.paths import shown

WIDTH = 44


class Trouble(Exception):
    """Something that a person must mend: what failed, what to do, and where the details are."""

    def __init__(self, what: str, todo: str = "", log: Path | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.todo = todo
        self.log = log

    def __str__(self) -> str:
        lines = [self.what]
        if self.todo:
            lines.append(f"  {self.todo}")
        if self.log is not None:
            lines.append(f"  Details: {shown(self.log)}")
        return "\n".join(lines)


class Step:
    """One line on the screen. `note` stands behind the title, e.g. "unchanged"."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.note = ""
        self._began = time.monotonic()
        self._seconds: float | None = None

    def stop(self) -> None:
        """It ends here, though its line is shown later."""
        self._seconds = time.monotonic() - self._began

    def line(self, mark: str) -> str:
        text = f"{self.title} ({self.note})" if self.note else self.title
        seconds = time.monotonic() - self._began if self._seconds is None else self._seconds
        return f"{mark} {text:<{WIDTH}} {seconds:6.1f} s"


def paint(text: str, colour: int) -> str:
    return f"\033[{colour}m{text}\033[0m" if sys.stdout.isatty() else text


def done(line: Step) -> str:
    return line.line(paint("✓", 32))


def failed(line: Step) -> str:
    return line.line(paint("✗", 31))


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Show a step while it runs (the seconds count on a terminal) and its tick at the end."""
    line = Step(title)
    over = threading.Event()
    ticker = threading.Thread(target=_count_seconds, args=(line, over), daemon=True)
    if sys.stdout.isatty():
        ticker.start()
    mark = failed
    try:
        yield line
        mark = done
    finally:
        over.set()
        if ticker.is_alive():
            ticker.join()
        print(("\r\033[K" if sys.stdout.isatty() else "") + mark(line), flush=True)


def _count_seconds(line: Step, over: threading.Event) -> None:
    while not over.is_set():
        print("\r\033[K" + line.line("·"), end="", flush=True)
        over.wait(1)


def speak(main: Callable[[], int]) -> int:
    """Run a verb: trouble becomes one clear line and status 1, Ctrl-C status 130."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no ticks gets question marks, not a traceback.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        return main()
    except Trouble as trouble:
        print(paint("✗ ", 31) + str(trouble), file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
