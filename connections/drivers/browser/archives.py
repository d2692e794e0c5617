"""Encrypted copies of a profile: made, counted, brought back, thrown away.

A copy is older than the profile it was made of, and bringing it back rolls the link's keys back with it. So
that is done only where there is nothing better, and only by whoever holds the connection's lease.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from connections.drivers.base import Berth, DriverError
from connections.drivers.browser import packing, processes
from connections.drivers.browser.profile import COPY, RESTORING, Profile, in_thread
from connections.models import Connection, ProfileArchive
from connections.sessions import vault

log = structlog.get_logger(__name__)

KEPT = 3


@dataclass(frozen=True)
class _Made:
    number: int
    path: str
    sealed_key: str
    sha256: str
    size: int


class Archives:
    """The copies of one connection. Database work goes through its berth."""

    def __init__(self, berth: Berth, profile: Profile) -> None:
        self.berth, self.profile = berth, profile

    async def make(self, *, browser: int | None = None, web_version: str = "") -> bool:
        """Pack the profile as it is. `browser`: the process that has it open, held still meanwhile.

        Returns whether it was kept; a copy that could not be made is a pity, not the link's end.
        """
        # Beside the profile: nowhere else is it as well kept from others.
        scratch = Path(tempfile.mkdtemp(prefix=COPY, dir=self.profile.folder))
        try:
            await in_thread(_copy, self.profile, scratch, browser)
            number = await self.berth.db(next_number, self.berth.connection_id)
            made = await in_thread(_pack, self.berth, scratch, number)
            await self.berth.db(keep, self.berth, made, web_version)
        except DriverError as trouble:
            log.warning("profile not archived", connection=str(self.berth.connection_id), error=str(trouble))
            return False
        finally:
            await in_thread(shutil.rmtree, scratch, True)
        return True

    async def restore(self, *, older_than: int | None = None) -> int | None:
        """Bring the newest readable copy back: its number; None where there is none.

        `older_than`: only copies before this one, which turned out to be of no use.
        """
        for row in await self.berth.db(newest_first, self.berth.connection_id, older_than):
            try:
                await in_thread(_unpack, self.berth, row, self.profile)
            except (packing.Damaged, vault.Unreadable) as broken:
                log.warning("archive is damaged", archive=row.number, error=str(broken))
                continue
            log.info("profile restored", connection=str(self.berth.connection_id), archive=row.number)
            return int(row.number)
        return None

    async def forget(self) -> None:
        """The link is over: nobody shall bring it back."""
        paths = await self.berth.db(forget, self.berth)
        await in_thread(_unlink, paths)


def discard(tenant_id: UUID, connection_id: UUID) -> None:
    """Everything on this machine of a connection that is removed: its profile and its copies. Its session
    must have ended; rows go with the connection's own."""
    for root in (settings.PROFILES_ROOT, settings.ARCHIVES_ROOT):
        shutil.rmtree(Path(root) / str(tenant_id) / str(connection_id), ignore_errors=True)


# --- rows, in the scope of the connection's tenant ----------------------------------------------


def next_number(connection_id: UUID) -> int:
    newest = ProfileArchive.objects.filter(connection_id=connection_id).order_by("-number").first()
    return int(newest.number) + 1 if newest else 1


def newest_first(connection_id: UUID, older_than: int | None = None) -> list[ProfileArchive]:
    rows = ProfileArchive.objects.filter(connection_id=connection_id).order_by("-number")
    return list(rows if older_than is None else rows.filter(number__lt=older_than))


@transaction.atomic
def keep(berth: Berth, made: _Made, web_version: str) -> None:
    """The new row, and the files of those that are one too many gone. Raises DriverError when the
    connection has changed hands meanwhile."""
    connection = _held(berth)
    if connection is None:
        _unlink([made.path])
        raise DriverError("lease_lost", permanent=False)
    ProfileArchive.objects.create(
        connection=connection,
        number=made.number,
        path=made.path,
        sealed_key=made.sealed_key,
        sha256=made.sha256,
        size=made.size,
        web_version=web_version[:40],
    )
    surplus = newest_first(connection.id)[KEPT:]
    paths = [row.path for row in surplus]
    ProfileArchive.objects.filter(id__in=[row.id for row in surplus]).delete()
    transaction.on_commit(lambda: _unlink(paths))


@transaction.atomic
def forget(berth: Berth) -> list[str]:
    if _held(berth) is None:
        return []
    rows = ProfileArchive.objects.filter(connection_id=berth.connection_id)
    paths = [str(path) for path in rows.values_list("path", flat=True)]
    rows.delete()
    return paths


def _held(berth: Berth) -> Connection | None:
    """The connection, locked, as long as our epoch is still its own."""
    mine = Connection.objects.select_for_update(no_key=True, of=("self",))
    held: Connection | None = mine.filter(id=berth.connection_id, lease_epoch=berth.epoch).first()
    return held


# --- files --------------------------------------------------------------------------------------


def _copy(profile: Profile, target: Path, browser: int | None) -> None:
    if browser is None:
        profile.copy_to(target)
        return
    with processes.held_still(browser):
        profile.copy_to(target)


def _pack(berth: Berth, folder: Path, number: int) -> _Made:
    path = f"{berth.tenant_id}/{berth.connection_id}/{number}-{secrets.token_hex(8)}.profile"
    full = _full(path)
    full.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = os.urandom(32)
    sha256, size = packing.pack(folder, full, key=key, bound_to=_bound_to(berth, number))
    sealed = vault.seal(key, bound_to=_bound_to(berth, number))
    return _Made(number, path, sealed, sha256, size)


def _unpack(berth: Berth, row: ProfileArchive, profile: Profile) -> None:
    bound_to = _bound_to(berth, row.number)
    key = vault.unseal(row.sealed_key, bound_to=bound_to)
    folder = profile.folder / RESTORING
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        packing.unpack(_full(row.path), folder, key=key, bound_to=bound_to, sha256=row.sha256)
        profile.put_in_place(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _bound_to(berth: Berth, number: int) -> str:
    return f"connections.profilearchive|{berth.tenant_id}|{berth.connection_id}|{number}"


def _full(path: str) -> Path:
    root = Path(settings.ARCHIVES_ROOT).resolve()
    full = (root / path).resolve()
    if not full.is_relative_to(root):
        raise packing.Damaged("path outside the archives")
    return full


def _unlink(paths: list[str]) -> None:
    for path in paths:
        _full(path).unlink(missing_ok=True)
