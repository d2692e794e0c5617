"""Letting a browser in, and how that ends: by QR code, by a code to type, with a passkey, or not at all."""

import asyncio

import pytest
from browser_stage import MARIA, SHOP

from connections import wire
from connections.choices import State
from connections.drivers.browser import driver as drivers

pytestmark = pytest.mark.asyncio(loop_scope="module")
READY = wire.Ready(phone="+5511900000001", profile_name="Loja Acme")


async def test_a_phone_links_it_by_the_qr_code_it_shows(town):
    line = town.line()
    await line.open()
    shown = await line.hears(wire.QrShown)
    assert (shown.attempt, shown.attempts) == (1, 12)

    await town.net.post(f"/api/phones/{SHOP}/scan", {"code": shown.code})

    assert await line.hears(wire.Linked) == wire.Linked(credentials=b"")
    assert await line.hears(wire.Ready) == READY


async def test_a_phone_links_it_by_a_code_to_type(town):
    line = town.line(pairing_phone=SHOP)
    await line.open()
    shown = await line.hears(wire.PairingCodeShown)
    assert (len(shown.code), shown.expires_in) == (8, 195.0)

    await town.net.post(f"/api/phones/{SHOP}/pairing", {"code": shown.code})

    assert await line.hears(wire.Ready) == READY
    assert line.heard(wire.QrShown) == [], "one way in is enough"


async def test_a_link_that_needs_a_passkey_says_so(town):
    await town.net.post("/api/linking", {"passkey": True})
    try:
        line = town.line()
        await line.open()
        shown = await line.hears(wire.QrShown)
        await town.net.post(f"/api/phones/{SHOP}/scan", {"code": shown.code})
        assert (await line.hears(wire.PasskeyNeeded)).expires_in > 60
        await town.net.post(f"/api/phones/{SHOP}/passkey", {})
        await line.hears(wire.Ready)
    finally:
        await town.net.post("/api/linking", {"passkey": False})


async def test_it_gives_up_after_so_many_codes(town):
    line = town.line(settings={"qr_attempts": 1})
    await line.open()
    await line.hears(wire.QrShown)
    await line.driver.link.web.ask("refreshQr")
    ended = await line.hears(wire.Ended)
    assert (ended.state, ended.reason) == (State.FAILED, "qr_exhausted")


async def test_the_phone_throws_it_out(town):
    line = await town.linked()
    await town.unlink(line)
    ended = await line.hears(wire.Ended)
    assert (ended.state, ended.reason) == (State.LOGGED_OUT, "unlinked_on_phone")


async def test_the_phone_threw_it_out_while_it_was_away(town):
    line = await town.linked()
    await line.close()
    await town.unlink(line)

    again = await town.again(line)

    ended = await again.hears(wire.Ended)
    assert (ended.state, ended.reason) == (State.LOGGED_OUT, "unlinked_on_phone")


async def test_we_unlink_it(town):
    line = await town.linked()
    await line.driver.log_out()
    ended = await line.hears(wire.Ended)
    assert (ended.state, ended.reason) == (State.LOGGED_OUT, "asked_to_log_out")
    devices = await town.net.get(f"/api/phones/{SHOP}/devices")
    assert line.device not in [one["id"] for one in devices["results"]]


async def test_a_stop_does_not_log_out_and_what_came_meanwhile_is_told_as_past(town, monkeypatch):
    monkeypatch.setattr(drivers, "NOTE_SECONDS", 0.0)
    line = await town.linked()
    before = await town.net.write(MARIA, SHOP, "Antes")
    await line.hears(wire.Message, lambda one: one.id == before["id"])
    await line.close()
    missed = [await town.net.write(MARIA, SHOP, f"Alô {number}") for number in range(3)]
    own = await town.net.write(SHOP, MARIA, "Respondi pelo telefone")

    again = await town.again(line)

    assert await again.hears(wire.Ready) == READY
    for message in [*missed, own]:
        await again.hears(wire.Message, lambda one, wanted=message["id"]: one.id == wanted)
    assert again.heard(wire.QrShown) == []


async def test_what_is_told_before_ready_comes_after_it(town):
    """The session settles its doubts at ready: what comes first must find them settled."""
    line = await town.linked()
    await line.close()
    await town.net.write(MARIA, SHOP, "Cedo")
    again = await town.again(line)
    await again.hears(wire.Message)
    kinds = [type(told) for told in again.told]
    assert wire.Ready in kinds


async def test_two_connections_do_not_meet(town):
    first, second = await asyncio.gather(town.linked(), town.linked(number=MARIA))
    message = await town.net.write("+5521976543210", SHOP, "Para a loja")
    await first.hears(wire.Message, lambda one: one.id == message["id"])
    assert message["id"] not in {one.id for one in second.heard(wire.Message)}
