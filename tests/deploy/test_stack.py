"""The stack that tests and benches start: kill -9, restart, several of a kind, a database of its own."""

import os
import signal
import subprocess
import sys

import pytest
from launched import copy_cluster, processes_of, wait_for

from deploy.local.paths import ROOT

DRIVE = """
import os, signal, sys
from pathlib import Path
from deploy.local.stack import Stack
from deploy.local.programs import http_status

with Stack(Path("state"), names=("simulator", "web", "worker", "worker:2")) as stack:
    assert http_status(stack.ports["web"], "/readyz") == 200
    for name in ("web", "worker:2", "redis"):
        before = stack.pid(name)
        stack.kill(name)
        assert not stack.is_running(name), name
        stack.restart(name)
        assert stack.pid(name) != before, name
    stack.start_programs(["sockets", "pages"])
    stack.wait_ready(["sockets", "pages"])
    stack.send("worker", signal.SIGSTOP)
    stack.send("worker", signal.SIGCONT)
    stack.kill("worker", signal.SIGTERM)
    print(stack.environment["DATABASE_URL"], stack.environment["BALCAO_ENV"])
    with Stack(Path("other"), names=("simulator",), environment={"BALCAO_ENV": "test"}) as other:
        assert other.environment["DATABASE_URL"] != stack.environment["DATABASE_URL"]
        assert other.environment["REDIS_URL"] != stack.environment["REDIS_URL"]
        assert other.environment["BALCAO_ENV"] == "test"
print("stopped")
"""


@pytest.fixture
def checkout(checkout, fresh_cluster):
    """With the PostgreSQL of its tests made already."""
    copy_cluster(fresh_cluster, checkout / "var" / "test" / "postgres")
    return checkout


def drive(checkout, code: str) -> "subprocess.CompletedProcess[str]":
    """In the pretend checkout, on stores of its own, as a bench would."""
    ours = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    environment = {n: v for n, v in os.environ.items() if n not in ours}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_stack_is_started_killed_restarted_and_stopped(checkout):
    done = drive(checkout, DRIVE)
    assert done.returncode == 0, done.stderr
    assert "/balcao_stack_" in done.stdout
    assert done.stdout.endswith("stopped\n")
    assert processes_of(checkout) == []


def test_a_kill_of_its_owner_takes_the_stack_along(checkout):
    done = drive(
        checkout,
        """
import os
from pathlib import Path
from deploy.local.stack import Stack
with Stack(Path("state"), names=("simulator",)):
    os.kill(os.getpid(), 9)
""",
    )
    assert done.returncode == -signal.SIGKILL
    wait_for(lambda: not processes_of(checkout))


def test_a_stack_may_have_a_postgresql_of_its_own_to_kill(checkout):
    done = drive(
        checkout,
        """
from pathlib import Path
import psycopg
from deploy.local.stack import Stack
with Stack(Path("state"), names=("simulator",), own_postgres=True) as stack:
    url = stack.environment["DATABASE_URL"]
    stack.kill("postgres")
    try:
        psycopg.connect(url)
    except psycopg.OperationalError:
        print("gone")
    stack.restart("postgres")
    print(psycopg.connect(url).execute("select count(*) from tenants_tenant").fetchone())
""",
    )
    assert done.stdout.splitlines()[-2:] == ["gone", "(0,)"], done.stderr
    assert processes_of(checkout) == []


def test_a_stack_that_fails_to_start_leaves_nothing(checkout):
    (checkout / "config" / "asgi.py").write_text("raise RuntimeError('broken')\n")
    done = drive(checkout, DRIVE)
    assert "Trouble: web stopped before it was ready" in done.stderr
    assert processes_of(checkout) == []


def test_the_template_is_made_once_for_the_same_migrations(checkout):
    count = """
import os
from pathlib import Path
from deploy.local.stores import stores_of_tests
from deploy.local import databases
os.environ["BALCAO_ENV"] = "test"
with stores_of_tests() as stores:
    env = {**os.environ, "REDIS_URL": stores.redis_url}
    first = databases.migrated_template(stores.database_url, env)
    Path("manage.py").write_text("raise SystemExit('not again')")
    assert databases.migrated_template(stores.database_url, env) == first
    url = databases.create_database(stores.database_url, env)
    import psycopg
    assert psycopg.connect(url).execute("select count(*) from tenants_tenant").fetchone() == (0,)
    databases.drop_database(stores.database_url, url)
    Path("tenants/migrations").mkdir(parents=True)
    Path("tenants/migrations/0002_more.py").write_text("# more")
    try:
        databases.migrated_template(stores.database_url, env)
    except Exception as error:
        print("changed:", error)
"""
    done = drive(checkout, count)
    assert done.returncode == 0, done.stderr
    assert "changed: manage.py migrate failed: not again" in done.stdout


@pytest.mark.parametrize("name", ["simulator", "config"])
def test_the_pretend_product_has_the_parts_that_the_launcher_starts(name):
    assert (ROOT / "tests" / "deploy" / "pretend" / name).is_dir()
