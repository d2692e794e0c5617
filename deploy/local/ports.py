"""Ports: free ones, and who holds a taken one. Stdlib only."""

from __future__ import annotations

import errno
import os
import random
import socket
from contextlib import suppress
from pathlib import Path

from deploy.local.console import Trouble
from deploy.local.locks import Lock
from deploy.local.paths import VAR

HOST = "127.0.0.1"
LISTENING = "0A"


def run_lock() -> Lock:
    """Held by a running `make run` of this checkout."""
    return Lock(VAR / "run.lock")


def ports_of_run() -> dict[str, int]:
    return {"web": _chosen("PORT", 8000), "simulator": _chosen("SIMULATOR_PORT", 8010)}


def _chosen(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Trouble(f"{variable}={text} is not a port.", "A port is a number from 1 to 65535.")
    return int(text)


def demand_free_for_run() -> None:
    """One clear line before any work when `make run` cannot have its ports."""
    lock = run_lock()
    if not lock.take():
        raise Trouble(
            f"Balcão already runs from this folder (process {lock.owner()}).",
            "Stop it there with Ctrl-C; a second copy needs a second checkout.",
        )
    lock.drop()
    ports = ports_of_run()
    if ports["web"] == ports["simulator"]:
        raise Trouble("PORT and SIMULATOR_PORT are the same.", "Choose two different ports.")
    _demand_free(ports["web"], "PORT")
    _demand_free(ports["simulator"], "SIMULATOR_PORT")


def _demand_free(port: int, variable: str) -> None:
    if is_free(port):
        return
    holder = holder_of(port)
    by = f" by {holder}" if holder else " by another program"
    raise Trouble(
        f"Port {port} is taken{by}.",
        f"Stop that program, or choose another port: make run {variable}={free_port(port + 1)}",
    )


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # A server that stopped a moment ago leaves waiting connections behind; they do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise Trouble(f"Port {port} needs more rights.", "Choose one above 1023.") from error
            return False
    return True


def free_port(start: int = 0) -> int:
    """A free port: the first from `start` on, or any below those that systems lend to outgoing
    connections (32768 on Linux), so that none of them can take it before its server does."""
    start = start or random.randrange(10_000, 30_000)
    return next(port for port in range(start, 65536) if is_free(port))


def holder_of(port: int) -> str | None:
    """The program that listens on a port, as far as Linux lets us see: "nginx (process 12)"."""
    inodes = _listening_inodes(port)
    if not inodes:
        return None
    for folder in Path("/proc").glob("[0-9]*"):
        if not inodes.isdisjoint(_open_files(folder)):
            return f"{(folder / 'comm').read_text().strip()} (process {folder.name})"
    return None


def _open_files(process: Path) -> set[str]:
    """What a process has open; nothing where we may not look, or it went meanwhile."""
    names = set()
    with suppress(OSError):
        for link in list((process / "fd").iterdir()):
            with suppress(OSError):
                names.add(str(link.readlink()))
    return names


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == LISTENING and int(columns[1].rsplit(":", 1)[1], 16) == port:
                    found.add(f"socket:[{columns[9]}]")
    return found
