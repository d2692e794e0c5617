"""A Chromium for browser tests: an installed one, else Playwright's, else the system's package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local import commands
from deploy.local.console import Step, Trouble
from deploy.local.paths import LOGS

NAMES = (
    "chromium",
    "chromium-headless-shell",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
LOG = LOGS / "setup-browser.log"


def chromium(line: Step) -> str:
    """The path of a Chromium that starts; installed on the way when there is none."""
    for find, note in (
        (_given, "CHROMIUM_PATH"),
        (_installed, "installed"),
        (_playwrights, "Playwright's"),
        (_downloaded, "downloaded by Playwright"),
        (_from_package, "installed with apt-get"),
    ):
        found = find()
        if found:
            line.note = note
            return found
    raise Trouble(
        "The browser tests need a Chromium, and none could be installed.",
        "Install one (Debian: apt-get install chromium) or name one with CHROMIUM_PATH=…",
        LOG,
    )


def _starts(program: str) -> bool:
    """One without its libraries, or Ubuntu's placeholder for a snap, is there but does not start."""
    try:
        told = subprocess.run([program, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return told.returncode == 0


def _given() -> str | None:
    given = os.environ.get("CHROMIUM_PATH")
    if given and not _starts(given):
        raise Trouble(f"CHROMIUM_PATH={given} does not start.")
    return given


def _installed() -> str | None:
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path and _starts(path)), None)


def _playwrights() -> str | None:
    """What Playwright downloaded before, by now or on another day."""
    probe = (
        "from playwright.sync_api import sync_playwright as p\n"
        "with p() as play: print(play.chromium.executable_path)"
    )
    told = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    path = told.stdout.strip()
    return path if path and Path(path).exists() and _starts(path) else None


def _downloaded() -> str | None:
    try:
        commands.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            what="Downloading Chromium",
            log=LOG,
        )
    except Trouble:
        return None  # no way to its server from here: the package manager may have one
    return _playwrights()


def _from_package() -> str | None:
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return None
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        commands.run([apt, "update"], what="apt-get update", log=LOG, environment=quiet)
        commands.run(
            [apt, "install", "--yes", "--no-install-recommends", "chromium"],
            what="Installing Chromium",
            log=LOG,
            environment=quiet,
        )
    except Trouble:
        return None
    return _installed()
