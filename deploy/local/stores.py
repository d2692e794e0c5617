"""PostgreSQL and Redis of `make run`, of tests, of single stacks: given ones or our own."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from deploy.local import databases, given
from deploy.local.locks import Lock, claim_folder
from deploy.local.paths import VAR
from deploy.local.postgres import Postgres
from deploy.local.process import Part
from deploy.local.redis_server import Redis


class Stores:
    """Where a stack keeps its data. `parts` are the servers that are ours to start and stop."""

    def __init__(self, *, postgres: Postgres | str, redis: Redis | str, lock: Lock | None = None) -> None:
        self._postgres = postgres
        self._redis = redis
        self._lock = lock
        self.parts: dict[str, Part] = {
            part.name: part for part in (postgres, redis) if not isinstance(part, str)
        }

    @property
    def database_url(self) -> str:
        return self._postgres if isinstance(self._postgres, str) else self._postgres.url()

    @property
    def redis_url(self) -> str:
        return self._redis if isinstance(self._redis, str) else self._redis.url

    def start(self) -> None:
        """Both at once, then wait for both; given ones have to answer."""
        for part in self.parts.values():
            part.start()
        for part in self.parts.values():
            part.wait_ready()
        if "postgres" not in self.parts:
            given.check_database(self.database_url)
        if "redis" not in self.parts:
            given.check_redis(self.redis_url)

    def stop(self, *, at_once: bool = False) -> None:
        for part in reversed(self.parts.values()):
            part.stop(at_once=at_once)
        if self._lock is not None:
            self._lock.drop()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:  # Ctrl-C as well: what had come up must not stay
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def stores_of_run(values: Mapping[str, str]) -> Stores:
    """Durable, in var/postgres and var/redis, unless DATABASE_URL or REDIS_URL name others."""
    return Stores(
        postgres=os.environ.get("DATABASE_URL")
        or Postgres(
            VAR / "postgres",
            log=VAR / "logs" / "postgres.log",
            password=values["DATABASE_PASSWORD"],
        ),
        redis=os.environ.get("REDIS_URL")
        or Redis(VAR / "redis", log=VAR / "logs" / "redis.log", password=values["REDIS_PASSWORD"]),
    )


def stores_of_tests() -> Stores:
    """Quick and forgetful, in var/test, or var/test-2 … while another test run uses that one."""
    folder, lock = claim_folder(VAR / "test")
    return Stores(
        postgres=os.environ.get("DATABASE_URL") or _forgetful_postgres(folder),
        redis=os.environ.get("REDIS_URL") or _forgetful_redis(folder),
        lock=lock,
    )


def _forgetful_postgres(folder: Path) -> Postgres:
    return Postgres(
        folder / "postgres",
        log=folder / "postgres.log",
        password=secrets.token_hex(24),
        is_durable=False,
    )


def _forgetful_redis(folder: Path) -> Redis:
    return Redis(folder / "redis", log=folder / "redis.log", password=secrets.token_hex(24), is_durable=False)


class StackStores(Stores):
    """One stack's own: a Redis, and a fresh database on the server for tests or on its own."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *, own_postgres: bool) -> None:
        self._environment = environment
        self._database_url = ""
        self._server_url = "" if own_postgres else os.environ.get("DATABASE_URL", "")
        self._server: Postgres | None = None
        lock = None
        if own_postgres:
            self._server = _forgetful_postgres(folder)
        elif not self._server_url:
            test_folder, lock = claim_folder(VAR / "test")
            self._server = _forgetful_postgres(test_folder)
        redis = Redis(folder / "redis", log=folder / "logs" / "redis.log", password=secrets.token_hex(24))
        postgres = self._server if own_postgres and self._server else ""
        super().__init__(postgres=postgres, redis=redis, lock=lock)

    @property
    def database_url(self) -> str:
        return self._database_url

    def start(self) -> None:
        for server in self._servers():
            server.start()
            server.wait_ready()
        if self._server is not None:
            self._server_url = self._server.url()
        self._database_url = databases.create_database(
            self._server_url, {**self._environment, "REDIS_URL": self.redis_url}
        )

    def stop(self, *, at_once: bool = False) -> None:
        try:
            if self._database_url and "postgres" not in self.parts:
                databases.drop_database(self._server_url, self._database_url)
        finally:
            self._database_url = ""
            for server in self._servers():
                server.stop(at_once=at_once)
            super().stop(at_once=at_once)

    def _servers(self) -> list[Part]:
        """Redis, and the PostgreSQL that was started for this stack, whoever may kill it."""
        hidden = [self._server] if self._server and "postgres" not in self.parts else []
        return [*hidden, *self.parts.values()]
