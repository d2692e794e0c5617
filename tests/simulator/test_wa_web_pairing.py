"""The pretend WhatsApp Web with the real wa-js: codes that expire, letters to type, a passkey to show."""

import pytest
import pytest_asyncio
from pretend_phones import MARIA, SHOP, running
from wa_web import WaWeb

pytestmark = pytest.mark.asyncio(loop_scope="module")

START = "(phone) => WPP.conn.startLinkDeviceCodeForPhoneNumber(phone)"


@pytest_asyncio.fixture(loop_scope="module")
async def hasty(state, profile):
    """WhatsApp Web on a network whose codes live half a second."""
    async with running(state, qr_seconds=0.5) as net:
        await net.phone(SHOP, "Loja Acme")
        web = WaWeb(profile.pages[0], net)
        yield web
        await web.page.goto("about:blank")
        assert web.complaints == []


async def test_codes_follow_one_another_until_the_page_gives_up_and_is_asked_again(hasty):
    await hasty.open()
    await hasty.event("conn.qrcode_idle")
    assert await hasty.run("() => WPP.conn.isIdle()") is True
    assert await hasty.run("() => WPP.conn.getAuthCode()") is None
    await hasty.run("() => void WPP.conn.refreshQR()")
    await hasty.net.post(f"/api/phones/{SHOP}/scan", {"code": await hasty.code()})
    await hasty.until_linked()


async def test_a_phone_links_the_page_by_letters_that_it_types(web):
    code = await web.run(START, "5511900000001")
    assert await web.event("conn.link_code_change") == code
    assert len(code) == 8
    wrong = await web.net.post(f"/api/phones/{MARIA}/pairing", {"code": code}, status=409)
    assert wrong["code"] == "pairing_code_wrong"
    typed = f"{code[:4]}-{code[4:].lower()}"
    assert (await web.net.post(f"/api/phones/{SHOP}/pairing", {"code": typed}))["name"] == "WhatsApp Web"
    await web.until_linked()
    again = await web.net.post(f"/api/phones/{SHOP}/pairing", {"code": code}, status=409)
    assert again["code"] == "pairing_code_wrong"


async def test_newer_letters_replace_older_ones(web):
    older = await web.run(START, "5511900000001")
    newer = await web.run("() => WPP.conn.refreshLinkDeviceCode()")
    await web.net.post(f"/api/phones/{SHOP}/pairing", {"code": older}, status=409)
    await web.net.post(f"/api/phones/{SHOP}/pairing", {"code": newer})
    await web.until_linked()


async def test_letters_for_what_is_no_number_are_refused(web):
    with pytest.raises(Exception, match="número com país e DDD"):
        await web.run("() => WPP.conn.genLinkDeviceCodeForPhoneNumber('12')")


async def test_a_link_that_needs_a_passkey_waits_for_the_phone(web):
    net = web.net
    await net.post("/api/linking", {"passkey": True})
    answer = await net.post(f"/api/phones/{SHOP}/scan", {"code": await web.code()}, status=202)
    assert answer == {"passkey_required": True}
    assert await web.event("conn.backend_event") == "passkey_required"
    await web.until("() => document.getElementById('app').dataset.state === 'passkey'")
    assert await web.run("() => WPP.conn.isAuthenticated()") is False
    await net.post(f"/api/phones/{MARIA}/passkey", status=409)
    await net.post(f"/api/phones/{SHOP}/passkey")
    await web.until_linked()
