"""What linked devices ask of the network beyond sending: history, chats, numbers, edits, forwards."""

import pytest
from pretend_phones import JOAO, MARIA, SHOP, chat

pytestmark = pytest.mark.asyncio


async def result(device, do, **fields):
    answer = await device.request(do, **fields)
    assert answer["ok"], answer
    return answer["result"]


async def refusal(device, do, **fields):
    answer = await device.request(do, **fields)
    assert not answer["ok"], answer
    return answer["error"]["code"]


async def test_a_ping_is_answered_with_the_time(net, shop):
    sent = await net.write(MARIA, SHOP)
    assert (await result(shop, "ping"))["time"] >= sent["timestamp"]


async def test_history_tells_both_sides_of_all_chats_since_a_time(net, shop):
    await net.write(MARIA, SHOP, "Oi")
    await shop.send(MARIA, "Olá", id="3EB001")
    await net.write(JOAO, SHOP, "Bom dia")
    page = await result(shop, "history", since=0, limit=2)
    assert [(row["text"], row["from_me"]) for row in page["messages"]] == [("Oi", False), ("Olá", True)]
    rest = await result(shop, "history", since=0, after=page["next"], limit=2)
    assert [row["text"] for row in rest["messages"]] == ["Bom dia"]
    assert rest["next"] is None
    later = page["messages"][0]["timestamp"] + 3600
    assert (await result(shop, "history", since=later))["messages"] == []


async def test_an_answer_never_outgrows_a_frame(net, shop):
    for _ in range(10):
        await net.write(MARIA, SHOP, "x" * 60_000)
    page = await result(shop, "history", since=0)
    assert 0 < len(page["messages"]) < 10
    assert page["next"] == page["messages"][-1]["serial"]


async def test_chats_are_told_in_pages_with_what_is_unread(net, shop):
    await net.write(MARIA, SHOP, "Um")
    await net.write(MARIA, SHOP, "Dois")
    await net.write(JOAO, SHOP, "Três")
    page = await result(shop, "chats", limit=1)
    [first] = page["chats"]
    assert (first["chat"], first["name"], first["unread"]) == (chat(MARIA), "Maria", 2)
    assert first["last_message"]["text"] == "Dois"
    rest = await result(shop, "chats", after=page["next"])
    assert ([row["chat"] for row in rest["chats"]], rest["next"]) == ([chat(JOAO)], None)


async def test_messages_around_one_are_told(net, shop):
    sent = [await net.write(MARIA, SHOP, text) for text in "abcd"]
    there = {"chat": chat(MARIA), "limit": 2}
    page = await result(shop, "messages", before=sent[3]["id"], **there)
    assert ([row["text"] for row in page["messages"]], page["next"]) == (["b", "c"], sent[1]["id"])
    page = await result(shop, "messages", after=sent[1]["id"], **there)
    assert [row["text"] for row in page["messages"]] == ["c", "d"]
    page = await result(shop, "messages", chat=chat(MARIA), ids=[sent[2]["id"], "3EB0NOBODY"])
    assert [row["text"] for row in page["messages"]] == ["c"]
    assert await refusal(shop, "messages", chat=chat(MARIA)) == "invalid"


@pytest.mark.parametrize(
    ("asked", "known"),
    [(JOAO, JOAO), ("+552176543210", JOAO), ("+5531955554444", None), ("+4915112345678", None)],
)
async def test_a_number_is_looked_up_with_and_without_its_ninth_digit(net, shop, asked, known):
    found = await result(shop, "look_up", phone=asked)
    assert (found["exists"], found["phone"]) == (known is not None, known)
    assert found["chat"] == (known and chat(known))


async def test_a_device_edits_reacts_to_and_deletes_while_its_phone_is_offline(net, shop):
    theirs = await net.write(MARIA, SHOP, "Oi")
    await shop.send(MARIA, "Olá", id="3EB002")
    await net.switch(SHOP, online=False)
    await result(shop, "react", chat=chat(MARIA), target_id=theirs["id"], emoji="👍")
    await result(shop, "edit", chat=chat(MARIA), target_id="3EB002", text="Olá!", own_id="3EB0EDIT")
    assert (await shop.event("edited"))["id"] == "3EB0EDIT"
    rows = await net.messages(MARIA, SHOP)
    assert rows[0]["reactions"] == [{"emoji": "👍", "from_me": False}]
    assert (rows[1]["text"], rows[1]["edited"]) == ("Olá!", True)
    await result(shop, "revoke", target_id="3EB002")
    assert (await net.messages(MARIA, SHOP))[1]["revoked"] is True
    assert await refusal(shop, "edit", chat=chat(MARIA), target_id=theirs["id"], text="x") == "not_the_author"
    assert await refusal(shop, "revoke", target_id=theirs["id"]) == "not_the_author"


async def test_a_message_is_forwarded_once_under_the_id_of_the_device(net, shop):
    theirs = await net.write(MARIA, SHOP, "Passe adiante")
    forward = {"from_chat": chat(MARIA), "target_id": theirs["id"], "chat": chat(JOAO), "own_id": "3EB0FW"}
    for _ in range(2):
        assert (await result(shop, "forward", **forward))["id"] == "3EB0FW"
    [row] = await net.messages(JOAO, SHOP)
    assert (row["text"], row["is_forwarded"]) == ("Passe adiante", True)
    assert (await result(shop, "find", ids=["3EB0FW"]))["found"][0]["id"] == "3EB0FW"
    assert await refusal(shop, "forward", **{**forward, "target_id": "3EB0NO"}) == "unknown_message"


async def test_a_whole_chat_is_marked_read(net, shop):
    await net.write(MARIA, SHOP)
    await result(shop, "read", chat=chat(MARIA), all=True)
    assert (await net.messages(MARIA, SHOP))[0]["level"] == 3


async def test_letters_link_a_device_that_a_phone_types_in(net):
    device = await net.greet()
    await device.next("qr")
    shown = (await device.request("pairing_code", phone=SHOP))["result"]
    assert (len(shown["code"]), shown["expires_in"]) == (8, 195)
    await net.post(f"/api/phones/{SHOP}/pairing", {"code": shown["code"]})
    await device.next("paired")
    assert (await device.next("ready"))["phone"] == SHOP


async def test_groups_hidden_numbers_and_pictures_survive_a_restart(run_network):
    async with run_network() as net:
        for number, name in ((SHOP, "Loja"), (MARIA, "Maria"), (JOAO, "João")):
            await net.phone(number, name)
        shop = await net.link(SHOP)
        group = (await net.post("/api/groups", {"subject": "Rua", "participants": [SHOP, MARIA, JOAO]}))["id"]
        await net.write(MARIA, group, "Oi")
        await net.switch(JOAO, online=False)
        await net.write(MARIA, group, "Alguém?")
        answer = await net.http.post(f"/api/phones/{MARIA}/media", content=b"GIF89a")
        await net.patch(f"/api/phones/{MARIA}", {"address": "lid", "picture": answer.json()["id"]})
        before = await net.messages(SHOP, group)
    for _ in range(2):
        async with run_network() as net:
            assert await net.messages(SHOP, group) == before
            back = await net.back(shop)
            lid = (await net.get(f"/api/phones/{MARIA}"))["lid"]
            assert (await result(back, "picture", chat=lid))["picture"] == f"/pictures/{lid}"
            assert [row["text"] for row in await net.messages(JOAO, group)] == ["Oi"]
            rows = (await result(back, "chats"))["chats"]
            assert [(row["chat"], row["unread"]) for row in rows] == [(group, 2)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"subject": "Rua", "participants": []}, 400),
        ({"subject": "Rua", "participants": [MARIA, MARIA]}, 400),
        ({"subject": "Rua", "participants": [MARIA, "+5511999999999"]}, 404),
        ({"subject": "Rua"}, 400),
    ],
)
async def test_a_group_of_nobody_cannot_be_made(net, body, status):
    await net.post("/api/groups", body, status=status)


async def test_only_members_write_to_a_group(net, shop):
    group = (await net.post("/api/groups", {"subject": "Rua", "participants": [MARIA, JOAO]}))["id"]
    message = {"id": "3EB0G", "to": group, "kind": "text", "text": "Oi"}
    assert await refusal(shop, "send", message=message) == "not_in_group"
    assert await refusal(shop, "send", message={**message, "to": "999999@g.us"}) == "invalid_chat"


@pytest.mark.parametrize("body", [{}, {"condition": "sunny"}, {"acks": 7}, {"restricted": "yes"}])
async def test_a_condition_that_does_not_exist_is_refused(net, shop, body):
    device = await net.device_id(SHOP)
    await net.post(f"/api/devices/{device}/conditions", body, status=400)


async def test_a_device_that_is_turned_away_is_told_at_every_hello(net, shop):
    device = await net.device_id(SHOP)
    await net.post(f"/api/devices/{device}/conditions", {"condition": "banned"})
    assert await shop.next("condition") == {"type": "condition", "condition": "banned"}
    assert await shop.closed() == 4004
    again = await net.greet(shop.token)
    assert await again.next() == {"type": "condition", "condition": "banned"}
    assert await again.closed() == 4004
    await net.post(f"/api/devices/{device}/conditions", {"condition": "none"})
    await net.back(shop)
