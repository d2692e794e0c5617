"""Is it alive, is it ready? For load balancers and for people at three in the morning."""

from __future__ import annotations

import time
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from events.relay import lag_seconds

MAX_RELAY_LAG_SECONDS = 30.0


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nobody else."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Each part this process depends on: "ok" or what is wrong; 503 when one is down."""
    parts = {name: _ask(check) for name, check in CHECKS.items()}
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
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
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
