"""What may befall a linked number, told as it is; groups, hidden numbers, ticks that come as they like."""

import asyncio

import pytest
from browser_stage import CHAT, JOAO, MARIA, SHOP, outbound

from connections import wire
from connections.choices import State
from connections.drivers.base import DriverError
from connections.drivers.browser import page as pages
from connections.drivers.browser import sending

pytestmark = pytest.mark.asyncio(loop_scope="module")


BLOCKS = [("banned", "tos_block"), ("business_banned", "tos_block"), ("proxy_block", "proxy_block")]


@pytest.mark.parametrize(("condition", "reason"), BLOCKS)
async def test_a_number_that_is_blocked_is_banned(town, condition, reason):
    line = await town.linked()
    await town.befall(line, condition=condition)
    ended = await line.hears(wire.Ended)
    assert ended.state == State.BANNED
    assert ended.reason in (reason, "temporarily_banned")
    await line.close()


async def test_a_number_that_was_blocked_before_it_started_is_banned_too(town):
    line = await town.linked()
    await line.close()
    await town.befall(line, condition="banned")
    again = await town.again(line)
    ended = await again.hears(wire.Ended)
    assert (ended.state, ended.reason in ("tos_block", "temporarily_banned")) == (State.BANNED, True)


async def test_an_old_version_is_loaded_anew_and_then_said_to_be_too_old(town):
    line = await town.linked()
    await town.befall(line, condition="deprecated")
    assert await line.hears(wire.Unwell) == wire.Unwell(reason="page_reloads")
    ended = await line.hears(wire.Ended)
    assert (ended.state, ended.reason) == (State.FAILED, "needs_update")


async def test_a_lost_network_is_unwell_and_what_was_missed_comes_afterwards(town):
    line = await town.linked()
    await town.befall(line, condition="offline")
    assert await line.hears(wire.Unwell) == wire.Unwell(reason="offline")
    message = await town.net.write(MARIA, SHOP, "Alô?")
    await town.befall(line, condition="none")
    assert await line.hears(wire.Unwell) == wire.Unwell(reason="")
    await line.hears(wire.Message, lambda one: one.id == message["id"])


async def test_another_window_is_taken_back_from_once(town):
    line = await town.linked()
    await town.plan(line, replace=True)
    await line.hears(wire.Unwell, lambda one: one.reason == "")
    await town.plan(line, replace=True)
    ended = await line.hears(wire.Ended)
    assert (ended.state, ended.reason) == (State.FAILED, "replaced")


# --- sends that go wrong ------------------------------------------------------------------------


async def test_a_send_that_gets_no_answer_is_unknown_and_is_found_later(town, linked, monkeypatch):
    await linked.driver.send(outbound("message", kind="text", text="Antes"))
    monkeypatch.setattr(sending, "SEND_SECONDS", 1.0)
    await town.plan(linked, hang_next_send=2.0)
    command = outbound("message", kind="text", text="Chegou mesmo?")

    with pytest.raises(DriverError) as silence:
        await linked.driver.send(command)
    assert (silence.value.code, silence.value.is_unknown) == ("no_answer", True)

    wa_id = sending.message_id(command)
    await linked.hears(wire.Ticks, lambda one: wa_id in one.ids)
    assert await linked.driver.find([command]) == {1: wire.Sent(wa_id=wa_id)}
    texts = [one["text"] for one in await town.net.messages(MARIA, SHOP)]
    assert texts.count("Chegou mesmo?") == 1


async def test_a_send_that_is_refused_is_refused_for_good_and_not_found(town, linked):
    refusal = {"code": "spam", "message": "não", "permanent": True}
    await town.plan(linked, refuse_next_send=refusal)
    command = outbound("message", kind="text", text="Compre já")
    with pytest.raises(DriverError) as refused:
        await linked.driver.send(command)
    assert (refused.value.code, refused.value.permanent) == ("refused_by_whatsapp", True)
    assert await linked.driver.find([command]) == {}


async def test_an_answer_that_is_lost_delivers_once(town, linked, monkeypatch):
    # Whatever a first message to a chat asks beforehand is asked by then.
    await linked.driver.send(outbound("message", kind="text", text="Antes"))
    monkeypatch.setattr(sending, "SEND_SECONDS", 1.0)
    await town.plan(linked, lose_next_response=True)
    command = outbound("message", kind="text", text="Uma vez")
    await asyncio.gather(linked.driver.send(command), return_exceptions=True)
    assert await linked.driver.find([command]) == {1: wire.Sent(wa_id=sending.message_id(command))}
    texts = [one["text"] for one in await town.net.messages(MARIA, SHOP)]
    assert texts.count("Uma vez") == 1


async def test_nothing_is_sent_while_the_page_is_not_ready(town, linked, monkeypatch):
    monkeypatch.setattr("connections.drivers.browser.driver.READY_SECONDS", 0.1)
    linked.driver.link.is_ready.clear()
    try:
        with pytest.raises(DriverError) as early:
            await linked.driver.send(outbound("message", kind="text", text="Cedo"))
    finally:
        linked.driver.link.is_ready.set()
    assert (early.value.code, early.value.is_unknown, early.value.permanent) == ("not_ready", False, False)


async def test_a_page_that_does_not_answer_is_no_refusal(linked):
    with pytest.raises(DriverError) as silence:
        await linked.driver.link.web.ask("take", 10**9, 2000, 1, seconds=0.1)
    assert (silence.value.code, silence.value.is_unknown) == ("no_answer", True)
    assert pages.ANSWER_SECONDS > 1


# --- ticks, groups, hidden numbers --------------------------------------------------------------


async def test_ticks_that_come_in_the_wrong_order_are_told_as_they_come(town, linked):
    await town.befall(linked, acks="reverse")
    sent = await linked.driver.send(outbound("message", kind="text", text="Fora de ordem"))
    await town.net.post(f"/api/phones/{MARIA}/read", {"to": SHOP})
    await town.befall(linked, acks="normal")
    for level in ("read", "delivered"):
        await linked.hears(wire.Ticks, lambda one, level=level: sent.wa_id in one.ids and one.level == level)


async def test_a_group_is_written_to_and_its_ticks_match_by_the_bare_id(town, linked):
    """They are told under another key than the message went out by."""
    group = await town.net.post("/api/groups", {"subject": "Equipe", "participants": [MARIA, SHOP, JOAO]})
    message = await town.net.write(MARIA, group["id"], "Oi, grupo")
    told = await linked.hears(wire.Message, lambda one: one.id == message["id"])
    assert (told.chat, told.author, told.sender_name) == (group["id"], CHAT, "Maria")

    sent = await linked.driver.send(outbound("message", told.chat, kind="text", text="Olá"))
    await linked.hears(wire.Ticks, lambda one: sent.wa_id in one.ids and one.level == "delivered")

    answer = outbound("message", told.chat, kind="text", text="E você?", quoted_id=told.id)
    await linked.driver.send(answer)
    await linked.driver.send(outbound("reaction", told.chat, target_id=told.id, from_me=False, emoji="👍"))
    found = await linked.driver.find([answer])
    assert found == {1: wire.Sent(wa_id=sending.message_id(answer))}


@pytest.mark.parametrize(("address", "phone"), [("lid", "+5531955554444"), ("lid_only", "")])
async def test_a_hidden_number_is_told_where_it_is_known_and_the_chat_stays_hidden(
    town, linked, address, phone
):
    number = "+5531955554444" if phone else "+5531955553333"
    await town.net.phone(number, "Lia")
    await town.net.patch(f"/api/phones/{number}", {"address": address})
    message = await town.net.write(number, SHOP, "Adivinhe")
    told = await linked.hears(wire.Message, lambda one: one.id == message["id"])
    assert (told.chat.endswith("@lid"), told.phone) == (True, phone)
    sent = await linked.driver.send(outbound("message", told.chat, kind="text", text="Lia?"))
    assert sent.wa_id in [one["id"] for one in await town.net.messages(number, SHOP)]
    await town.net.http.delete(f"/api/phones/{number}")
