"""Locks between processes of one checkout; a lock ends with its process. Stdlib only."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path


class Lock:
    """An exclusive lock on a file that holds the owner's process id."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def take(self, *, wait: bool = False) -> bool:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(file)
            return False
        os.ftruncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        self._file = file
        return True

    def drop(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def owner(self) -> int | None:
        """The process that holds the lock, as far as the file says."""
        try:
            return int(self.path.read_text())
        except (OSError, ValueError):
            return None


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until nobody else is here, then keep others out."""
    lock = Lock(path)
    lock.take(wait=True)
    try:
        yield
    finally:
        lock.drop()


def claim_folder(wanted: Path) -> tuple[Path, Lock]:
    """`wanted`, or `wanted-2`, `wanted-3` … : the first that no living process uses."""
    for number in count(1):
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        lock = Lock(folder.with_name(f"{folder.name}.lock"))
        if lock.take():
            folder.mkdir(parents=True, exist_ok=True)
            return folder, lock
    raise AssertionError("count() never ends")
