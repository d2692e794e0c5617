"""What each verb does: bootstrap here (stdlib only), the rest in the virtual environment."""

from __future__ import annotations

import os
import sys
import time

from deploy.local import clean, ports, setup
from deploy.local.console import speak
from deploy.local.paths import PYTHON, ROOT, path_variable

STARTED_AT = time.time()
# Verb → the module that does it inside the virtual environment, and its first arguments.
INSIDE = {
    "run": ("deploy.local.run",),
    "test": ("deploy.local.test",),
    "lint": ("deploy.local.tools", "lint"),
    "types": ("deploy.local.tools", "types"),
    "format": ("deploy.local.tools", "format"),
    "migrate": ("deploy.local.tools", "migrate"),
    "shell": ("deploy.local.tools", "shell"),
    "schema": ("deploy.local.tools", "schema"),
    "messages": ("deploy.local.messages", "extract"),
    "bench": ("deploy.local.bench",),
}


def perform(verb: str, arguments: list[str]) -> int:
    return speak(lambda: _perform(verb, arguments))


def _perform(verb: str, arguments: list[str]) -> int:
    if verb == "clean":
        return clean.main()
    if verb == "run":
        ports.demand_free_for_run()
    setup.main()
    if verb in INSIDE:
        _become(*INSIDE[verb], *arguments)
    return 0


def _become(module: str, *arguments: str) -> None:
    """Go on as the virtual environment's Python, in the same process: signals arrive."""
    sys.stdout.flush()
    environment = {**os.environ, "PATH": path_variable(), "BALCAO_STARTED_AT": str(STARTED_AT)}
    os.chdir(ROOT)
    os.execve(PYTHON, [str(PYTHON), "-m", module, *arguments], environment)
