"""Faults on demand: each happens once, to one device."""

import asyncio
import time

import pytest
from pretend_phones import MARIA, SHOP


@pytest.mark.asyncio
async def test_drop_breaks_the_socket_and_the_device_comes_back_to_its_events(net, shop):
    await net.plan_fault(SHOP, drop=True)
    assert await shop.closed() == 1012
    assert shop.heard[-1]["type"] == "ready"
    await net.write(MARIA, SHOP)
    again = await net.back(shop)
    assert (await again.next("event"))["seq"] == 1


@pytest.mark.asyncio
async def test_drop_needs_an_open_socket(net, shop):
    await net.plan_fault(SHOP, drop=True)
    await shop.closed()
    path = f"/api/devices/{await net.device_id(SHOP)}/faults"
    assert (await net.post(path, {"drop": True}, status=409))["code"] == "not_connected"


@pytest.mark.asyncio
@pytest.mark.parametrize("permanent", [True, False])
async def test_the_next_send_is_refused_as_told_and_the_one_after_is_not(net, shop, permanent):
    error = {"code": "rate_limited", "message": "Devagar", "permanent": permanent}
    await net.plan_fault(SHOP, refuse_next_send=error)
    assert (await shop.request("find", ids=[]))["ok"] is True
    assert (await shop.send(MARIA))["error"] == error
    assert (await shop.request("find", ids=["3EB0AA"]))["result"] == {"found": []}
    assert (await shop.send(MARIA))["ok"] is True


@pytest.mark.asyncio
async def test_the_next_send_hangs_while_everything_else_goes_on(net, shop):
    await net.plan_fault(SHOP, hang_next_send=0.4)
    began = time.monotonic()
    hanging = {"id": "H1", "to": "5511987654321@c.us", "kind": "text", "text": "Devagar"}
    await shop.say(type="request", id=77, do="send", message=hanging)
    assert (await shop.request("find", ids=["H1"]))["result"] == {"found": []}
    await net.write(MARIA, SHOP)
    await shop.event("message")
    assert time.monotonic() - began < 0.35
    response = await shop.next("response")
    assert (response["id"], response["ok"]) == (77, True)
    assert time.monotonic() - began >= 0.4
    assert (await shop.send(MARIA, id="H2"))["ok"] is True


@pytest.mark.asyncio
async def test_a_send_that_hangs_is_forgotten_when_its_socket_ends(net, shop):
    await net.plan_fault(SHOP, hang_next_send=0.2)
    message = {"id": "H1", "to": "5511987654321@c.us", "kind": "text", "text": "Devagar"}
    await shop.say(type="request", id=1, do="send", message=message)
    await shop.request("find", ids=[])
    await shop.ws.close()
    await asyncio.sleep(0.4)
    again = await net.back(shop)
    assert (await again.request("find", ids=["H1"]))["result"] == {"found": []}


@pytest.mark.asyncio
async def test_a_lost_response_hides_a_message_that_was_delivered(net, shop):
    await net.plan_fault(SHOP, lose_next_response=True)
    message = {"id": "L1", "to": "5511987654321@c.us", "kind": "text", "text": "Chegou?"}
    await shop.say(type="request", id=1, do="send", message=message)
    assert (await shop.next())["type"] == "event"
    found = (await shop.request("find", ids=["L1"]))["result"]["found"]
    assert [row["id"] for row in found] == ["L1"]
    assert not any(
        f["type"] == "response" and f["id"] == 1 and "found" not in f["result"] for f in shop.heard
    )
    assert len(await net.messages(MARIA, SHOP)) == 1


@pytest.mark.asyncio
async def test_faults_are_of_one_device(net, shop):
    other = await net.link(MARIA)
    error = {"code": "x", "message": "x", "permanent": True}
    await net.plan_fault(SHOP, refuse_next_send=error)
    assert (await other.send(SHOP, id="O1"))["ok"] is True
    assert (await shop.send(MARIA))["ok"] is False


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"explode": True},
        {"refuse_next_send": {"code": "x"}},
        {"hang_next_send": -1},
        {"hang_next_send": "1"},
        {"lose_next_response": 1},
        {"drop": "yes"},
    ],
)
async def test_a_fault_of_no_known_shape_is_refused(net, shop, fault):
    path = f"/api/devices/{await net.device_id(SHOP)}/faults"
    await net.post(path, fault, status=400)
    assert (await shop.send(MARIA))["ok"] is True


@pytest.mark.asyncio
async def test_an_unknown_device_has_no_faults(net):
    await net.post("/api/devices/unknown/faults", {"drop": True}, status=404)
