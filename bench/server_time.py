"""Requests answered in this process: the server's own time, its queries, and the plans of slow ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.test import Client

from bench.harness import say
from bench.signing_in import SignIn

SLOW_MS = 10.0


@dataclass
class Query:
    sql: str
    params: Any
    ms: float


@dataclass
class Queries:
    """What one request asked the database, without what opens and closes its scope."""

    all: list[Query] = field(default_factory=list)
    explained: set[str] = field(default_factory=set)
    is_explaining: bool = False

    def watch(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if self.is_explaining:
            return execute(sql, params, many, context)
        began = time.perf_counter()
        result = execute(sql, params, many, context)
        query = Query(sql, params, (time.perf_counter() - began) * 1000)
        self.all.append(query)
        if query.ms > SLOW_MS and sql.startswith("SELECT") and sql not in self.explained:
            self._explain(query)
        return result

    def _explain(self, query: Query) -> None:
        """Inside the request's own scope and transaction: as the application's role, under the policies."""
        self.explained.add(query.sql)
        self.is_explaining = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"explain (analyze, buffers) {query.sql}", query.params)
                plan = "\n".join(str(row[0]) for row in cursor.fetchall())
        finally:
            self.is_explaining = False
        say(f"--- {query.ms:.1f} ms: {query.sql}\n{plan}\n")


@contextmanager
def watched(queries: Queries) -> Iterator[Queries]:
    with connection.execute_wrapper(queries.watch):
        yield queries


class Caller:
    """A console that needs no network between it and the views."""

    def __init__(self, sign_in: SignIn) -> None:
        self.client = Client(SERVER_NAME="127.0.0.1", headers={"X-Tenant": sign_in.slug})
        for cookie in sign_in.cookie.split("; "):
            name, _equals, value = cookie.partition("=")
            self.client.cookies[name] = value

    def get(self, path: str) -> Any:
        """The decoded answer; anything but success is an error of the bench."""
        answer = self.client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} was answered with {answer.status_code}: {answer.content!r}")
        return answer.json()

    def milliseconds(self, path: str, times: int) -> list[float]:
        took = []
        for _ in range(times):
            began = time.perf_counter()
            self.client.get(path)
            took.append((time.perf_counter() - began) * 1000)
        return took

    def count_queries(self, path: str) -> int:
        with watched(Queries()) as queries:
            self.get(path)
        return len(queries.all)

    def explain_slow(self, path: str) -> None:
        with watched(Queries()):
            self.get(path)
