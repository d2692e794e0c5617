"""Processes of a stack: they end with their starter, take their children along, and leave a log."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
from launched import is_alive, python, wait_for

from deploy.local.console import Trouble
from deploy.local.process import Process, wait_until

SLEEPER = "import time; print('here', flush=True); time.sleep(600)"


def process(folder: Path, code: str, **options: object) -> Process:
    return Process("sleeper", [sys.executable, "-c", code], log=folder / "log", **options)


def test_it_runs_in_a_group_of_its_own_and_writes_its_log(folder):
    sleeper = process(folder, SLEEPER)
    sleeper.start()
    wait_for(lambda: "here" in sleeper.said())
    assert os.getpgid(sleeper.pid) == sleeper.pid != os.getpgid(0)
    sleeper.stop()
    assert sleeper.exit_status == -signal.SIGTERM


def test_a_kill_of_the_starter_ends_it(folder):
    code = (
        "import sys, time; from pathlib import Path; from deploy.local.process import Process\n"
        f"p = Process('x', [sys.executable, '-c', {SLEEPER!r}], log=Path({str(folder / 'log')!r}))\n"
        "p.start(); print(p.pid, flush=True); time.sleep(600)"
    )
    starter = python("-c", code, cwd=Path.cwd())
    assert starter.stdout is not None
    child = int(starter.stdout.readline())
    assert is_alive(child)
    starter.kill()
    starter.wait()
    wait_for(lambda: not is_alive(child))


def test_it_outlives_the_thread_that_asked_for_it(folder):
    sleeper = process(folder, SLEEPER)
    thread = threading.Thread(target=sleeper.start)
    thread.start()
    thread.join()
    time.sleep(0.3)
    assert sleeper.is_running()
    sleeper.stop()


def test_what_it_started_goes_with_it(folder):
    code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', {SLEEPER!r}])\n"
        "print('child', child.pid, flush=True); time.sleep(600)"
    )
    parent = process(folder, code)
    parent.start()
    wait_for(lambda: "child" in parent.said())
    child = int(parent.said().split("child ")[1].split()[0])
    parent.send(signal.SIGKILL)
    assert parent.wait(5)
    wait_for(lambda: not is_alive(child))


def test_one_that_does_not_listen_is_killed_after_its_goodbye(folder):
    deaf = process(
        folder,
        "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
        goodbye_seconds=0.3,
    )
    deaf.start()
    wait_for(lambda: "deaf" in deaf.said())
    deaf.stop()
    assert deaf.exit_status == -signal.SIGKILL


def test_it_can_be_started_again_and_speaks_of_its_last_start_only(folder):
    sleeper = process(folder, "import os; print('I am', os.getpid())")
    sleeper.start()
    assert sleeper.wait(5)
    first = sleeper.said()
    sleeper.start()
    assert sleeper.wait(5)
    assert sleeper.said() != first
    assert (folder / "log").read_text() == first + sleeper.said()


def test_a_program_that_is_missing_says_so_in_its_log(folder):
    missing = Process("missing", ["/no/such/program"], log=folder / "log")
    missing.start()
    assert missing.wait(5)
    assert "No such file" in missing.said()


def test_waiting_for_one_that_ended_tells_where_its_log_is(folder):
    ended = process(folder, "raise SystemExit('broken')")
    ended.start()
    with pytest.raises(Trouble) as told:
        wait_until(ended, lambda: False, seconds=5, what="it was ready")
    assert told.value.log == folder / "log"
    assert ended.tail() == "broken"


def test_a_long_log_makes_room(folder, monkeypatch):
    monkeypatch.setattr("deploy.local.process.ROTATE_BYTES", 10)
    (folder / "log").write_text("old " * 10)
    quick = process(folder, "print('new')")
    quick.start()
    assert quick.wait(5)
    assert (folder / "log").read_text() == "new\n"
    assert (folder / "log.1").read_text().startswith("old")
