"""The typed environment: every variable Balcão reads, and what production refuses to start with."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
SECRETS = ("SECRET_KEY", "JWT_SIGNING_KEY", "FIELD_KEYS")
SAMPLE = re.compile(r"change|sample|example|secret|insecure|password|^(.)\1+$", re.IGNORECASE)

env = environ.Env()


def read_files() -> None:
    """Take `var/local.env` (made by `make run`), then `NAME_FILE` variables, as Docker secrets are given."""
    local = BASE_DIR / "var" / "local.env"
    if os.environ.get("BALCAO_ENV") == "development" and local.exists():
        environ.Env.read_env(str(local))
    for name in [n for n in os.environ if n.endswith("_FILE") and n.removesuffix("_FILE")]:
        target = name.removesuffix("_FILE")
        if target in (*SECRETS, "DATABASE_URL", "REDIS_URL", "EMAIL_URL") and target not in os.environ:
            os.environ[target] = Path(os.environ[name]).read_text().strip()


def secret(name: str) -> str:
    """A secret, which has no default anywhere; production also refuses sample-like or short ones."""
    value: str = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. `make run` generates one; see .env.example.")
    if is_production() and (len(value) < 32 or SAMPLE.search(value)):
        raise ImproperlyConfigured(
            f"{name} looks like a sample or is shorter than 32 characters: generate your own."
        )
    return value


def database() -> dict[str, Any]:
    """Where the database is, and how long it bears with us. 0 leaves a limit out of the connection: for a
    pgbouncer that refuses start-up options, with `alter role … set lock_timeout = …` in their place.

    Statements are prepared at their third use: planning them anew each time was two fifths of PostgreSQL's
    work for a message."""
    found: dict[str, Any] = env.db_url("DATABASE_URL")
    limits = {
        "lock_timeout": env.int("DATABASE_LOCK_SECONDS", default=10),
        "idle_in_transaction_session_timeout": env.int("DATABASE_IDLE_SECONDS", default=60),
    }
    given = found.get("OPTIONS", {})
    if env.bool("DATABASE_PREPARED", default=True):
        given = found["OPTIONS"] = {"server_side_binding": True, "prepare_threshold": 3, **given}
    told = [f"-c {name}={seconds}s" for name, seconds in limits.items() if seconds]
    if told:  # what the address itself says comes last, and wins
        options = " ".join([*told, given["options"]] if "options" in given else told)
        found["OPTIONS"] = {**given, "options": options}
    return found


def drivers() -> list[str]:
    """Kinds of connection this installation offers. Production refuses the pretend network."""
    is_pretending = bool(env.str("SIMULATOR_URL", default=""))
    offered: list[str] = env.list("DRIVERS", default=["simulator"] if is_pretending else [])
    if is_production() and (is_pretending or "simulator" in offered):
        raise ImproperlyConfigured("SIMULATOR_URL and the driver `simulator` are not for production.")
    return offered


def mode() -> str:
    """`production`, `development` or `test`. Production unless something says otherwise."""
    value: str = env.str("BALCAO_ENV", default="production")
    if value not in ("production", "development", "test"):
        raise ImproperlyConfigured("BALCAO_ENV is one of production, development, test.")
    return value


def is_production() -> bool:
    return mode() == "production"
