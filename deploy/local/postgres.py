"""A PostgreSQL of our own, from a pip package: on a Unix socket, for a role without privileges."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
import urllib.parse
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.local.cluster import ADMIN, PORT, Cluster, program
from deploy.local.console import Trouble
from deploy.local.paths import shown
from deploy.local.process import Process, Server, command_of, wait_until

ROLE = "balcao"
START_SECONDS = 60

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
# Tests make and drop databases all the time, and a lost one is made again.
FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "30min",
}


class Postgres(Server):
    """The server in `folder`. Not durable: quick, forgetful, its role may create databases."""

    name = "postgres"

    def __init__(self, folder: Path, *, log: Path, password: str, is_durable: bool = True) -> None:
        self.cluster = Cluster(folder, log=log)
        self.log = log
        self.password = password
        self.is_durable = is_durable

    def url(self, database: str = ROLE) -> str:
        """For Django (django-environ) and libpq alike."""
        folder = urllib.parse.quote(str(self.cluster.socket_folder), safe="")
        return f"postgres://{ROLE}:{self.password}@:{PORT}/{database}?host={folder}"

    # --- life -------------------------------------------------------------------------------
    def start(self) -> None:
        try:
            self.cluster.prepare(is_durable=self.is_durable)
            self._end_orphan()
        except PermissionError as error:
            raise Trouble(
                f"{shown(Path(str(error.filename)))} belongs to another user.",
                f"Run as that user, or begin afresh: rm -r {shown(self.cluster.folder)}",
            ) from error
        self.process = self._new_process()
        self.process.start()

    def wait_ready(self) -> None:
        try:
            self._wait_for_answer()
        except Trouble:
            if self.is_durable:
                raise
            # A store for tests that a crash broke holds nothing: begin with an empty one.
            self.stop(at_once=True)
            self.cluster.forget()
            self.start()
            self._wait_for_answer()
        self._make_role()

    def stop(self, *, at_once: bool = False) -> None:
        if at_once and self.is_running():
            # "Immediate": no checkpoint, the next start recovers. SIGKILL would leave its children.
            self.send(signal.SIGQUIT)
            self.wait(3)
        super().stop(at_once=at_once)

    def _new_process(self) -> Process:
        settings = {**SETTINGS, **({} if self.is_durable else FORGETFUL)}
        settings["unix_socket_directories"] = f'"{self.cluster.socket_folder}"'
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Process(
            self.name,
            [program("postgres"), "-D", self.cluster.data, "-p", str(PORT), *options],
            log=self.log,
            folder=self.cluster.folder,
            account=self.cluster.account,
            goodbye_seconds=15,
            stop_signal=signal.SIGINT,  # "fast": ends connections, then stops cleanly
            death_signal=signal.SIGINT,
        )

    def _end_orphan(self) -> None:
        """End a server of this folder that outlived its launcher; remove a stale pid file."""
        pid_file = self.cluster.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().splitlines()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return
        for number, seconds in ((signal.SIGINT, 10), (signal.SIGQUIT, 3), (signal.SIGKILL, 2)):
            if not _is_postgres(pid):
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            _wait_gone(pid, seconds)
        # PostgreSQL would refuse to start if the number belongs to any other process by now.
        pid_file.unlink(missing_ok=True)

    # --- talking to it ----------------------------------------------------------------------
    def connect_as_admin(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.cluster.socket_folder),
            port=PORT,
            user=ADMIN,
            password=self.cluster.admin_password(),
            dbname=ADMIN,
            connect_timeout=3,
            autocommit=True,
        )

    def _wait_for_answer(self) -> None:
        try:
            wait_until(self, self._answers, seconds=START_SECONDS, what="it answered")
        except Trouble as trouble:
            said = self.process.said() if self.process else ""
            fatal = [line for line in said.splitlines() if re.search(r"FATAL|PANIC", line)]
            if not fatal:
                raise
            raise self.cluster.broken(fatal[0].split(": ", 1)[-1].strip()) from trouble

    def _answers(self) -> bool:
        try:
            self.connect_as_admin().close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_role(self) -> None:
        """The application's role and its database, which it owns."""
        role = sql.Identifier(ROLE)
        rights = sql.SQL("nocreatedb" if self.is_durable else "createdb")
        with self.connect_as_admin() as admin:
            if not admin.execute("select 1 from pg_roles where rolname = %s", [ROLE]).fetchone():
                admin.execute(sql.SQL("create role {}").format(role))
            admin.execute(
                sql.SQL(
                    "alter role {} login nosuperuser nobypassrls nocreaterole noreplication {} password {}"
                ).format(role, rights, sql.Literal(self.password))
            )
            known = admin.execute("select 1 from pg_database where datname = %s", [ROLE])
            if not known.fetchone():
                admin.execute(sql.SQL("create database {} owner {}").format(role, role))


def _is_postgres(pid: int) -> bool:
    """Whether the process is a PostgreSQL: the number of a dead one may be anything by now."""
    command = command_of(pid)
    return "postgres" in command and "-D" in command


def _wait_gone(pid: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and _is_postgres(pid):
        time.sleep(0.05)
