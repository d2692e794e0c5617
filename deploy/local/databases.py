"""Databases for one stack each: copied from a template migrated once, dropped at the end."""

from __future__ import annotations

import re
import secrets
import subprocess
import sys
import urllib.parse
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.local.console import Trouble
from deploy.local.digests import digest_of, sources
from deploy.local.paths import LOGS, ROOT

PREFIX = "balcao_template_"
TEMPLATE_LOCK = 4_112_026  # any number: a name for "somebody makes the template"


def url_of(server_url: str, database: str) -> str:
    """The same server, another database."""
    return urllib.parse.urlunsplit(urllib.parse.urlsplit(server_url)._replace(path=f"/{database}"))


def create_database(server_url: str, environment: Mapping[str, str]) -> str:
    """A fresh migrated database on a server where we may create some; answers its URL."""
    template = migrated_template(server_url, environment)
    name = f"balcao_stack_{secrets.token_hex(6)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    return url_of(server_url, name)


def drop_database(server_url: str, database_url: str) -> None:
    name = urllib.parse.urlsplit(database_url).path.lstrip("/")
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def digest_of_migrations() -> str:
    """Of our own with the policies they write, and of the packages that bring theirs."""
    return digest_of(sources("*/migrations/*.py", "tenants/rls.py", "requirements.txt"))


def migrated_template(server_url: str, environment: Mapping[str, str]) -> str:
    """The template for the migrations as they are now: made under a lock, older ones dropped."""
    name = f"{PREFIX}{digest_of_migrations()[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        known = [
            str(row[0])
            for row in connection.execute(
                "select datname from pg_database where starts_with(datname, %s)", [PREFIX]
            )
        ]
        if name not in known:
            for old in known:
                connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(old)))
            _make_template(connection, server_url, name, environment)
    return name


def _make_template(
    connection: psycopg.Connection[tuple[object, ...]],
    server_url: str,
    name: str,
    environment: Mapping[str, str],
) -> None:
    """Under another name until its migrations are through: a failed one is never used."""
    half_made = f"{PREFIX}half_made"
    connection.execute(sql.SQL("create database {}").format(sql.Identifier(half_made)))
    manage(
        "migrate",
        "--no-input",
        environment={**environment, "DATABASE_URL": url_of(server_url, half_made)},
    )
    connection.execute(
        sql.SQL("alter database {} rename to {}").format(sql.Identifier(half_made), sql.Identifier(name))
    )


def manage(*arguments: str, environment: Mapping[str, str], log: Path | None = None) -> str:
    """Run manage.py; answers what it printed. Its warnings and errors go to the log."""
    log = log or LOGS / f"manage-{arguments[0]}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w+", encoding="utf-8") as errors:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            check=False,
        )
        errors.write(done.stdout)
    if done.returncode != 0:
        raise Trouble(f"manage.py {arguments[0]} failed: {_reason(log)}", log=log)
    return done.stdout


def _reason(log: Path) -> str:
    """The last line that names an exception, else the last at all."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
    named = [line for line in lines if re.match(r"[\w.]+(Error|Exception|Configured)\b", line)]
    return (named or lines or ["it said nothing"])[-1][:300]
