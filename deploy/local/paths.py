"""Where things are: the checkout, its environment, local state below `var/`. Stdlib only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
LOGS = VAR / "logs"
VENV = ROOT / ".venv"
VENV_BIN = VENV / "bin"
PYTHON = VENV_BIN / "python"
NODE_MODULES = ROOT / "node_modules"
FRONT_END = ROOT / "static" / "dist"


def site_packages() -> Path | None:
    """The folder of the virtual environment's packages."""
    return next(iter(sorted(VENV.glob("lib/python3*/site-packages"))), None)


def shown(path: Path) -> str:
    """A path as people want to read it: from the checkout down where it lies inside."""
    try:
        return str(path.relative_to(ROOT))
    except ValueError:
        return str(path)


def path_variable() -> str:
    """PATH with our own Python and Node in front."""
    return os.pathsep.join([str(VENV_BIN), os.environ.get("PATH", os.defpath)])


def is_in_venv() -> bool:
    return Path(sys.prefix).resolve() == VENV.resolve()
