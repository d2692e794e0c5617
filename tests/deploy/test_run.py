"""`make run` from a copy of the checkout with a pretend product: real processes from start to end."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator

import pytest
from launched import copy_cluster, is_alive, processes_of, python, wait_for

from deploy.local.ports import free_port
from deploy.local.programs import http_status

START_SECONDS = 60


class Launcher:
    """`python -m deploy.local.run` in a checkout, and what it said so far."""

    def __init__(self, checkout, **environment: str) -> None:
        self.port, self.simulator_port = free_port(), free_port()
        outside = {n: v for n, v in os.environ.items() if n not in OWN_STORES}
        self.process = python(
            "-m",
            "deploy.local.run",
            cwd=checkout,
            env={
                **outside,
                "PORT": str(self.port),
                "SIMULATOR_PORT": str(self.simulator_port),
                **environment,
            },
        )
        self.said = ""

    def read_until(self, pattern: str) -> re.Match[str]:
        assert self.process.stdout is not None
        while not (found := re.search(pattern, self.said)):
            line = self.process.stdout.readline()
            assert line, f"it ended:\n{self.said}"
            self.said += line
        return found

    def rest(self) -> str:
        self.said += self.process.communicate(timeout=START_SECONDS)[0]
        return self.said


# What a test run sets, and a person who types `make run` has not.
OWN_STORES = {
    *("DATABASE_URL", "REDIS_URL", "SITE_URL", "ALLOWED_HOSTS", "EMAIL_URL", "MEDIA_ROOT"),
    *("CSRF_TRUSTED_ORIGINS", "SIMULATOR_URL", "LOG_LEVEL", "SECRET_KEY", "DEMO_PASSWORD"),
    *("JWT_SIGNING_KEY", "FIELD_KEYS", "DJANGO_SETTINGS_MODULE"),
}


@pytest.fixture
def furnished(checkout, fresh_cluster) -> None:
    """Its PostgreSQL has its files already: what a first start makes is one test's concern."""
    copy_cluster(fresh_cluster, checkout / "var" / "postgres")


@pytest.fixture
def launcher(checkout) -> Iterator[Launcher]:
    launched = Launcher(checkout)
    yield launched
    launched.process.kill()
    launched.process.wait()
    wait_for(lambda: not processes_of(checkout))


def pids(launcher: Launcher, checkout) -> dict[str, int]:
    """Process ids of the programs by a word of their command line."""
    listed = processes_of(checkout)
    words = ("uvicorn", "-Q default", "-Q sessions", "beat", "simulator", "redis-server", "postgres -D")
    return {
        word: int(line.split()[0])
        for word in words
        for line in listed
        if word in line and "deploy.local.run" not in line
    }


def test_it_starts_everything_brings_back_what_dies_and_stops_cleanly(launcher, checkout):
    launcher.read_until("Stop: Ctrl-C")
    assert f"http://127.0.0.1:{launcher.port}/t/acme/inbox/" in launcher.said
    assert f"http://127.0.0.1:{launcher.simulator_port}/" in launcher.said
    assert re.search(r"ana@acme\.test +[a-z]+-[a-z]+-[a-z]+-\d{4} +admin +acme", launcher.said)
    assert http_status(launcher.port, "/readyz") == 200
    first = pids(launcher, checkout)
    assert len(first) == 7

    second = Launcher(checkout)
    assert f"already runs from this folder (process {launcher.process.pid})" in second.rest()
    assert second.process.returncode == 1

    os.kill(first["-Q default"], signal.SIGKILL)
    os.kill(first["redis-server"], signal.SIGKILL)
    launcher.read_until(r"worker ended \(signal SIGKILL\); starting it again in 1 s\. Log: var/logs")
    launcher.read_until(r"redis ended \(signal SIGKILL\)")
    for name in ("-Q default", "redis-server"):
        wait_for(lambda name=name: pids(launcher, checkout).get(name, first[name]) != first[name])

    launcher.process.send_signal(signal.SIGINT)
    assert "✓ Stopping" in launcher.rest()
    assert launcher.process.returncode == 0
    assert processes_of(checkout) == []


@pytest.mark.usefixtures("furnished")
def test_a_kill_leaves_nothing_the_next_start_knows_its_people_and_a_second_ctrl_c_does_not_wait(
    launcher, checkout
):
    launcher.read_until("Stop: Ctrl-C")
    launcher.process.kill()
    wait_for(lambda: not processes_of(checkout))

    again = Launcher(checkout)
    again.read_until("Stop: Ctrl-C")
    assert "✓ Demo data  " in launcher.said
    assert "✓ Demo data (unchanged)" in again.said
    assert "✓ Migrations (unchanged)" in again.said
    person = r"ana@acme\.test .*"
    assert re.findall(person, launcher.said) == re.findall(person, again.said)

    started = pids(again, checkout)
    # A worker that cannot say goodbye would be waited for.
    os.kill(started["-Q sessions"], signal.SIGSTOP)
    again.process.send_signal(signal.SIGTERM)
    wait_for(lambda: not is_alive(started["uvicorn"]))
    again.process.send_signal(signal.SIGINT)
    assert "Killed." in again.rest()
    wait_for(lambda: not processes_of(checkout))


@pytest.mark.usefixtures("furnished")
def test_a_program_that_cannot_start_is_shown_with_its_log_and_stops_the_rest(checkout):
    (checkout / "config" / "asgi.py").write_text("raise RuntimeError('no such thing')\n")
    launcher = Launcher(checkout)
    said = launcher.rest()
    assert "web stopped before it was ready" in said
    assert "RuntimeError: no such thing" in said
    assert "Details: var/logs/web.log" in said
    assert launcher.process.returncode == 1
    assert processes_of(checkout) == []


@pytest.mark.usefixtures("furnished")
def test_a_failed_migration_is_one_clear_line(checkout):
    (checkout / "manage.py").write_text("raise SystemExit('a column is missing')\n")
    launcher = Launcher(checkout)
    said = launcher.rest()
    assert "manage.py migrate failed: a column is missing" in said
    assert "Traceback" not in said
    assert processes_of(checkout) == []


def test_the_environment_can_be_taken_over_by_a_shell(checkout):
    environment = {n: v for n, v in os.environ.items() if n not in OWN_STORES}
    told = python("-m", "deploy.local.run", "--print-env", cwd=checkout, env=environment).communicate()[0]
    script = f"{told}\necho $BALCAO_ENV $DATABASE_URL"
    shown = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown.startswith("development postgres://balcao:")
