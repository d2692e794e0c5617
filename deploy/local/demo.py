"""The demonstration data of `make run`: seeded once, its sign-ins remembered for the next start."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

import psycopg

from deploy.local.console import Trouble
from deploy.local.paths import VAR
from deploy.local.stack import Stack

SEEDED = VAR / "demo-seeded"


@dataclass(frozen=True)
class SignIn:
    email: str
    password: str
    role: str
    tenant: str


def is_seeded(database_url: str) -> bool:
    """Seeded before, and the database was not emptied or changed for another since."""
    if not SEEDED.exists():
        return False
    with psycopg.connect(database_url) as connection:
        return connection.execute("select 1 from tenants_tenant limit 1").fetchone() is not None


def seed(stack: Stack) -> None:
    """`seed_demo` prints one JSON line per sign-in, and may be run again."""
    printed = stack.manage("seed_demo")
    lines = [line for line in printed.splitlines() if line.startswith("{")]
    _parsed("\n".join(lines))
    SEEDED.unlink(missing_ok=True)
    file = os.open(SEEDED, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")


def sign_ins() -> list[SignIn]:
    return _parsed(SEEDED.read_text(encoding="utf-8")) if SEEDED.exists() else []


def _parsed(text: str) -> list[SignIn]:
    try:
        rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        return [SignIn(*(str(r[name]) for name in ("email", "password", "role", "tenant"))) for r in rows]
    except (ValueError, KeyError) as error:
        raise Trouble("The demo's sign-ins cannot be read.", f"Remove {SEEDED} and start again.") from error
