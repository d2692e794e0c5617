"""Was it made from what is there now? A digest is kept beside each product. Stdlib only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from deploy.local.paths import ROOT, shown

IGNORED = {"__pycache__", "node_modules"}


def digest_of(paths: Iterable[Path], *facts: str) -> str:
    """A digest of files (folders: of everything in them), their names, and further facts."""
    total = hashlib.sha256("\0".join(facts).encode())
    for path in sorted(_files(paths)):
        total.update(f"{shown(path)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _files(paths: Iterable[Path]) -> set[Path]:
    found: set[Path] = set()
    for path in paths:
        if path.is_file():
            found.add(path)
        elif path.is_dir():
            found.update(f for f in path.rglob("*") if f.is_file() and IGNORED.isdisjoint(f.parts))
    return found


class Stamp:
    """A file beside a product that says what it was made from; it goes with the product."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def says(self, digest: str) -> bool:
        try:
            return self.path.read_text() == digest
        except OSError:
            return False

    def write(self, digest: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(digest)


def sources(*patterns: str) -> list[Path]:
    """Files and folders of the checkout by patterns."""
    return [path for pattern in patterns for path in ROOT.glob(pattern)]
