"""A Chromium for the browser tests: an installed one first, then Playwright's, then the system's."""

import sys

import pytest

from deploy.local import browser
from deploy.local.console import Step, Trouble

WAYS = ("_given", "_installed", "_playwrights", "_downloaded", "_from_package")


def only(monkeypatch, way: str | None) -> list[str]:
    """Let one way find something; answers the list of ways that were tried."""
    tried: list[str] = []

    def way_of(name: str):
        def find() -> str | None:
            tried.append(name)
            return f"/found/{name}" if name == way else None

        return find

    for name in WAYS:
        monkeypatch.setattr(browser, name, way_of(name))
    return tried


@pytest.mark.parametrize("way", WAYS)
def test_ways_are_tried_in_order_until_one_finds(monkeypatch, way):
    tried = only(monkeypatch, way)
    line = Step("Chromium")
    assert browser.chromium(line) == f"/found/{way}"
    assert tried == list(WAYS[: WAYS.index(way) + 1])
    assert line.note


def test_none_at_all_says_what_to_install(monkeypatch):
    only(monkeypatch, None)
    with pytest.raises(Trouble) as told:
        browser.chromium(Step("Chromium"))
    assert "apt-get install chromium" in told.value.todo


def test_one_that_does_not_start_is_passed_over(monkeypatch, folder):
    broken, working = folder / "chromium", folder / "google-chrome"
    broken.write_text("#!/bin/sh\nexit 1\n")
    working.write_text("#!/bin/sh\necho Chrome 1\n")
    for program in (broken, working):
        program.chmod(0o755)
    monkeypatch.setattr(browser, "NAMES", (str(broken), str(working)))
    assert browser._installed() == str(working)


def test_a_given_one_that_does_not_start_is_trouble(monkeypatch):
    monkeypatch.setenv("CHROMIUM_PATH", "/no/such/chromium")
    with pytest.raises(Trouble, match="does not start"):
        browser._given()


def test_without_root_no_package_is_installed(monkeypatch):
    monkeypatch.setattr(browser.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(browser.shutil, "which", lambda name: sys.executable)
    assert browser._from_package() is None
