"""A connection's profile folder: whose it is, whether it is whole, what of it is worth keeping.

chromium-headless-shell does not lock its profile, and two browsers in one profile ruin it. So the folder is
ours only while we hold the lock on `.lease` in it; the kernel frees that when we die.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from connections.drivers.base import DriverError
from connections.drivers.browser import processes

LEASE = ".lease"
MARKS = ".marks.json"
RESTORING = ".restoring"
COPY = ".copy-"
DOWNLOADS = ".downloads"
# What a session needs to come back; caches and the like are made anew.
WORTH_KEEPING = (
    MARKS,
    "Local State",
    "Default/Preferences",
    "Default/Cookies",
    "Default/Local Storage",
    "Default/IndexedDB",
    "Default/WebStorage",
)


class Profile:
    """The folder of one connection; between `take` and `leave` nobody else touches it."""

    def __init__(self, tenant_id: UUID, connection_id: UUID, *, root: Path | None = None) -> None:
        self.folder = (root or Path(settings.PROFILES_ROOT)) / str(tenant_id) / str(connection_id)
        self._lock: int | None = None

    async def take(self, epoch: int) -> None:
        """Raises DriverError(`profile_in_use`) where another process holds it."""
        try:
            for folder in (self.folder.parent, self.folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                folder.chmod(0o700)
            self._lock = os.open(self.folder / LEASE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            self.leave()
            raise DriverError("profile_in_use", permanent=False) from held
        except OSError as trouble:
            self.leave()
            raise DriverError("profile_unusable", type(trouble).__name__, permanent=False) from trouble
        os.ftruncate(self._lock, 0)
        os.write(self._lock, f"{os.getpid()} {epoch}\n".encode())
        await self._clear_leftovers()

    async def _clear_leftovers(self) -> None:
        """A worker that was killed leaves a browser behind for a few seconds, and Chromium's own lock for
        ever. Both are nobody's, now that the lock is ours."""
        while (browser := processes.browser_of(self.folder)) is not None:
            try:
                await processes.end(browser)
            except TimeoutError as stubborn:
                self.leave()
                raise DriverError("profile_in_use", f"process {browser}", permanent=False) from stubborn
        for stale in self.folder.glob("Singleton*"):
            stale.unlink(missing_ok=True)
        for unfinished in (self.folder / DOWNLOADS, *self.folder.glob(f"{COPY}*")):
            shutil.rmtree(unfinished, ignore_errors=True)

    def leave(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def is_whole(self) -> bool:
        """Whether there is a database in it that could hold a link."""
        return any(
            (store / "CURRENT").exists() and any(store.glob("MANIFEST-*"))
            for store in (self.folder / "Default" / "IndexedDB").glob("*.leveldb")
        )

    def wipe(self) -> None:
        """Everything but the lock, which stays ours."""
        assert self._lock is not None
        for entry in self.folder.iterdir():
            if entry.name == LEASE:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)

    def put_in_place(self, restored: Path) -> None:
        """Make what was unpacked below `.restoring` the profile."""
        for entry in list(self.folder.iterdir()):
            if entry.name not in (LEASE, RESTORING):
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        for entry in restored.iterdir():
            entry.rename(self.folder / entry.name)
        restored.rmdir()

    def copy_to(self, target: Path) -> None:
        """Copy what is worth keeping. Its browser must be closed or stand still."""
        for name in WORTH_KEEPING:
            source, copy = self.folder / name, target / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, copy)
            elif source.exists():
                shutil.copy2(source, copy)

    # --- what we note for ourselves --------------------------------------------------------------

    def marks(self) -> dict[str, Any]:
        try:
            noted = json.loads((self.folder / MARKS).read_text())
        except (OSError, ValueError):
            return {}
        return noted if isinstance(noted, dict) else {}

    def note(self, **marks: Any) -> None:
        """Written whole or not at all: it is read again after a kill."""
        unfinished = self.folder / f"{MARKS}.part"
        with suppress(OSError):
            unfinished.write_text(json.dumps({**self.marks(), **marks}))
            unfinished.replace(self.folder / MARKS)


async def in_thread(function: Any, *args: Any) -> Any:
    """Work on files, beside the loop; a full or broken disk is a DriverError."""
    try:
        return await asyncio.to_thread(function, *args)
    except OSError as trouble:
        raise DriverError("profile_unusable", type(trouble).__name__, permanent=False) from trouble
