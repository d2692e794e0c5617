"""Encrypted copies of profiles: kept three, brought back only where that is better than nothing."""

import asyncio
import base64
import os
import shutil
import uuid
from dataclasses import replace

import pytest
import pytest_asyncio
from browser_stage import MARIA, SHOP
from channels.db import database_sync_to_async

from connections import wire
from connections.choices import State
from connections.drivers.base import Berth
from connections.drivers.browser.archives import Archives, discard, newest_first
from connections.drivers.browser.profile import LEASE, Profile
from connections.models import ProfileArchive
from tenants.doors import work_for

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("committed")]
LOG = "Default/IndexedDB/https_web.leveldb/000003.log"


@pytest.fixture
def berth(connection):
    """As the session that holds the cast's number hands it out."""

    async def db(function, *args):
        return await database_sync_to_async(work_for)(connection.tenant, function, *args)

    return Berth(
        tenant_id=connection.tenant_id, connection_id=connection.id, epoch=connection.lease_epoch, db=db
    )


@pytest_asyncio.fixture(loop_scope="module")
async def profile(berth, tmp_path, settings):
    """A profile that looks as if it were linked, taken."""
    settings.ARCHIVES_ROOT = tmp_path / "archives"
    profile = Profile(berth.tenant_id, berth.connection_id, root=tmp_path / "profiles")
    await profile.take(berth.epoch)
    grow(profile, b"first")
    yield profile
    profile.leave()


def grow(profile, content):
    store = profile.folder / "Default/IndexedDB/https_web.leveldb"
    store.mkdir(parents=True, exist_ok=True)
    (store / "CURRENT").write_text("MANIFEST-000001\n")
    (store / "MANIFEST-000001").write_bytes(b"m")
    (profile.folder / LOG).write_bytes(content)


async def rows(berth):
    return await berth.db(newest_first, berth.connection_id)


def files(settings):
    return sorted(path for path in settings.ARCHIVES_ROOT.rglob("*") if path.is_file())


async def test_only_what_brings_a_link_back_is_kept(berth, profile):
    (profile.folder / "Default" / "Cache").mkdir()
    (profile.folder / "Default" / "Cache" / "data").write_bytes(b"x" * 100)
    archives = Archives(berth, profile)
    assert await archives.make(web_version="2.3000.1")
    await asyncio.to_thread(profile.wipe)
    assert not profile.is_whole

    assert await archives.restore() == 1

    assert profile.is_whole
    assert (profile.folder / LOG).read_bytes() == b"first"
    assert not (profile.folder / "Default" / "Cache").exists()
    assert {path.name for path in profile.folder.iterdir()} == {"Default", LEASE}


async def test_nothing_of_the_profile_shows_in_file_or_row(berth, profile, settings):
    grow(profile, b"the keys of the link" * 1000)
    await Archives(berth, profile).make(web_version="2.3000.1")
    (row,) = await rows(berth)
    (path,) = files(settings)
    assert b"the keys of the link" not in path.read_bytes()
    assert (row.size, row.web_version) == (path.stat().st_size, "2.3000.1")
    assert path.stat().st_mode & 0o777 == 0o600


async def test_three_are_kept(berth, profile, settings):
    archives = Archives(berth, profile)
    for _ in range(5):
        assert await archives.make()
    assert [row.number for row in await rows(berth)] == [5, 4, 3]
    assert len(files(settings)) == 3


async def test_a_damaged_one_falls_back_to_the_one_before(berth, profile, settings):
    archives = Archives(berth, profile)
    await archives.make()
    grow(profile, b"second")
    await archives.make()
    newest = settings.ARCHIVES_ROOT / (await rows(berth))[0].path
    newest.write_bytes(newest.read_bytes()[:-1] + b"x")

    assert await archives.restore() == 1
    assert (profile.folder / LOG).read_bytes() == b"first"

    newest.unlink()
    assert await archives.restore() == 1
    assert await archives.restore(older_than=1) is None


async def test_keys_are_rotated(berth, profile, settings):
    old, new = (f"{name}:{base64.b64encode(os.urandom(32)).decode()}" for name in ("k1", "k2"))
    settings.FIELD_KEYS = old
    archives = Archives(berth, profile)
    await archives.make()
    settings.FIELD_KEYS = f"{new},{old}"
    await archives.make()
    assert [row.sealed_key.split(".")[1] for row in await rows(berth)] == ["k2", "k1"]
    assert await archives.restore(older_than=2) == 1

    settings.FIELD_KEYS = new
    assert await archives.restore() == 2
    assert await archives.restore(older_than=2) is None, "its key is gone"


async def test_the_archive_of_another_connection_is_of_no_use(berth, profile):
    """Even to whoever can write rows."""
    await Archives(berth, profile).make()
    stranger = replace(berth, connection_id=uuid.uuid4())

    def forged(*_args):
        return newest_first(berth.connection_id)

    async def db(function, *args):
        return await berth.db(forged, *args)

    assert await Archives(replace(stranger, db=db), profile).restore() is None
    rival = replace(berth, tenant_id=uuid.uuid4())
    assert await Archives(rival, profile).restore() is None
    assert await Archives(berth, profile).restore() == 1


async def test_a_path_outside_the_archives_is_not_followed(berth, profile, settings, tmp_path):
    archives = Archives(berth, profile)
    await archives.make()
    (path,) = files(settings)
    shutil.copy(path, tmp_path / "elsewhere.profile")

    def lead_astray():
        ProfileArchive.objects.update(path="../elsewhere.profile")

    await berth.db(lead_astray)
    assert await archives.restore() is None


async def test_whoever_lost_the_lease_keeps_nothing_and_forgets_nothing(berth, profile, settings):
    archives = Archives(berth, profile)
    await archives.make()

    late = Archives(replace(berth, epoch=berth.epoch - 1), profile)
    assert await late.make() is False
    await late.forget()

    assert [row.number for row in await rows(berth)] == [1]
    assert len(files(settings)) == 1


async def test_a_log_out_leaves_none(berth, profile, settings):
    archives = Archives(berth, profile)
    await archives.make()
    await archives.forget()
    assert (await rows(berth), files(settings)) == ([], [])


async def test_a_removed_connection_leaves_nothing_on_the_machine(berth, profile, settings, tmp_path):
    settings.PROFILES_ROOT = tmp_path / "profiles"
    await Archives(berth, profile).make()
    profile.leave()
    discard(berth.tenant_id, berth.connection_id)
    assert not profile.folder.exists()
    assert files(settings) == []


async def test_a_full_disk_is_a_pity_and_not_the_links_end(berth, profile, settings):
    settings.ARCHIVES_ROOT.parent.mkdir(exist_ok=True)
    settings.ARCHIVES_ROOT.write_text("not a folder")
    assert await Archives(berth, profile).make() is False
    assert list(profile.folder.glob(".copy-*")) == []


# --- with a browser -----------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="module")
async def linked_for_real(town, berth, settings):
    """A link whose archives are rows, closed: its profile lies there, and one copy of it."""
    line = await town.linked(
        tenant_id=berth.tenant_id, connection_id=berth.connection_id, epoch=berth.epoch, db=berth.db
    )
    await line.close()
    assert len(await rows(berth)) == 1
    yield line
    for one in town.lines:
        await one.close()
    town.lines.clear()
    shutil.rmtree(line.driver.link.profile.folder)
    shutil.rmtree(settings.ARCHIVES_ROOT, ignore_errors=True)


async def test_another_machine_comes_back_without_a_code(town, berth, linked_for_real):
    shutil.rmtree(linked_for_real.driver.link.profile.folder)

    again = await town.again(linked_for_real, epoch=berth.epoch)

    await again.hears(wire.Ready)
    message = await town.net.write(MARIA, SHOP, "Em outra máquina")
    await again.hears(wire.Message, lambda one: one.id == message["id"])
    assert again.heard(wire.QrShown) == []


async def test_a_database_that_is_silently_empty_is_brought_back(town, berth, linked_for_real):
    """As a torn copy is opened: no error, only no link any more."""
    folder = linked_for_real.driver.link.profile.folder / "Default" / "IndexedDB"
    (store,) = [path for path in folder.iterdir() if path.name.endswith(".leveldb")]
    shutil.rmtree(folder)
    (folder / store.name).mkdir(parents=True)
    (folder / store.name / "CURRENT").write_text("MANIFEST-000001\n")
    (folder / store.name / "MANIFEST-000001").write_bytes(b"")

    again = await town.again(linked_for_real, epoch=berth.epoch)

    await again.hears(wire.Ready)
    assert again.heard(wire.QrShown) == []


async def test_a_profile_that_is_there_is_not_replaced_by_an_older_copy(town, berth, linked_for_real):
    profile = linked_for_real.driver.link.profile
    mark = profile.folder / "Default" / "newer"
    mark.write_text("")
    again = await town.again(linked_for_real, epoch=berth.epoch)
    await again.hears(wire.Ready)
    assert mark.exists()


async def test_without_any_copy_the_link_is_over(town, berth, linked_for_real, settings):
    shutil.rmtree(linked_for_real.driver.link.profile.folder)
    shutil.rmtree(settings.ARCHIVES_ROOT)
    again = await town.again(linked_for_real, epoch=berth.epoch)
    ended = await again.hears(wire.Ended)
    assert (ended.state, ended.reason) == (State.LOGGED_OUT, "profile_lost")


async def test_a_copy_is_made_while_the_browser_stands_still(town, berth, linked_for_real):
    again = await town.again(linked_for_real, epoch=berth.epoch)
    await again.hears(wire.Ready)
    link = again.driver.link

    assert await link.archive(browser=link.browser)

    message = await town.net.write(MARIA, SHOP, "Ainda aí?")
    await again.hears(wire.Message, lambda one: one.id == message["id"])
    os.kill(link.browser, 9)
    await again.close()
    shutil.rmtree(link.profile.folder)
    third = await town.again(linked_for_real, epoch=berth.epoch)
    await third.hears(wire.Ready)


async def test_a_link_that_is_over_leaves_no_profile_and_no_copy(town, berth, linked_for_real, settings):
    again = await town.again(linked_for_real, epoch=berth.epoch)
    await again.hears(wire.Ready)
    await again.driver.log_out()
    assert (await again.hears(wire.Ended)).reason == "asked_to_log_out"
    await again.close()

    assert {path.name for path in again.driver.link.profile.folder.iterdir()} == {LEASE}
    assert (await rows(berth), files(settings)) == ([], [])
