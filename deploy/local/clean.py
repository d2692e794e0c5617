"""`make clean`: remove what can be made again; database, media and secrets stay. Stdlib only."""

from __future__ import annotations

import shutil

from deploy.local.console import step
from deploy.local.paths import FRONT_END, NODE_MODULES, ROOT, VAR, VENV, shown

MADE = (
    VENV,
    NODE_MODULES,
    FRONT_END,
    ROOT / ".mypy_cache",
    ROOT / ".ruff_cache",
    ROOT / ".pytest_cache",
    ROOT / ".import_linter_cache",
    VAR / "static",
    VAR / "logs",
)


def main() -> int:
    with step("clean") as line:
        found = [path for path in MADE if path.exists()] + sorted(VAR.glob("test*"))
        for path in found:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        line.note = ", ".join(shown(path) for path in found) or "nothing to do"
    print(f"The local database, media and secrets stay in {shown(VAR)}/; remove it to begin afresh.")
    return 0
