"""The programs of a stack: how each is started, when it is ready, how long its goodbye may take."""

from __future__ import annotations

import http.client
import re
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.ports import HOST
from deploy.local.process import Process

CELERY_READY = re.compile(r"@\S+ ready\b")


@dataclass(frozen=True)
class Setting:
    """What a program's command line depends on. `sessions:2` is the name of a second one."""

    name: str
    folder: Path
    ports: Mapping[str, int]

    @property
    def port(self) -> str:
        return str(self.ports[self.name])

    @property
    def node(self) -> str:
        """Celery's name of the worker: `sessions2@host`."""
        return f"{self.name.replace(':', '')}@%h"


@dataclass(frozen=True)
class Program:
    arguments: Callable[[Setting], list[str]]
    is_ready: Callable[[Process, Mapping[str, int]], bool]
    # Programs of a later wave say goodbye after those of an earlier one.
    wave: int
    goodbye_seconds: float = 10
    has_port: bool = False


def _uvicorn(application: str) -> Callable[[Setting], list[str]]:
    options = [
        "--no-access-log",
        "--no-use-colors",
        "--log-level",
        "warning",
        "--timeout-graceful-shutdown",
        "3",
        # The quicker of uvicorn's two protocols for a frame to many consoles. Compressing every copy of a
        # frame anew would cost more than all the rest.
        "--ws",
        "deploy.socket_protocol:SocketProtocol",
        "--ws-per-message-deflate",
        "false",
    ]
    return lambda at: ["uvicorn", application, "--host", HOST, "--port", at.port, *options]


def _granian(at: Setting) -> list[str]:
    options = [
        "--interface",
        "wsgi",
        "--workers",
        "1",
        "--blocking-threads",
        "8",
        "--no-ws",
        "--log-level",
        "warning",
    ]
    return ["granian", "config.wsgi:application", "--host", HOST, "--port", at.port, *options]


def _worker(queue: str) -> Callable[[Setting], list[str]]:
    options = f"-Q {queue} --pool threads -c 4".split()
    if queue == "sessions":
        options += ["--without-gossip", "--without-mingle"]
    return lambda at: ["celery", "-A", "config", "worker", *options, "-n", at.node]


def _beat(at: Setting) -> list[str]:
    schedule = at.folder / "beat" / "schedule"
    schedule.parent.mkdir(parents=True, exist_ok=True)
    return ["celery", "-A", "config", "beat", "-s", str(schedule), "--pidfile="]


def _simulator(at: Setting) -> list[str]:
    state = at.folder / "simulator" / "state.json"
    state.parent.mkdir(parents=True, exist_ok=True)
    return ["simulator", "--port", at.port, "--state", str(state)]


def _answers(path: str) -> Callable[[Process, Mapping[str, int]], bool]:
    return lambda process, ports: http_status(ports[process.name], path) == 200


def _listens(process: Process, ports: Mapping[str, int]) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, ports[process.name])) == 0


def _celery_is_ready(process: Process, _: Mapping[str, int]) -> bool:
    """Celery tells its log; where a person asked for less than that, running has to do."""
    is_told = process.environment.get("LOG_LEVEL", "").upper() in ("INFO", "DEBUG")
    return not is_told or bool(CELERY_READY.search(process.said()))


def _runs(process: Process, _: Mapping[str, int]) -> bool:
    return process.is_running()


PROGRAMS = {
    # Pages, REST and sockets in one process, as `make run` has them.
    "web": Program(_uvicorn("config.asgi:application"), _answers("/readyz"), 0, 6, has_port=True),
    # The two halves apart, as an installation has them.
    "pages": Program(_granian, _answers("/readyz"), 0, 6, has_port=True),
    "sockets": Program(_uvicorn("config.asgi:sockets"), _listens, 0, 6, has_port=True),
    "beat": Program(_beat, _runs, 0),
    "sessions": Program(_worker("sessions"), _celery_is_ready, 1, 45),
    "worker": Program(_worker("default"), _celery_is_ready, 1, 20),
    # Last: sessions that say goodbye want somebody to say it to.
    "simulator": Program(_simulator, _answers("/api/healthz"), 2, 5, has_port=True),
}
WAVES = (0, 1, 2)


def program_of(name: str) -> Program:
    """By name, with or without a number: `sessions`, `sessions:2`."""
    return PROGRAMS[name.partition(":")[0]]


def process_of(
    name: str, *, folder: Path, ports: Mapping[str, int], environment: Mapping[str, str]
) -> Process:
    program = program_of(name)
    return Process(
        name,
        [sys.executable, "-m", *program.arguments(Setting(name, folder, ports))],
        log=folder / "logs" / f"{name.replace(':', '-')}.log",
        environment=environment,
        goodbye_seconds=program.goodbye_seconds,
    )


def http_status(port: int, path: str) -> int:
    """The status of a GET on this machine; 0 when nobody answers."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
