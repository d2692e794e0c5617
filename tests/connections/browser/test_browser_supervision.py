"""What may happen to a page, a browser and the driver of them all; and that each is noticed and answered."""

import asyncio
import os
import signal
import subprocess
import time

import pytest
from browser_stage import MARIA, SHOP, SOON, outbound
from django.conf import settings

from connections import wire
from connections.choices import State
from connections.drivers.base import DriverError
from connections.drivers.browser import link as links
from connections.drivers.browser import processes
from connections.drivers.browser.browsers import browsers, close_browsers
from connections.drivers.browser.chromium import FLAGS, binary_for
from connections.drivers.browser.profile import Profile

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def still_works(town, line):
    message = await town.net.write(MARIA, SHOP, "Ainda aí?")
    await line.hears(wire.Message, lambda one: one.id == message["id"])
    await line.driver.send(outbound("message", kind="text", text="Sim"))


async def test_a_killed_renderer_gets_a_new_page_in_the_same_browser(town):
    line = await town.linked()
    browser = line.driver.link.browser
    before = line.driver.link.web.page

    processes.tell(processes.renderers(browser), signal.SIGKILL)

    assert await line.hears(wire.Unwell) == wire.Unwell(reason="page_reloads")
    await line.hears(wire.Ready)
    assert await line.hears(wire.Unwell) == wire.Unwell(reason="")
    assert line.driver.link.web.page is not before
    assert line.driver.link.browser == browser
    assert line.heard(wire.QrShown) == []
    await still_works(town, line)


async def test_a_page_that_hangs_is_noticed_and_replaced(town, monkeypatch):
    monkeypatch.setattr(links, "TAKE_SECONDS", 0.3)
    monkeypatch.setattr(links, "BEAT_SECONDS", 0.7)
    line = await town.linked()
    hanging = asyncio.create_task(line.driver.link.web.page.evaluate("() => { while (true); }"))

    await line.hears(wire.Unwell)
    await line.hears(wire.Ready)

    await asyncio.gather(hanging, return_exceptions=True)
    await still_works(town, line)


async def test_a_page_that_keeps_crashing_is_given_up(town, monkeypatch):
    monkeypatch.setattr(links, "RELOADS", 1)
    line = await town.linked()
    for _ in range(links.RELOADS):
        processes.tell(processes.renderers(line.driver.link.browser), signal.SIGKILL)
        await line.hears(wire.Ready)
    processes.tell(processes.renderers(line.driver.link.browser), signal.SIGKILL)

    ended = await line.hears(wire.Ended)
    assert (ended.state, ended.reason) == (State.RECONNECTING, "engine_broken")


async def test_a_killed_browser_is_seen_within_a_second_and_comes_back_without_a_code(town):
    line = await town.linked()
    since = time.monotonic()

    os.kill(line.driver.link.browser, signal.SIGKILL)

    ended = await line.hears(wire.Ended)
    assert time.monotonic() - since < 1.0
    assert (ended.state, ended.reason) == (State.RECONNECTING, "browser_gone")
    await line.close()
    again = await town.again(line)
    await again.hears(wire.Ready)
    assert again.heard(wire.QrShown) == []
    await still_works(town, again)
    await again.close()


async def test_a_send_to_a_browser_that_dies_is_unknown_not_refused(town):
    line = await town.linked()
    os.kill(line.driver.link.browser, signal.SIGKILL)
    with pytest.raises(DriverError) as lost:
        await line.driver.link.web.ask("state")
    assert (lost.value.code, lost.value.is_unknown) == ("connection_lost", True)


async def test_the_death_of_the_driver_ends_every_link_and_the_next_one_starts_another(town):
    first, second = await asyncio.gather(town.linked(), town.linked())
    dead = browsers().pid

    os.kill(dead, signal.SIGKILL)

    for line in (first, second):
        ended = await line.hears(wire.Ended)
        assert (ended.state, ended.reason) == (State.RECONNECTING, "connection_lost")
    await asyncio.gather(first.close(), second.close())
    again = await town.again(first)
    await again.hears(wire.Ready)
    assert browsers().pid not in (None, dead)
    await still_works(town, again)


async def test_closing_leaves_no_process_behind(town):
    line = await town.linked()
    folder = line.driver.link.profile.folder
    assert processes.browser_of(folder) is not None
    await line.close()
    assert processes.browser_of(folder) is None

    driver = browsers().pid
    await close_browsers()
    async with asyncio.timeout(SOON):
        while driver in processes.children(os.getpid()):
            await asyncio.sleep(0.01)


# --- the profile --------------------------------------------------------------------------------


async def test_what_a_killed_worker_left_behind_is_cleared_away(town):
    line = await town.linked()
    folder = line.driver.link.profile.folder
    await line.close()
    # As a worker leaves it that was killed: a browser nobody has, and Chromium's own lock.
    flags = [*FLAGS, "--no-sandbox", "--headless", f"--user-data-dir={folder}", "about:blank"]
    orphan = subprocess.Popen([binary_for(line.driver.chosen), *flags], stderr=subprocess.DEVNULL)
    (folder / "SingletonLock").symlink_to("elsewhere-1")
    async with asyncio.timeout(SOON):
        while processes.browser_of(folder) is None:
            await asyncio.sleep(0.01)

    again = await town.again(line)

    await again.hears(wire.Ready)
    assert orphan.wait(5) in (-signal.SIGKILL, 128 + signal.SIGKILL)  # itself, or the script around it
    assert not (folder / "SingletonLock").is_symlink()


async def test_a_profile_is_open_once(town):
    """chromium-headless-shell itself would let a second one in."""
    line = town.line()
    await line.open()
    second = town.line(tenant_id=line.driver.berth.tenant_id, connection_id=line.driver.berth.connection_id)
    with pytest.raises(DriverError) as held:
        await second.driver.open(None)
    assert (held.value.code, held.value.permanent) == ("profile_in_use", False)
    await second.close()
    await line.close()
    await second.driver.link.profile.take(2)
    second.driver.link.profile.leave()


async def test_nobody_else_of_the_machine_can_look_into_a_profile(town):
    line = town.line()
    await line.open()
    assert line.driver.link.profile.folder.stat().st_mode & 0o777 == 0o700
    assert (settings.PROFILES_ROOT / str(line.driver.berth.tenant_id)).stat().st_mode & 0o077 == 0


async def test_a_folder_that_cannot_be_made_is_said_so(tmp_path):
    (tmp_path / "file").write_text("")
    line_id = "0190a1b2-0000-7000-8000-000000000000"
    profile = Profile(line_id, line_id, root=tmp_path / "file")
    with pytest.raises(DriverError) as refused:
        await profile.take(1)
    assert refused.value.code == "profile_unusable"


# --- the network --------------------------------------------------------------------------------


async def test_a_page_that_cannot_be_reached_is_tried_again_later(town, monkeypatch):
    monkeypatch.setattr(settings, "WA_WEB_URL", "http://127.0.0.1:9/web/")
    line = town.line()
    await line.open()
    ended = await line.hears(wire.Ended)
    assert (ended.state, ended.reason) == (State.RECONNECTING, "web_unreachable")


async def test_a_binary_that_is_not_there_is_said_so(town, monkeypatch):
    monkeypatch.setattr(settings, "CHROMIUM_PATH", "/nowhere/chromium")
    line = town.line()
    await line.open()
    ended = await line.hears(wire.Ended)
    assert (ended.state, ended.reason) == (State.FAILED, "no_browser")
