"""Linking a device: QR codes, their end, the pairing, and what a token is worth later."""

import pytest
from pretend_phones import MARIA, SHOP

from simulator.linking import FIRST_SECONDS, LATER_SECONDS, LinkingDesk
from simulator.model import lid_of
from simulator.network import Network


@pytest.mark.asyncio
async def test_a_device_without_a_token_is_shown_a_qr_code(net):
    device = await net.greet()
    frame = await device.next()
    assert frame["type"] == "qr"
    assert frame["code"].startswith("2@")
    assert (frame["expires_in"], frame["attempt"], frame["attempts"]) == (60, 1, 6)


@pytest.mark.asyncio
async def test_a_device_with_an_unknown_token_is_shown_a_qr_code(net):
    device = await net.greet("nobody-ever-got-this-token", after=7)
    assert (await device.next())["type"] == "qr"


@pytest.mark.asyncio
async def test_a_scan_pairs_the_device_and_makes_it_ready(net):
    device = await net.greet()
    code = (await device.next())["code"]
    row = await net.post(f"/api/phones/{SHOP}/scan", {"code": code}, status=200)
    assert row["name"] == "Balcão"
    paired, ready = await device.next(), await device.next()
    assert paired["type"] == "paired"
    assert (paired["phone"], paired["name"]) == (SHOP, "Loja Acme")
    assert len(paired["device"]) > 30
    assert ready == {"type": "ready", "phone": SHOP, "name": "Loja Acme", "lid": lid_of(SHOP[1:])}
    devices = (await net.get(f"/api/phones/{SHOP}/devices"))["results"]
    assert [(row["name"], row["connected"]) for row in devices] == [("Balcão", True)]


@pytest.mark.asyncio
async def test_a_token_makes_the_device_ready_without_a_code(net, shop):
    again = await net.greet(shop.token)
    ready = await again.next()
    assert (ready["type"], ready["phone"], ready["name"]) == ("ready", SHOP, "Loja Acme")


def test_the_first_code_lives_longer_unless_seconds_are_given():
    desk = LinkingDesk(Network())
    assert [desk.lifetime(attempt) for attempt in (1, 2, 6)] == [
        FIRST_SECONDS,
        LATER_SECONDS,
        LATER_SECONDS,
    ]
    assert LinkingDesk(Network(), seconds=3).lifetime(1) == 3


@pytest.mark.asyncio
async def test_codes_follow_each_other_until_they_are_exhausted(run_network):
    async with run_network(qr_seconds=0.05) as net:
        device = await net.greet()
        assert await device.closed() == 4003
    *codes, last = device.heard
    assert [frame["attempt"] for frame in codes] == [1, 2, 3, 4, 5, 6]
    assert len({frame["code"] for frame in codes}) == 6
    assert codes[0]["expires_in"] == 0.05
    assert last == {"type": "qr_exhausted"}


@pytest.mark.asyncio
async def test_an_expired_code_cannot_be_scanned_but_the_next_can(run_network):
    async with run_network(qr_seconds=0.3) as net:
        await net.phone(SHOP, "Loja Acme")
        device = await net.greet()
        old, new = await device.next("qr"), await device.next("qr")
        error = await net.post(f"/api/phones/{SHOP}/scan", {"code": old["code"]}, status=409)
        assert error["code"] == "qr_expired"
        await net.post(f"/api/phones/{SHOP}/scan", {"code": new["code"]}, status=200)
        await device.next("ready")


@pytest.mark.asyncio
@pytest.mark.parametrize("code", ["", "2@nothing", "https://example.com"])
async def test_a_code_that_nobody_shows_cannot_be_scanned(net, code):
    error = await net.post(f"/api/phones/{SHOP}/scan", {"code": code}, status=409)
    assert error["code"] == "qr_unknown"


@pytest.mark.asyncio
async def test_a_code_is_good_for_one_scan(net):
    device = await net.greet()
    code = (await device.next())["code"]
    await net.post(f"/api/phones/{SHOP}/scan", {"code": code}, status=200)
    error = await net.post(f"/api/phones/{MARIA}/scan", {"code": code}, status=409)
    assert error["code"] == "qr_expired"


@pytest.mark.asyncio
async def test_the_code_of_a_device_that_left_cannot_be_scanned(net):
    device = await net.greet()
    code = (await device.next())["code"]
    await device.ws.close()
    await net.get("/api/healthz")
    error = await net.post(f"/api/phones/{SHOP}/scan", {"code": code}, status=409)
    assert error["code"] == "qr_expired"
    assert (await net.get(f"/api/phones/{SHOP}/devices"))["results"] == []


@pytest.mark.asyncio
async def test_a_phone_without_connection_cannot_scan(net):
    await net.switch(SHOP, online=False)
    device = await net.greet()
    code = (await device.next())["code"]
    error = await net.post(f"/api/phones/{SHOP}/scan", {"code": code}, status=409)
    assert error["code"] == "phone_offline"
    await net.switch(SHOP, online=True)
    await net.post(f"/api/phones/{SHOP}/scan", {"code": code}, status=200)


@pytest.mark.asyncio
async def test_an_unlinked_device_is_told_at_once_and_at_every_hello(net, shop):
    device_id = await net.device_id(SHOP)
    assert (await net.http.delete(f"/api/phones/{SHOP}/devices/{device_id}")).status_code == 204
    farewell = {"type": "logged_out", "reason": "unlinked_on_phone"}
    assert await shop.next() == farewell
    assert await shop.closed() == 4002
    again = await net.greet(shop.token)
    assert await again.next() == farewell
    assert await again.closed() == 4002


@pytest.mark.asyncio
async def test_removing_a_phone_unlinks_its_devices(net, shop):
    assert (await net.http.delete(f"/api/phones/{SHOP}")).status_code == 204
    assert (await shop.next())["type"] == "logged_out"


@pytest.mark.asyncio
async def test_a_device_of_another_phone_cannot_be_unlinked(net, shop):
    answer = await net.http.delete(f"/api/phones/{MARIA}/devices/{await net.device_id(SHOP)}")
    assert answer.status_code == 409
    answer = await net.http.delete(f"/api/phones/{SHOP}/devices/unknown")
    assert answer.status_code == 404


@pytest.mark.asyncio
async def test_an_older_socket_of_the_same_device_is_replaced(net, shop):
    newer = await net.back(shop)
    assert await shop.next() == {"type": "replaced"}
    assert await shop.closed() == 4001
    await net.write(MARIA, SHOP)
    assert (await newer.event())["kind"] == "message"


@pytest.mark.asyncio
async def test_two_devices_of_one_phone_live_side_by_side(net, shop):
    other = await net.link(SHOP)
    await net.write(MARIA, SHOP, "Para os dois")
    for device in (shop, other):
        assert (await device.event("message"))["message"]["text"] == "Para os dois"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "frame", ['{"type":"ack","seq":1}', "[]", "not json", '{"type":"hello","after":-1}', b"\x00"]
)
async def test_a_socket_that_does_not_begin_with_hello_is_closed(net, frame):
    ws = await net.open()
    await ws.send(frame)
    assert "error" in str(await ws.recv())
    await ws.wait_closed()
    assert ws.close_code == 4400


@pytest.mark.asyncio
async def test_a_device_that_is_not_linked_cannot_ask_for_anything(net):
    device = await net.greet()
    await device.next("qr")
    await device.say(type="request", id=1, do="find", ids=[])
    assert (await device.next())["type"] == "error"
    assert await device.closed() == 4400
