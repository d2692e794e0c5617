"""wa-js on the page: put in when its modules are there, complete or not at all, and telling nobody else."""

import asyncio

import pytest
from browser_stage import MARIA, SHOP, SOON, outbound
from django.conf import settings

from connections import wire
from connections.choices import State
from connections.drivers.base import DriverError
from connections.drivers.browser import chromium
from connections.drivers.browser import link as links
from connections.drivers.browser import page as pages

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def loading(town):
    """How the next pages load: told to the network before, and put right afterwards."""

    async def how(**setup):
        await town.net.post("/api/web", setup)

    return how


# What a page tells by: modules that may come last.
TELLING = ["WAWebHandleMsgReceipt", "WAWebReactions", "WAWebSendMsgChatAction", "WAWebPresenceCollection"]


@pytest.mark.parametrize(("profile", "more"), [("slow", []), ("very_slow", TELLING)])
async def test_modules_that_come_slowly_are_waited_for(town, loading, profile, more):
    await loading(profile=profile)
    try:
        line = await town.linked(settings={"gate": [*settings.WA_GATE, *more], "quiet_seconds": 2.0})
        await everything_is_told(town, line)
    finally:
        await loading(profile="at_once")


async def test_an_incomplete_injection_is_noticed_and_done_again(town, loading, monkeypatch):
    """Ready is no proof: what wa-js did not find when it began it never looks for again."""
    monkeypatch.setattr(pages, "QUIET_AFTER_FAILURE_SECONDS", 0.7)
    await loading(missing=["WAWebHandleMsgReceipt"])
    line = town.line()
    try:
        await line.open()
        async with asyncio.timeout(SOON):
            while (
                line.driver.link.web is None or "handleChatSimpleReceipt" not in line.driver.link.web.missing
            ):
                await asyncio.sleep(0.02)
    finally:
        await loading(missing=[])
    await line.hears(wire.QrShown)
    assert line.driver.link.web.quiet_seconds > line.driver.chosen.quiet_seconds, "it waits longer now"


async def everything_is_told(town, line):
    command = outbound("message", kind="text", text="Chegou?")
    sent = await line.driver.send(command)
    await line.hears(wire.Ticks, lambda one: sent.wa_id in one.ids and one.level == "delivered")
    await town.net.post(
        f"/api/phones/{MARIA}/reactions", {"to": SHOP, "target_id": sent.wa_id, "emoji": "👍"}
    )
    assert (await line.hears(wire.Reaction)).target_id == sent.wa_id


async def test_a_page_without_what_we_need_is_given_up(town, loading, monkeypatch):
    monkeypatch.setattr(links, "RELOADS", 1)
    monkeypatch.setattr(pages, "QUIET_AFTER_FAILURE_SECONDS", 0.7)
    await loading(missing=["WAWebHandleMsgReceipt"])
    line = town.line(settings={"quiet_seconds": 0.2})
    try:
        await line.open()
        ended = await line.hears(wire.Ended, within=30)
    finally:
        await loading(missing=[])
    assert (ended.state, ended.reason) == (State.RECONNECTING, "engine_broken")
    assert "handleChatSimpleReceipt" in ended.detail


async def test_the_real_page_is_waited_for_by_the_number_of_its_modules(town, monkeypatch):
    monkeypatch.setattr("connections.drivers.browser.page.INJECT_SECONDS", 1.0)
    monkeypatch.setattr(links, "RELOADS", 1)
    line = town.line(settings={"min_modules": 100_000})
    await line.open()
    ended = await line.hears(wire.Ended)
    assert (ended.reason, ended.detail) == ("engine_broken", "not ready in time")


async def test_it_is_put_in_again_whenever_the_page_loads(town, linked):
    await linked.driver.link.web.page.reload()
    assert await linked.hears(wire.Unwell) == wire.Unwell(reason="page_reloads")
    await linked.hears(wire.Ready)
    message = await town.net.write(MARIA, SHOP, "Depois")
    await linked.hears(wire.Message, lambda one: one.id == message["id"])


async def test_another_bundle_than_the_expected_one_is_refused(town, tmp_path):
    line = town.line(settings={"bundle": "other.js", "bundle_sha256": "0" * 64})
    settings.BROWSER_FILES_ROOT.mkdir(exist_ok=True)
    with pytest.raises(DriverError) as missing:
        await line.driver.open(None)
    assert missing.value.code == "wa_js_missing"

    (settings.BROWSER_FILES_ROOT / "other.js").write_text("window.WPP = {}")
    with pytest.raises(DriverError) as changed:
        await line.driver.open(None)
    assert (changed.value.code, changed.value.permanent) == ("wa_js_changed", True)


async def test_a_pinned_page_is_shown_instead_of_the_current_one(town):
    settings.BROWSER_FILES_ROOT.mkdir(exist_ok=True)
    (settings.BROWSER_FILES_ROOT / "old.html").write_text("<title>pinned</title>")
    line = town.line(settings={"web_page": "old.html"})
    await line.open()
    async with asyncio.timeout(SOON):
        while line.driver.link.web is None or await line.driver.link.web.page.title() != "pinned":
            await asyncio.sleep(0.05)


# --- to nobody else -----------------------------------------------------------------------------


async def test_wa_js_reports_to_nobody(linked):
    page = linked.driver.link.web.page
    config = await page.evaluate("WPP.config")
    assert config["disableGoogleAnalytics"] is True
    assert config["linkPreviewApiServers"] in ([], None)
    assert config["deviceName"] == "Balcão"
    assert await page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    foreign = await page.evaluate(
        "performance.getEntriesByType('resource').map((one) => new URL(one.name).host)"
        ".filter((host) => host && host !== location.host)"
    )
    assert foreign == []


async def test_no_other_host_is_found(town, linked):
    """By name, though it is the very same server."""
    page = await linked.driver.link.context.new_page()
    fetch = "(address) => fetch(address, { mode: 'no-cors' }).then(() => true, () => false)"
    await page.goto(f"http://127.0.0.1:{town.net.port}/api/healthz")
    assert await page.evaluate(fetch, f"http://127.0.0.1:{town.net.port}/api/healthz")
    assert not await page.evaluate(fetch, f"http://localhost:{town.net.port}/api/healthz")
    await page.close()


def test_hosts_of_whatsapp_are_found():
    assert chromium.resolver_rules() == (
        "MAP * ~NOTFOUND,EXCLUDE 127.0.0.1,EXCLUDE *.whatsapp.com,EXCLUDE *.whatsapp.net"
    )


async def test_it_does_not_say_that_nobody_sits_there(linked):
    seen = await linked.driver.link.web.page.evaluate(
        "({ agent: navigator.userAgent, webdriver: navigator.webdriver,"
        " brands: navigator.userAgentData.brands.map((one) => one.brand),"
        " versions: navigator.userAgentData.brands.map((one) => one.version) })"
    )
    version = (await chromium.version_of(chromium.binary_for(linked.driver.chosen))).split(".")[0]
    assert not seen["webdriver"]
    assert "Headless" not in seen["agent"] + "".join(seen["brands"])
    assert f"Chrome/{version}.0.0.0" in seen["agent"]
    assert version in seen["versions"]


async def test_a_user_agent_of_its_own_is_used(town):
    line = town.line(settings={"user_agent": "Mozilla/5.0 Ours/1"})
    await line.open()
    await line.hears(wire.QrShown)
    assert await line.driver.link.web.page.evaluate("navigator.userAgent") == "Mozilla/5.0 Ours/1"
