"""Looking at what was launched, by folder and by process; a quick PostgreSQL to launch."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path


def processes_of(folder: Path) -> list[str]:
    """Command lines of processes that were started in or for a folder."""
    listed = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            place = str((process / "cwd").readlink())
        except (OSError, UnicodeDecodeError):
            continue
        if str(folder) in command or place.startswith(str(folder)):
            listed.append(f"{process.name} {command}")
    return listed


def python(*arguments: str | Path, cwd: Path, **options: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


def is_alive(pid: int) -> bool:
    """Whether the process runs: one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.1)


def copy_cluster(fresh: Path, target: Path) -> None:
    """A cluster that nobody has started yet, in a place of its own."""
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", fresh, target], check=True)
