"""What a linked device can ask for: send, find, read, typing, check, logout."""

import asyncio
import time

import pytest
from pretend_phones import JOAO, MARIA, SHOP, chat


def message(**fields):
    return {"id": "3EB0AA", "to": chat(MARIA), "kind": "text", "text": "Olá"} | fields


@pytest.mark.asyncio
async def test_a_send_is_answered_with_its_id_and_time_and_arrives(net, shop):
    answer = await shop.send(MARIA, "Pois não?", id="3EB0C431C26A1916E07A")
    assert answer["ok"] is True
    assert answer["result"]["id"] == "3EB0C431C26A1916E07A"
    assert abs(answer["result"]["timestamp"] - time.time()) < 5
    (arrived,) = await net.messages(MARIA, SHOP)
    assert (arrived["id"], arrived["text"]) == ("3EB0C431C26A1916E07A", "Pois não?")
    assert (arrived["from_me"], arrived["chat"]) == (False, chat(SHOP))


@pytest.mark.asyncio
async def test_the_response_comes_before_its_acks_which_rise(net, shop):
    await shop.send(MARIA)
    await net.post(f"/api/phones/{MARIA}/read", {"to": SHOP})
    events = [await shop.event() for _ in range(3)]
    assert shop.heard[-4]["type"] == "response"
    assert [event["level"] for event in events] == [1, 2, 3]
    assert all((event["chat"], event["ids"]) == (chat(MARIA), ["3EB0AA"]) for event in events)
    assert all(isinstance(event["timestamp"], int) for event in events)


@pytest.mark.asyncio
async def test_an_offline_phone_gets_it_and_acks_when_it_is_back(net, shop):
    await net.switch(MARIA, online=False)
    await shop.send(MARIA, "Um", id="A1")
    await shop.send(MARIA, "Dois", id="A2")
    assert (await shop.event())["level"] == 1
    await shop.nothing()
    assert await net.messages(MARIA, SHOP) == []
    await net.switch(MARIA, online=True)
    assert (await shop.ack_level(2))["ids"] == ["A1", "A2"]
    assert [row["text"] for row in await net.messages(MARIA, SHOP)] == ["Um", "Dois"]


@pytest.mark.asyncio
async def test_sending_an_id_again_answers_the_same_and_delivers_nothing(net, shop):
    first = await shop.send(MARIA, "Só uma vez")
    await shop.ack_level(2)
    again = await shop.send(MARIA, "Só uma vez")
    assert again["result"] == first["result"]
    await shop.nothing()
    assert len(await net.messages(MARIA, SHOP)) == 1


@pytest.mark.asyncio
async def test_sending_an_id_again_is_the_same_also_after_a_restart(run_network):
    async with run_network() as net:
        await net.phone(SHOP, "Loja Acme")
        await net.phone(MARIA, "Maria")
        shop = await net.link(SHOP)
        first = await shop.send(MARIA)
    async with run_network() as net:
        again = await net.back(shop)
        assert (await again.send(MARIA))["result"] == first["result"]
        assert len(await net.messages(MARIA, SHOP)) == 1


@pytest.mark.asyncio
async def test_an_id_cannot_stand_for_two_messages(net, shop):
    await shop.send(MARIA, id="A1")
    error = (await shop.send(JOAO, id="A1"))["error"]
    assert (error["code"], error["permanent"]) == ("id_taken", True)
    written = await net.write(MARIA, SHOP)
    assert (await shop.send(MARIA, id=written["id"]))["error"]["code"] == "id_taken"


@pytest.mark.asyncio
async def test_a_number_without_a_phone_is_a_permanent_error(net, shop):
    error = (await shop.send("+5511911112222"))["error"]
    assert (error["code"], error["permanent"]) == ("not_on_whatsapp", True)
    assert "+5511911112222" in error["message"]


@pytest.mark.asyncio
async def test_a_location_and_a_contact_card_arrive_whole(net, shop):
    place = {"latitude": -23.56, "longitude": -46.65, "name": "Loja", "address": "Av. Paulista"}
    assert (await shop.send(MARIA, "", id="L1", kind="location", location=place))["ok"]
    assert (await shop.send(MARIA, "BEGIN:VCARD", id="C1", kind="contact", quoted_id="L1"))["ok"]
    location, card = await net.messages(MARIA, SHOP)
    assert (location["kind"], location["location"]) == ("location", place)
    assert (card["kind"], card["text"], card["quoted_id"]) == ("contact", "BEGIN:VCARD", "L1")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"id": None}, "invalid"),
        ({"id": ""}, "invalid_id"),
        ({"id": "a b"}, "invalid_id"),
        ({"id": "x" * 129}, "invalid_id"),
        ({"to": MARIA}, "invalid_chat"),
        ({"to": "123-456@g.us"}, "invalid_chat"),
        ({"to": chat(MARIA) + "@c.us"}, "invalid_chat"),
        ({"to": chat(SHOP)}, "invalid_recipient"),
        ({"kind": "hologram"}, "invalid"),
        ({"text": 7}, "invalid"),
        ({"text": " \n"}, "empty_message"),
        ({"text": "x" * 65_537}, "too_long"),
        ({"text": "\ud800"}, "invalid"),
        ({"kind": "image"}, "media_required"),
        ({"kind": "image", "media": {"id": "unknown"}}, "media_not_found"),
        ({"kind": "image", "media": []}, "invalid"),
        ({"kind": "location"}, "location_required"),
        ({"kind": "location", "location": {"latitude": 91, "longitude": 0}}, "invalid"),
        ({"kind": "location", "location": {"latitude": True, "longitude": 0}}, "invalid"),
    ],
)
async def test_a_wrong_message_is_refused_for_good(shop, wrong, code):
    body = message(**wrong)
    if wrong.get("text") == "\ud800":
        await shop.ws.send('{"type":"request","id":1,"do":"send","message":{"text":"\\ud800"}}')
        assert (await shop.next())["type"] in ("error", "response")
        return
    answer = await shop.request("send", message=body)
    assert answer["ok"] is False
    assert (answer["error"]["code"], answer["error"]["permanent"]) == (code, True)
    assert answer["error"]["message"]


@pytest.mark.asyncio
async def test_find_tells_what_became_of_sent_ids(net, shop):
    await shop.send(MARIA, id="A1")
    await net.switch(JOAO, online=False)
    sent = await shop.send(JOAO, id="A2")
    await net.post(f"/api/phones/{MARIA}/read", {"to": SHOP})
    answer = await shop.request("find", ids=["A1", "never-sent", "A2"])
    timestamp = sent["result"]["timestamp"]
    found = answer["result"]["found"]
    assert [(row["id"], row["level"]) for row in found] == [("A1", 3), ("A2", 1)]
    assert found[1]["timestamp"] == timestamp


@pytest.mark.asyncio
async def test_find_knows_nothing_of_other_phones_messages(net, shop):
    other = await net.link(JOAO)
    await other.send(MARIA, id="B1")
    assert (await shop.request("find", ids=["B1"]))["result"] == {"found": []}


@pytest.mark.asyncio
async def test_reading_on_the_device_shows_the_customer_blue_ticks(net, shop):
    first = await net.write(MARIA, SHOP, "Um")
    await net.write(MARIA, SHOP, "Dois")
    answer = await shop.request("read", chat=chat(MARIA), ids=[first["id"], "unknown"])
    assert answer["result"] == {}
    assert [row["level"] for row in await net.messages(MARIA, SHOP)] == [3, 2]
    (row,) = (await net.get(f"/api/phones/{SHOP}/chats"))["results"]
    assert row["unread"] == 1


@pytest.mark.asyncio
async def test_a_customer_who_is_a_connection_too_hears_of_reading(net, shop):
    customer = await net.link(MARIA)
    await customer.send(SHOP, id="Q1")
    await shop.event("message")
    await shop.request("read", chat=chat(MARIA), ids=["Q1"])
    assert (await customer.ack_level(3))["ids"] == ["Q1"]


@pytest.mark.asyncio
async def test_typing_of_the_device_reaches_the_customers_device(net, shop):
    customer = await net.link(MARIA)
    answer = await shop.request("typing", chat=chat(MARIA), activity="typing")
    assert answer["result"] == {}
    typing = await customer.next("typing")
    assert (typing["chat"], typing["activity"]) == (chat(SHOP), "typing")


@pytest.mark.asyncio
async def test_check_says_whether_a_number_exists(shop):
    yes = await shop.request("check", phone=MARIA)
    assert yes["result"] == {"exists": True, "chat": chat(MARIA)}
    no = await shop.request("check", phone="+5511911112222")
    assert no["result"] == {"exists": False, "chat": None}
    assert (await shop.request("check", phone="Maria"))["error"]["code"] == "invalid_number"


@pytest.mark.asyncio
async def test_logout_is_answered_and_ends_the_link(net, shop):
    assert (await shop.request("logout"))["ok"] is True
    assert await shop.closed() == 1000
    assert [frame["type"] for frame in shop.heard][-1] == "response"
    assert (await net.get(f"/api/phones/{SHOP}/devices"))["results"] == []
    assert (await (await net.greet(shop.token)).next())["type"] == "logged_out"


@pytest.mark.asyncio
async def test_an_unknown_request_is_refused_and_the_socket_goes_on(shop):
    error = (await shop.request("dance"))["error"]
    assert (error["code"], error["permanent"]) == ("unknown_request", True)
    assert (await shop.request("find", ids=[]))["ok"] is True


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("do", "fields"),
    [
        ("send", {}),
        ("find", {"ids": "A1"}),
        ("find", {"ids": [1]}),
        ("read", {"chat": chat(MARIA)}),
        ("typing", {"chat": chat(MARIA), "activity": "dancing"}),
    ],
)
async def test_a_request_of_the_wrong_shape_is_refused(shop, do, fields):
    answer = await shop.request(do, **fields)
    assert (answer["ok"], answer["error"]["code"]) == (False, "invalid")


@pytest.mark.asyncio
async def test_many_requests_at_once_are_all_answered(net, shop):
    requests = [shop.say(type="request", id=n, do="send", message=message(id=f"A{n}")) for n in range(300)]
    await asyncio.gather(*requests)
    answers = [await shop.next("response") for _ in range(300)]
    assert [answer["id"] for answer in answers] == list(range(300))
    assert len(await net.messages(MARIA, SHOP)) == 300


@pytest.mark.asyncio
async def test_what_the_disk_does_not_take_did_not_happen(net, shop, monkeypatch):
    def full(fd, data):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("simulator.store.os.write", full)
        error = (await shop.send(MARIA))["error"]
        assert (error["code"], error["permanent"]) == ("not_kept", False)
        body = {"to": SHOP, "kind": "text", "text": "Oi"}
        assert (await net.http.post(f"/api/phones/{MARIA}/messages", json=body)).status_code == 507
    assert await net.messages(MARIA, SHOP) == []
    assert (await shop.send(MARIA))["ok"] is True
