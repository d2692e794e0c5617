"""Running programs during set-up: output to a log, a failure explained in a line. Stdlib only."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.console import Trouble
from deploy.local.paths import ROOT, path_variable

# What a log says when it fails → what a person should do. The first that matches is shown.
REMEDIES = (
    (
        r"No space left on device|ENOSPC",
        "The disk is full: make room and run it again.",
    ),
    (
        r"(?:gcc|cc|clang|c\+\+|make)['\"]?:? (?:command )?not found"
        r"|unable to execute '?\S*(?:gcc|cc|clang)|error: command '?\S*(?:gcc|cc|clang)'? failed"
        r"|No such file or directory: '(?:gcc|cc|make)'"
        r"|no acceptable C compiler|Python\.h: No such file",
        "A package has no ready-made wheel for this Python and no C compiler is here: use Python "
        "3.11 or 3.12 (make … PYTHON=python3.12), or install a compiler (Debian, Ubuntu: apt-get "
        "install build-essential python3-dev; Fedora: dnf install gcc make python3-devel; macOS: "
        "xcode-select --install).",
    ),
    (
        r"Temporary failure in name resolution|Name or service not known|NewConnectionError"
        r"|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ReadTimeout|ProxyError|Connection refused",
        "The package registry cannot be reached: check the network (and proxy), then run it again.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_VERIFY",
        "The registry's certificate is not trusted here: set PIP_CERT and NODE_EXTRA_CA_CERTS.",
    ),
    (
        r"No matching distribution found for",
        "The package index lacks that package for this Python or this machine.",
    ),
    (
        r"npm (?:ci|error code EUSAGE).*in sync|EUSAGE",
        "package.json and package-lock.json disagree: run `npm install` and commit the lock file.",
    ),
    (
        r"EACCES|Permission denied",
        "A file belongs to somebody else (was it made as root?): give it back with chown.",
    ),
)


def run(
    argv: Sequence[str | Path],
    *,
    what: str,
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run to the end with all output in `log`; raise Trouble when it fails. Answers the output."""
    log.parent.mkdir(parents=True, exist_ok=True)
    variables = {**os.environ, "PATH": path_variable(), **(environment or {})}
    with log.open("w", encoding="utf-8") as output:
        try:
            status = subprocess.run(
                [str(a) for a in argv],
                cwd=ROOT,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        except OSError as error:
            raise Trouble(f"{what} failed: {error}.", log=log) from error
    text = log.read_text(encoding="utf-8", errors="replace")
    if status != 0:
        raise Trouble(f"{what} failed: {telling_line(text)}", remedy(text), log)
    return text


def remedy(text: str) -> str:
    for pattern, advice in REMEDIES:
        if re.search(pattern, text, re.IGNORECASE):
            return advice
    return ""


def telling_line(text: str) -> str:
    """The line of a log that says most about a failure."""
    lines = [line.strip() for line in text.splitlines() if re.search(r"^(?!\s*at )\s*\S", line)]
    errors = [line for line in lines if re.search(r"\b(error|fatal|panic)\b", line, re.IGNORECASE)]
    # npm says what happened first and how to use it afterwards; the others end with what happened.
    of_npm = [line for line in errors if re.match(r"npm error (?!code\b)\S", line)]
    return (of_npm[:1] or errors[-1:] or lines[-1:] or ["it said nothing"])[0][:300]
