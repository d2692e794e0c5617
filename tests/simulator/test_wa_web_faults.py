"""The pretend WhatsApp Web with the real wa-js: bans, lost networks, late modules, lost answers."""

import asyncio

import pytest
from playwright.async_api import TimeoutError as Late
from pretend_phones import JOAO, MARIA, SHOP, chat
from wa_web import BUNDLE, CONFIG, LISTEN, WaWeb

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHAT = chat(MARIA)
SEND = (
    "(given) => WPP.chat.sendTextMessage(given.chat, given.text, "
    "{linkPreview: false, markIsRead: false, ...given.options})"
)
TICKS = "() => window.heard.filter(([name]) => name === 'chat.msg_ack_change').map(([, value]) => value.ack)"


async def befall(net, **conditions):
    return await net.post(f"/api/devices/{await net.device_id(SHOP)}/conditions", conditions)


def text(body, to=CHAT, **options):
    return {"chat": to, "text": body, "options": options}


# --- being sent away --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "mode"),
    [
        ("banned", "TOS_BLOCK"),
        ("business_banned", "SMB_TOS_BLOCK"),
        ("deprecated", "DEPRECATED_VERSION"),
        ("proxy_block", "PROXYBLOCK"),
    ],
)
async def test_a_number_that_is_turned_away_says_why_and_stays_away(linked, condition, mode):
    await befall(linked.net, condition=condition)
    assert await linked.event("conn.stream_mode_changed", lambda value: value == mode)
    if condition == "banned":
        await linked.event("conn.backend_event", lambda value: value == "account_temporarily_banned")
    await linked.page.goto(f"http://127.0.0.1:{linked.net.port}/web/")
    await linked.until("() => document.getElementById('app').dataset.state === 'blocked'")
    await befall(linked.net, condition="none")
    await linked.open()
    await linked.until_linked()


async def test_use_in_another_place_is_told_and_can_be_taken_back(linked):
    await linked.net.plan_fault(SHOP, replace=True)
    assert await linked.event("conn.stream_mode_changed", lambda value: value == "CONFLICT")
    await linked.run("() => WPP.whatsapp.Socket.takeover()")
    await linked.until_linked()


async def test_a_network_that_is_gone_comes_back_by_itself_with_what_was_missed(linked):
    await befall(linked.net, condition="offline")
    assert await linked.event("conn.online") is False
    await linked.net.write(MARIA, SHOP, "Alô?")
    await befall(linked.net, condition="none")
    assert (await linked.message())["body"] == "Alô?"
    await linked.until("() => WPP.conn.isOnline() && WPP.whatsapp.Socket.state === 'CONNECTED'")


async def test_a_dropped_socket_is_opened_again(linked):
    await linked.net.plan_fault(SHOP, drop=True)
    await linked.event("conn.stream_info_changed", lambda value: value == "OPENING")
    await linked.until("() => WPP.whatsapp.Socket.state === 'CONNECTED'")


async def test_a_new_version_is_asked_for(linked):
    await befall(linked.net, condition="needs_update")
    await linked.event("conn.needs_update")
    assert await linked.run("() => WPP.conn.needsUpdate()") is True


async def test_a_storage_that_fails_is_told(linked):
    await befall(linked.net, condition="storage_failure")
    name = "storage_initialization_error"
    assert await linked.event("conn.backend_event", lambda value: value == name)


@pytest.mark.parametrize("mode", ["PROXYBLOCK", "DEPRECATED_VERSION"])
async def test_a_page_can_be_kept_out_from_the_beginning(web, mode):
    await web.net.post("/api/web", {"blocked": mode})
    await web.page.goto(f"http://127.0.0.1:{web.net.port}/web/")
    await web.page.wait_for_function("() => window.Debug?.VERSION")
    await web.run(CONFIG + BUNDLE.read_text())
    await web.until("() => window.WPP.isReady")
    assert (await web.run("() => WPP.conn.getStreamData()"))["mode"] == mode
    await web.net.post("/api/web", {"blocked": "none"})


# --- sends that go wrong ----------------------------------------------------------------------


async def test_a_refused_send_fails_for_good(linked):
    refusal = {"code": "rate_limited", "message": "Devagar", "permanent": True}
    await linked.net.plan_fault(SHOP, refuse_next_send=refusal)
    result = await linked.run(SEND, text("Recusada"))
    assert result["ack"] == -1
    assert result["sendMsgResult"]["messageSendResult"] == "ERROR_UNKNOWN"
    assert await linked.net.messages(MARIA, SHOP) == []


async def test_a_number_that_may_begin_no_chats_answers_those_who_wrote(linked):
    await linked.net.write(MARIA, SHOP)
    await befall(linked.net, restricted=True)
    refused = await linked.run(SEND, text("Novidade", chat(JOAO)))
    assert refused["sendMsgResult"]["errorCode"] == "463"
    assert (await linked.run(SEND, text("Resposta")))["ack"] == 1


async def test_a_send_that_hangs_ends_when_the_network_answers(linked):
    await linked.net.plan_fault(SHOP, hang_next_send=0.5)
    result = await linked.run(SEND, text("Devagar"))
    assert result["sendMsgResult"]["messageSendResult"] == "OK"


async def test_a_lost_answer_delivers_once_after_the_reconnect(linked):
    await linked.net.plan_fault(SHOP, lose_next_response=True)
    customer = await linked.net.link(MARIA)
    sending = asyncio.create_task(linked.run(SEND, text("Uma vez", messageId=f"true_{CHAT}_3EB0CC")))
    assert (await customer.event("message"))["message"]["id"] == "3EB0CC"
    await linked.net.plan_fault(SHOP, drop=True)
    assert (await sending)["sendMsgResult"]["messageSendResult"] == "OK"
    assert [row["id"] for row in await linked.net.messages(MARIA, SHOP)] == ["3EB0CC"]


async def test_a_doubled_send_is_delivered_once(linked):
    await linked.net.plan_fault(SHOP, duplicate_next_send=True)
    await linked.run(SEND, text("Em dobro"))
    assert len(await linked.net.messages(MARIA, SHOP)) == 1


# --- ticks out of time ------------------------------------------------------------------------


async def test_ticks_come_before_the_answer_to_the_send(linked):
    await linked.net.plan_fault(SHOP, answer_next_send_late=0.5)
    sending = asyncio.create_task(linked.run(SEND, text("Cedo")))
    assert (await linked.event("chat.msg_ack_change", lambda value: value["ack"] == 2))["chat"] == CHAT
    assert (await sending)["ack"] == 2


@pytest.mark.parametrize(("mode", "order"), [("hold", [2, 3]), ("reverse", [3, 2])])
async def test_ticks_are_held_back_and_let_go(linked, mode, order):
    await befall(linked.net, acks=mode)
    result = await linked.run(SEND, text("Sem ticks", waitForAck=False))
    await linked.until(f"() => WPP.whatsapp.MsgStore.get('{result['id']}').ack === 1")
    await linked.net.post(f"/api/phones/{MARIA}/read", {"to": SHOP})
    await linked.net.write(MARIA, SHOP, "Li")
    await linked.message(lambda value: value["body"] == "Li")
    assert not {2, 3} & set(await linked.run(TICKS))
    await befall(linked.net, acks="normal")
    first = await linked.event("chat.msg_ack_change", lambda value: value["ack"] > 1)
    second = await linked.event("chat.msg_ack_change", lambda value: value["ack"] > 1)
    assert [first["ack"], second["ack"]] == order


# --- modules that are late or missing ---------------------------------------------------------


async def test_modules_that_come_late_are_waited_for(linked):
    await linked.net.post("/api/web", {"profile": "slow"})
    await linked.open()
    await linked.until_linked()
    await linked.run(SEND, text("Com atraso"))
    assert (await linked.event("chat.msg_ack_change", lambda value: value["ack"] == 2))["chat"] == CHAT
    await linked.net.post("/api/web", {"profile": "at_once"})


async def test_wa_js_put_on_a_page_too_early_never_gets_ready(profile, town):
    page = profile.pages[0]
    await page.goto(f"http://127.0.0.1:{town.port}/web/?loading=slow")
    await page.evaluate(CONFIG + BUNDLE.read_text())
    await page.wait_for_function("() => window.Debug?.VERSION")
    with pytest.raises(Late):
        await page.wait_for_function("() => window.WPP?.isFullReady", timeout=3000)


async def test_wa_js_put_on_a_page_between_its_modules_is_ready_and_deaf(profile, town):
    web = WaWeb(profile.pages[0], town)
    await web.page.goto(f"http://127.0.0.1:{town.port}/web/?loading=slow")
    await web.until("() => 'WAWebStreamModel' in require('__debug').modulesMap")
    await web.run(CONFIG + BUNDLE.read_text())
    await web.run(LISTEN)
    await web.until("() => WPP.isFullReady")
    await web.link()
    await web.until("() => window.Debug?.VERSION")
    await web.run(SEND, text("Alguém ouve?"))
    await web.until("() => WPP.whatsapp.MsgStore.getModelsArray().at(-1).ack === 2")
    assert await web.run(TICKS) == [1]


async def test_a_page_that_lacks_a_module_is_ready_and_tells_no_ticks(linked):
    complaints = []
    linked.page.on("console", lambda message: complaints.append(message.text))
    await linked.open("?missing=WAWebHandleMsgReceipt")
    await linked.until_linked()
    await linked.run(SEND, text("Sem recibos"))
    await linked.until("() => WPP.whatsapp.MsgStore.getModelsArray().at(-1).ack === 2")
    heard = await linked.run("() => window.heard.filter(([name]) => name === 'chat.msg_ack_change').length")
    assert heard == 1
    assert any("handleChatSimpleReceipt was not found" in complaint for complaint in complaints)


async def test_a_page_that_dies_comes_back_linked(linked, profile):
    await linked.net.write(MARIA, SHOP, "Antes")
    await linked.message()
    page = await profile.new_page()
    await linked.page.close()
    again = WaWeb(page, linked.net)
    await again.open()
    await again.until_linked()
    await linked.net.write(MARIA, SHOP, "Depois")
    assert (await again.message(lambda value: value["body"] == "Depois"))["from"] == CHAT
