"""Events reach devices in order, stay until acknowledged, and no device waits for another."""

import asyncio

import pytest
from pretend_phones import JOAO, MARIA, SHOP, chat

from simulator import device_socket


async def fill(net, count):
    return [await net.write(MARIA, SHOP, f"Mensagem {number}") for number in range(1, count + 1)]


@pytest.mark.asyncio
async def test_a_customers_message_reaches_the_device_whole(net, shop):
    written = await net.write(MARIA, SHOP, "Bom dia")
    frame = await shop.next()
    assert (frame["type"], frame["seq"]) == ("event", 1)
    assert frame["event"] == {
        "kind": "message",
        "message": {
            "id": written["id"],
            "chat": chat(MARIA),
            "from_me": False,
            "timestamp": written["timestamp"],
            "kind": "text",
            "text": "Bom dia",
            "quoted_id": None,
            "media": None,
            "location": None,
            "sender": {"phone": MARIA, "name": "Maria"},
            "client_ref": None,
        },
    }


@pytest.mark.asyncio
async def test_events_are_numbered_and_in_order(net, shop):
    await fill(net, 5)
    frames = [await shop.next("event") for _ in range(5)]
    assert [frame["seq"] for frame in frames] == [1, 2, 3, 4, 5]
    assert [f["event"]["message"]["text"][-1] for f in frames] == ["1", "2", "3", "4", "5"]


@pytest.mark.asyncio
async def test_what_was_not_acknowledged_comes_again_after_the_given_number(net, shop):
    await fill(net, 4)
    again = await net.back(shop, after=2)
    assert [(await again.next())["seq"] for _ in range(2)] == [3, 4]
    await again.nothing()


@pytest.mark.asyncio
async def test_events_not_acknowledged_come_again_from_the_start(net, shop):
    await fill(net, 3)
    again = await net.back(shop)
    assert [(await again.next())["seq"] for _ in range(3)] == [1, 2, 3]


@pytest.mark.asyncio
async def test_an_acknowledgement_covers_all_events_before_it(net, shop):
    await fill(net, 4)
    await shop.say(type="ack", seq=3)
    await shop.request("find", ids=[])
    again = await net.back(shop)
    assert (await again.next())["seq"] == 4
    await again.nothing()
    assert (await net.get(f"/api/phones/{SHOP}/devices"))["results"][0]["waiting"] == 1


@pytest.mark.asyncio
async def test_an_acknowledgement_beyond_the_last_event_hides_nothing_later(net, shop):
    await fill(net, 1)
    await shop.say(type="ack", seq=999)
    await shop.request("find", ids=[])
    await net.write(MARIA, SHOP, "Ainda chega")
    assert (await shop.event("message"))["message"]["text"] == "Ainda chega"
    assert shop.heard[-1]["seq"] == 2


@pytest.mark.asyncio
async def test_a_device_ahead_of_the_network_gets_higher_numbers(net, shop):
    again = await net.back(shop, after=40)
    await net.write(MARIA, SHOP)
    assert (await again.next("event"))["seq"] == 41


@pytest.mark.asyncio
async def test_events_of_an_absent_device_wait_for_it(net, shop):
    await shop.ws.close()
    await fill(net, 3)
    again = await net.back(shop)
    assert [(await again.next())["seq"] for _ in range(3)] == [1, 2, 3]


@pytest.mark.asyncio
async def test_events_outlive_a_restart_of_the_network(run_network):
    async with run_network() as net:
        await net.phone(SHOP, "Loja Acme")
        await net.phone(MARIA, "Maria")
        shop = await net.link(SHOP)
        await fill(net, 3)
        await shop.say(type="ack", seq=1)
        await shop.request("find", ids=[])
    async with run_network() as net:
        again = await net.back(shop, after=1)
        assert [(await again.next())["seq"] for _ in range(2)] == [2, 3]
        await fill(net, 1)
        assert (await again.next())["seq"] == 4


@pytest.mark.asyncio
async def test_a_message_written_on_the_shops_own_phone_reaches_its_device(net, shop):
    written = await net.write(SHOP, MARIA, "Escrevi no celular")
    message = (await shop.event())["message"]
    assert (message["id"], message["from_me"], message["chat"]) == (
        written["id"],
        True,
        chat(MARIA),
    )
    assert [(await shop.event("ack"))["level"] for _ in range(2)] == [1, 2]


@pytest.mark.asyncio
async def test_what_one_device_sends_reaches_the_others_of_its_phone_only(net, shop):
    other = await net.link(SHOP)
    await shop.send(MARIA, "Do primeiro", id="3EB01234", client_ref="ref-1")
    message = (await other.event("message"))["message"]
    assert (message["from_me"], message["id"]) == (True, "3EB01234")
    assert message["client_ref"] == "ref-1"
    assert (await shop.event())["kind"] == "ack"


@pytest.mark.asyncio
async def test_reactions_edits_and_deletions_reach_the_device(net, shop):
    written = await net.write(MARIA, SHOP, "Primeira versão")
    target = written["id"]
    await net.post(f"/api/phones/{MARIA}/reactions", {"to": SHOP, "target_id": target, "emoji": "👍"})
    await net.patch(f"/api/phones/{MARIA}/messages/{target}", {"to": SHOP, "text": "Segunda"})
    await net.http.delete(f"/api/phones/{MARIA}/messages/{target}")
    await shop.event("message")
    reaction, edited, revoked = [await shop.event() for _ in range(3)]
    about = {"chat": chat(MARIA), "target_id": target}
    assert reaction | about | {"kind": "reaction", "emoji": "👍", "from_me": False} == reaction
    assert edited | about | {"kind": "edited", "text": "Segunda"} == edited
    assert revoked | about | {"kind": "revoked"} == revoked
    ids = {event["id"] for event in (reaction, edited, revoked)}
    assert len(ids) == 3
    assert all(isinstance(event["timestamp"], int) for event in (reaction, edited, revoked))


@pytest.mark.asyncio
async def test_a_reaction_from_the_shops_own_phone_is_marked_as_ours(net, shop):
    written = await net.write(MARIA, SHOP)
    await net.post(f"/api/phones/{SHOP}/reactions", {"to": MARIA, "target_id": written["id"], "emoji": "❤️"})
    event = await shop.event("reaction")
    assert (event["from_me"], event["chat"]) == (True, chat(MARIA))


@pytest.mark.asyncio
async def test_typing_reaches_the_device_and_is_not_kept(net, shop):
    await net.post(f"/api/phones/{MARIA}/typing", {"to": SHOP, "activity": "recording"})
    assert await shop.next() == {"type": "typing", "chat": chat(MARIA), "activity": "recording"}
    again = await net.back(shop)
    await again.nothing()


@pytest.mark.asyncio
async def test_a_device_that_does_not_read_holds_up_nobody_else(net, shop):
    await net.phone("+5511900000002", "Outra loja")
    slow = await net.link("+5511900000002")
    slow.ws.transport.pause_reading()
    text = "x" * 60_000
    for _ in range(40):
        await net.write(JOAO, "+5511900000002", text)
    async with asyncio.timeout(2):
        await net.write(MARIA, SHOP, "Sem demora")
        assert (await shop.event("message"))["message"]["text"] == "Sem demora"
    slow.ws.transport.resume_reading()
    seqs = [(await slow.next("event"))["seq"] for _ in range(40)]
    assert seqs == list(range(1, 41))


@pytest.mark.asyncio
async def test_a_device_that_does_not_read_can_still_be_replaced(net, shop, monkeypatch):
    monkeypatch.setattr(device_socket, "FAREWELL_SECONDS", 0.1)
    shop.ws.transport.pause_reading()
    for _ in range(40):
        await net.write(MARIA, SHOP, "x" * 60_000)
    newer = await net.back(shop, after=39)
    assert (await newer.next("event"))["seq"] == 40
    await asyncio.sleep(0.3)
    assert (await net.get("/api/healthz"))["connected"] == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "frame",
    [
        "{",
        "7",
        '{"type":"dance"}',
        '{"type":"ack"}',
        '{"type":"ack","seq":"1"}',
        '{"type":"request","do":"find"}',
        '{"type":"request","id":true,"do":"find"}',
    ],
)
async def test_a_frame_of_no_known_shape_closes_the_socket(net, shop, frame):
    await shop.ws.send(frame)
    assert (await shop.next())["type"] == "error"
    assert await shop.closed() == 4400
    assert (await net.get("/api/healthz"))["status"] == "ok"
