"""The pretend WhatsApp Web with the real wa-js: linked by a code, back without one, unlinked."""

import pytest
from pretend_phones import SHOP
from wa_web import WaWeb, a_profile

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_phone_links_the_page_by_its_qr_code(web):
    device = await web.net.post(f"/api/phones/{SHOP}/scan", {"code": await web.code()})
    assert device["name"] == "WhatsApp Web"
    await web.event("conn.authenticated")
    await web.until_linked()
    assert await web.run("() => String(WPP.conn.getMyUserId())") == "5511900000001@c.us"
    assert await web.run("() => WPP.conn.getAuthCode()") is None


async def test_a_new_code_can_be_asked_for(web):
    first = await web.code()
    second = await web.run("async () => (await WPP.conn.refreshQR()).fullCode")
    assert second.split(",")[0] != first.split(",")[0]
    await web.net.post(f"/api/phones/{SHOP}/scan", {"code": first}, status=409)
    await web.net.post(f"/api/phones/{SHOP}/scan", {"code": second})
    await web.until_linked()


async def test_a_linked_page_comes_back_without_a_code(playwright, town, tmp_path):
    async with a_profile(playwright, tmp_path / "first") as profile:
        web = WaWeb(profile.pages[0], town)
        await web.open()
        await web.link()
    async with a_profile(playwright, tmp_path / "first") as profile:
        web = WaWeb(profile.pages[0], town)
        await web.open()
        await web.until_linked()
        assert await web.run("() => String(WPP.conn.getMyUserId())") == "5511900000001@c.us"
        assert web.complaints == []


async def test_the_token_is_kept_under_a_key_that_nobody_can_take_out(linked):
    kept = await linked.run(
        """async () => {
          const database = await new Promise((done) => {
            const request = indexedDB.open("wawc-pretend");
            request.onsuccess = () => done(request.result);
          });
          const store = database.transaction("signal").objectStore("signal");
          const all = await new Promise((done) => {
            const request = store.get("key");
            request.onsuccess = () => done(request.result);
          });
          return [all instanceof CryptoKey, all.extractable, localStorage.getItem("last-wid-md")];
        }"""
    )
    assert kept == [True, False, '"5511900000001@c.us"']


async def test_a_page_whose_database_is_gone_asks_for_a_code_again(linked):
    await linked.run(
        "() => new Promise((done) => { indexedDB.deleteDatabase('wawc-pretend').onsuccess = done; })"
    )
    await linked.open()
    assert await linked.code()
    assert await linked.run("() => WPP.conn.isAuthenticated()") is False


async def test_a_phone_throws_the_page_out(linked):
    device = await linked.net.device_id(SHOP)
    await linked.net.http.delete(f"/api/phones/{SHOP}/devices/{device}")
    await linked.page.wait_for_url("**post_logout=1*")
    await linked.inject()
    assert await linked.code()


async def test_the_page_unlinks_itself(linked):
    await linked.run("() => void WPP.on('conn.logout_reason', (why) => sessionStorage.setItem('why', why))")
    assert await linked.run("() => WPP.conn.logout()") is True
    await linked.page.wait_for_url("**post_logout=1*")
    devices = await linked.net.get(f"/api/phones/{SHOP}/devices")
    assert devices["results"] == []
    assert await linked.run("() => sessionStorage.getItem('why')") == "user_initiated"
    assert await linked.run("() => localStorage.getItem('last-wid-md')") is None
