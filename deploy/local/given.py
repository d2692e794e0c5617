"""Stores that DATABASE_URL and REDIS_URL name: do they answer, and may they be used?"""

from __future__ import annotations

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from deploy.local.console import Trouble


def check_database(url: str) -> None:
    """It answers, and its role is one that row-level security holds for."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            row = connection.execute(
                "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
            ).fetchone()
    except psycopg.Error as error:
        raise Trouble(
            f"The PostgreSQL that DATABASE_URL names does not answer: {first_line(error)}",
            "Start it or mend the address; without DATABASE_URL, Balcão brings its own.",
        ) from error
    if row and row[0]:
        raise Trouble(
            "The role in DATABASE_URL is a superuser or has BYPASSRLS: tenants would not be kept apart.",
            "Use a role made with: create role balcao login nosuperuser nobypassrls password '…'",
        )


def check_redis(url: str) -> None:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5, retry=Retry(NoBackoff(), 0)) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise Trouble(
            f"The Redis that REDIS_URL names does not answer: {first_line(error)}",
            "Start it or mend the address; without REDIS_URL, Balcão brings its own.",
        ) from error


def first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
