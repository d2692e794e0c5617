"""`make test`: set up what is needed, then every check; PYTEST_ARGS narrows it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping

from deploy.local import checks
from deploy.local.browser import chromium
from deploy.local.checks import PYTHON, Check, Runner
from deploy.local.console import paint, speak, step
from deploy.local.environment import everything_new, production_environment, stack_environment
from deploy.local.paths import ROOT, VAR, VENV_BIN
from deploy.local.ports import free_port
from deploy.local.stores import Stores, stores_of_tests

BROWSER_TESTS = "tests/browser"
# pytest-playwright keeps an event loop running, under which Django would refuse the database.
BROWSER_ENVIRONMENT = {"DJANGO_ALLOW_ASYNC_UNSAFE": "true"}
# A file stays with one worker, which may have servers running for it. Files begin in the order of
# tests/conftest.py.
WORKERS = ("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder")


def main() -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    began = time.monotonic()
    with step("Chromium") as line:
        browser = chromium(line)
    with stores_of_tests() as stores:
        environment = test_environment(stores, browser)
        narrowed = os.environ.get("PYTEST_ARGS", "").strip()
        if narrowed:
            return run_some(shlex.split(narrowed), environment)
        run_everything(environment, stores)
    print(f"\n{paint('All is well', 1)} ({time.monotonic() - began:.0f} s)")
    return 0


def _interrupt(_: int, __: object) -> None:
    raise KeyboardInterrupt


def test_environment(stores: Stores, browser: str) -> dict[str, str]:
    """What tests read: own secrets, the test stores, mail in memory, and a Chromium."""
    ours = stack_environment(
        folder=VAR / "test",
        ports={"web": free_port(), "simulator": free_port()},
        database_url=stores.database_url,
        redis_url=stores.redis_url,
        secret_values=everything_new(),
    )
    return {
        **os.environ,
        **ours,
        "BALCAO_ENV": "test",
        "DRIVERS": "simulator",
        "EMAIL_URL": "memorymail://",
        "LOG_LEVEL": "WARNING",
        "CHROMIUM_PATH": browser,
    }


def run_everything(environment: Mapping[str, str], stores: Stores) -> None:
    """All checks at once, as far as the machine goes: the tests, and beside them one other at a time."""
    production = production_environment(stores.database_url, stores.redis_url)
    manage = [PYTHON, "manage.py"]
    lint, contracts = checks.lint()[:-1], checks.lint()[-1]
    mypy, front_end_types = checks.types(environment)
    in_browser = {**environment, **BROWSER_ENVIRONMENT}
    Runner().run(
        [
            *lint,
            mypy,
            contracts,
            Check("migrations", [*manage, "makemigrations", "--check", "--dry-run"], environment),
            Check(
                "check deploy",
                [*manage, "check", "--deploy", "--fail-level", "WARNING"],
                production,
            ),
            front_end_types,
            Check("front-end tests", [VENV_BIN / "npm", "test", "--silent"]),
            Check("browser tests", [*pytest(), BROWSER_TESTS], in_browser),
            Check("tests", [*pytest(), *WORKERS, *elsewhere()], environment, is_long=True),
        ]
    )


def pytest() -> list[str]:
    return [PYTHON, "-m", "pytest", "-q"]


def elsewhere() -> list[str]:
    return [f"--ignore={BROWSER_TESTS}"]


def run_some(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Only pytest, on this terminal, so that `--pdb` works."""
    if any(argument.startswith(BROWSER_TESTS) for argument in arguments):
        command, extra = [*pytest(), *arguments], BROWSER_ENVIRONMENT
    else:
        command, extra = [*pytest(), *elsewhere(), *arguments], {}
    return subprocess.run(command, cwd=ROOT, env={**environment, **extra}, check=False).returncode


if __name__ == "__main__":
    sys.exit(speak(main))
