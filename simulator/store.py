"""The state on disk: a snapshot written at start, and a journal of every change since.

A change is one line, written with one ``write`` to the unbuffered file before anybody is told.
What was answered survives ``kill -9``, because the bytes are with the operating system by then.
There is no ``fsync`` per change: only a power cut can lose the last moments of a pretend network,
and one sync per message would cost more than everything else together. Nor is the state written
per change, which would cost more with every message there is: the snapshot is written at start
only, synced and renamed into place. Its generation names the journal that goes on from it, so that
a crash between the two steps leaves either the old pair or the new one. A last line that was cut
off is no change: nobody was told of it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from simulator import snapshot
from simulator.changes import Change, decode, encode
from simulator.model import State

_DAMAGE = (ValueError, KeyError, TypeError, AttributeError)


class StateUnusable(Exception):
    """The state cannot be used; the sentence says which file and why."""


class Store:
    """The files of one state, held by one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._generation = 0
        self._journal: int | None = None
        self._length = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(
            path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise StateUnusable(f"another simulator is using {path}") from error

    def read(self) -> tuple[State, Iterator[Change]]:
        """What the last snapshot knew, and the changes after it."""
        state = State()
        if self.path.exists():
            try:
                state, self._generation = snapshot.decode(self.path.read_bytes())
            except _DAMAGE as error:
                raise StateUnusable(
                    f"{self.path} is damaged ({error}); move it away to begin anew"
                ) from error
        return state, self._read_journal(self._journal_path(self._generation))

    def _journal_path(self, generation: int) -> Path:
        return self.path.with_name(f"{self.path.name}.journal-{generation}")

    @staticmethod
    def _read_journal(path: Path) -> Iterator[Change]:
        if not path.exists():
            return
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.endswith(b"\n"):
                    return
                try:
                    yield decode(line)
                except _DAMAGE as error:
                    raise StateUnusable(f"{path}, line {number} is damaged ({error})") from error

    def begin(self, state: State) -> None:
        """Write the snapshot, begin its journal, and drop the files it replaces."""
        self._generation += 1
        temporary = self.path.with_name(self.path.name + ".new")
        temporary.unlink(missing_ok=True)
        temporary.touch(mode=0o600)
        with temporary.open("wb") as file:
            file.write(snapshot.encode(state, self._generation))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        self._journal = os.open(self._journal_path(self._generation), flags, 0o600)
        self._length = 0
        for old in self.path.parent.glob(f"{self.path.name}.journal-*"):
            if old != self._journal_path(self._generation):
                old.unlink()

    def append(self, change: Change) -> None:
        """Keep a change. Raises OSError where it could not be kept; then nothing of it stays."""
        if self._journal is None:
            raise RuntimeError("the journal has not begun")
        line = encode(change) + b"\n"
        try:
            written = os.write(self._journal, line)
            if written != len(line):
                raise OSError("the journal took only part of a change: is the disk full?")
        except OSError:
            # Half a line in the middle would make everything after it unreadable.
            os.ftruncate(self._journal, self._length)
            raise
        self._length += len(line)

    def close(self) -> None:
        """Let go of the files."""
        if self._journal is not None:
            os.close(self._journal)
            self._journal = None
        os.close(self._lock)
