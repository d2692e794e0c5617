"""Is it alive, is it ready? For load balancers and for people at three in the morning."""

from __future__ import annotations

import time
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import Error as DatabaseError  # InterfaceError, of a connection that was lost, included
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from events.relay import lag_seconds

MAX_RELAY_LAG_SECONDS = 30.0
# Anybody may ask, so that whoever asks without end must not keep the database busy with it.
ANSWER_LASTS_SECONDS = 1.0
Parts = dict[str, dict[str, object]]


class Memory:
    """What this process found out last."""

    def __init__(self) -> None:
        self.asked_at = -ANSWER_LASTS_SECONDS
        self.parts: Parts = {}
        self.is_migrated = False


memory = Memory()


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nobody else."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Each part this process depends on: "ok" or what is wrong; 503 when one is down."""
    if time.monotonic() - memory.asked_at >= ANSWER_LASTS_SECONDS:
        memory.parts = {name: _ask(check) for name, check in CHECKS.items()}
        memory.asked_at = time.monotonic()
    parts = memory.parts
    is_ready = all(part["status"] == "ok" for part in parts.values())
    return JsonResponse(
        {"status": "ok" if is_ready else "unavailable", "parts": parts},
        status=200 if is_ready else 503,
    )


def _ask(check: Callable[[], str]) -> dict[str, object]:
    began = time.perf_counter()
    try:
        wrong = check()
    except (DatabaseError, redis.RedisError, OSError) as away:
        wrong = type(away).__name__
    took = round((time.perf_counter() - began) * 1000, 1)
    return {"status": wrong or "ok", "ms": took}


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return ""


def _redis() -> str:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1, retry=None)
    try:
        client.ping()
    finally:
        client.close()
    return ""


def _migrations() -> str:
    """Reading every migration's file is slow, and what this code needs does not come undone."""
    if memory.is_migrated:
        return ""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    memory.is_migrated = not missing
    return f"{len(missing)} migrations are not applied" if missing else ""


def _relay() -> str:
    lag = lag_seconds()
    return f"events wait for {lag:.0f} s" if lag > MAX_RELAY_LAG_SECONDS else ""


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "redis": _redis,
    "migrations": _migrations,
    "relay": _relay,
}
