"""The small verbs: lint, types, format, migrate, shell, schema."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

from deploy.local import checks
from deploy.local.checks import PYTHON, Runner
from deploy.local.console import speak, step
from deploy.local.environment import new_secrets, stack_environment
from deploy.local.paths import ROOT, VAR
from deploy.local.ports import run_lock
from deploy.local.run import local_stack
from deploy.local.stack import Stack

SCHEMA = ROOT / "docs" / "openapi.yaml"


def lint() -> int:
    Runner().run(checks.lint())
    return 0


def types() -> int:
    Runner().run(checks.types(offline_environment()))
    return 0


def format_() -> int:
    for command in (
        ["ruff", "check", "--fix", "--exit-zero", "--quiet", "."],
        ["ruff", "format", "."],
    ):
        subprocess.run([PYTHON, "-m", *command], cwd=ROOT, check=True)
    if checks.templates():
        # djade answers 1 when it changed something.
        subprocess.run([*checks.djade(), *checks.templates()], cwd=ROOT, check=False)
    return 0


def migrate() -> int:
    return with_stores(lambda stack: manage(stack, "migrate"))


def shell() -> int:
    return with_stores(lambda stack: manage(stack, "shell"))


def schema() -> int:
    with step("OpenAPI schema") as line:
        subprocess.run(
            [PYTHON, "manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", SCHEMA],
            cwd=ROOT,
            env={**os.environ, **offline_environment()},
            check=True,
        )
        line.note = str(SCHEMA.relative_to(ROOT))
    return 0


def offline_environment() -> dict[str, str]:
    """Enough to import the settings; nothing answers at these addresses."""
    return stack_environment(
        folder=VAR,
        ports={"web": 8000, "simulator": 8010},
        database_url="postgres://balcao:none@127.0.0.1:1/balcao",
        redis_url="redis://127.0.0.1:1/0",
        secret_values=new_secrets(),
    )


def with_stores(work: Callable[[Stack], int]) -> int:
    """On the stores of a running `make run`, else on the same ones, started meanwhile."""
    stack = local_stack()
    lock = run_lock()
    if not lock.take():
        return work(stack)
    try:
        with stack.stores:
            return work(stack)
    finally:
        lock.drop()


def manage(stack: Stack, *arguments: str) -> int:
    command = [PYTHON, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=stack.environment, check=False).returncode


VERBS: dict[str, Callable[[], int]] = {
    "lint": lint,
    "types": types,
    "format": format_,
    "migrate": migrate,
    "shell": shell,
    "schema": schema,
}

if __name__ == "__main__":
    sys.exit(speak(VERBS[sys.argv[1]]))
