"""What a person does with a phone, through the control API."""

import re

import pytest
from pretend_phones import JOAO, MARIA, SHOP, chat

UNKNOWN = "+5511911112222"


def at(number, rest=""):
    return f"/api/phones/{number}{rest}"


async def react(net, by, to, target_id, emoji):
    body = {"to": to, "target_id": target_id, "emoji": emoji}
    return await net.post(at(by, "/reactions"), body)


@pytest.mark.asyncio
async def test_a_new_phone_is_online_and_listed(net):
    row = await net.post("/api/phones", {"number": "+55 (31) 98888-7777", "name": " Bia "})
    assert row["number"] == "+5531988887777"
    assert (row["name"], row["online"], row["unread"], row["devices"]) == ("Bia", True, 0, 0)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["created_at"])
    assert row in (await net.get("/api/phones"))["results"]
    assert await net.get(at("+5531988887777")) == row
    assert await net.get(at("5531988887777")) == row


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"number": MARIA, "name": "Outra"}, 409, "phone_exists"),
        ({"number": "11 98765", "name": "Curto"}, 400, "invalid_number"),
        ({"number": "+0011987654321", "name": "Zero"}, 400, "invalid_number"),
        ({"number": "+55119876543211234567", "name": "Longo"}, 400, "invalid_number"),
        ({"number": "+55119٨٧٦٥٤٣٢١", "name": "Outros algarismos"}, 400, "invalid_number"),
        ({"number": UNKNOWN}, 400, "invalid"),
        ({"number": UNKNOWN, "name": "  "}, 400, "invalid"),
        ({"number": UNKNOWN, "name": "x" * 61}, 400, "too_long"),
        ({"number": 5511911112222, "name": "Número"}, 400, "invalid"),
        ([], 400, "invalid"),
    ],
)
async def test_a_wrong_phone_is_refused(net, body, status, code):
    answer = await net.http.post("/api/phones", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]


@pytest.mark.asyncio
async def test_a_body_that_is_not_json_or_too_large_is_refused(net):
    assert (await net.http.post("/api/phones", content=b"{")).status_code == 400
    assert (await net.http.post("/api/phones", content=b"x" * 1_100_000)).status_code == 413


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/chats"),
        ("GET", f"/chats/{MARIA}/messages"),
        ("GET", "/devices"),
        ("POST", "/scan"),
        ("POST", "/messages"),
        ("POST", "/typing"),
        ("POST", "/read"),
        ("DELETE", "/messages/A1"),
    ],
)
async def test_an_unknown_phone_is_not_found(net, method, path):
    body = {"to": MARIA, "text": "Oi", "activity": "idle", "code": "x"}
    answer = await net.http.request(method, at(UNKNOWN, path), json=body)
    expected = (409, "qr_unknown") if path == "/scan" else (404, "unknown_phone")
    assert (answer.status_code, answer.json()["code"]) == expected


@pytest.mark.asyncio
async def test_no_such_address_and_wrong_methods_answer_in_json(net):
    assert (await net.http.get("/api/nothing")).json()["code"] == "not_found"
    assert (await net.http.put("/api/phones")).json()["code"] == "method_not_allowed"


@pytest.mark.asyncio
async def test_a_phone_can_be_renamed_and_removed(net):
    assert (await net.patch(at(MARIA), {"name": "Maria Clara"}))["name"] == "Maria Clara"
    written = await net.write(MARIA, SHOP)
    assert written["sender"] == {"phone": MARIA, "name": "Maria Clara"}
    assert (await net.http.delete(at(MARIA))).status_code == 204
    assert (await net.http.get(at(MARIA))).status_code == 404
    (row,) = (await net.get(at(SHOP, "/chats")))["results"]
    assert (row["number"], row["exists"]) == (MARIA, False)
    await net.phone(MARIA, "Maria de novo")
    assert (await net.get(at(MARIA, "/chats")))["results"] == []


@pytest.mark.asyncio
async def test_a_written_message_has_a_whatsapp_like_id_and_is_on_both_phones(net):
    written = await net.write(MARIA, SHOP, "Bom dia")
    assert re.fullmatch(r"3EB0[0-9A-F]{16}", written["id"])
    assert (written["from_me"], written["chat"], written["level"]) == (True, chat(SHOP), 2)
    (mine,), (theirs,) = await net.messages(MARIA, SHOP), await net.messages(SHOP, MARIA)
    assert mine == written
    assert (theirs["id"], theirs["from_me"], theirs["chat"]) == (
        written["id"],
        False,
        chat(MARIA),
    )


@pytest.mark.asyncio
async def test_chats_are_listed_newest_first_with_unread_counts(net):
    await net.write(MARIA, SHOP, "Um")
    await net.write(MARIA, SHOP, "Dois")
    await net.write(JOAO, SHOP, "Três")
    rows = (await net.get(at(SHOP, "/chats")))["results"]
    assert [(row["number"], row["name"], row["unread"]) for row in rows] == [
        (JOAO, "João", 1),
        (MARIA, "Maria", 2),
    ]
    assert rows[1]["last_message"]["text"] == "Dois"
    assert (await net.get(at(SHOP)))["unread"] == 3
    assert len((await net.post(at(SHOP, "/read"), {"to": MARIA}))["ids"]) == 2
    assert (await net.get(at(SHOP)))["unread"] == 1
    assert (await net.post(at(SHOP, "/read"), {"to": MARIA}))["ids"] == []
    assert (await net.post(at(SHOP, "/read"), {"to": UNKNOWN}))["ids"] == []


@pytest.mark.asyncio
async def test_long_chats_come_in_pages_from_the_newest(net):
    for number in range(5):
        await net.write(MARIA, SHOP, str(number))
    path = at(MARIA, f"/chats/{SHOP}/messages?limit=2")
    newest = await net.get(path)
    older = await net.get(f"{path}&before={newest['next']}")
    oldest = await net.get(f"{path}&before={older['next']}")
    pages = [[row["text"] for row in page["results"]] for page in (newest, older, oldest)]
    assert pages == [["3", "4"], ["1", "2"], ["0"]]
    assert oldest["next"] is None
    for wrong in ("0", "-1", "x", "1001"):
        answer = await net.http.get(at(MARIA, f"/chats/{SHOP}/messages?limit={wrong}"))
        assert answer.status_code == 400


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"to": UNKNOWN, "text": "Oi"}, 404, "not_on_whatsapp"),
        ({"to": MARIA, "text": "Oi"}, 400, "invalid_recipient"),
        ({"to": SHOP, "text": ""}, 400, "empty_message"),
        ({"to": SHOP, "text": "x" * 65_537}, 400, "too_long"),
        ({"to": SHOP, "kind": "smell"}, 400, "invalid"),
        ({"to": SHOP, "kind": "voice"}, 400, "media_required"),
        ({"to": SHOP, "kind": "voice", "media_id": "nothing"}, 404, "media_not_found"),
        ({"to": SHOP, "kind": "location"}, 400, "location_required"),
        ({"to": "Maria", "text": "Oi"}, 400, "invalid_number"),
        ({"text": "Oi"}, 400, "invalid"),
    ],
)
async def test_a_wrong_message_is_refused(net, body, status, code):
    answer = await net.http.post(at(MARIA, "/messages"), json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.asyncio
async def test_a_location_is_written_with_its_place(net):
    place = {"latitude": -22.9, "longitude": -43.2, "name": "Casa", "address": ""}
    written = await net.write(MARIA, SHOP, "", kind="location", location=place)
    assert (written["kind"], written["location"]) == ("location", place)


@pytest.mark.asyncio
async def test_a_reply_carries_what_it_quotes(net):
    first = await net.write(MARIA, SHOP)
    reply = await net.write(SHOP, MARIA, "Claro!", quoted_id=first["id"])
    assert reply["quoted_id"] == first["id"]


@pytest.mark.asyncio
async def test_each_person_has_one_reaction_per_message(net):
    target = (await net.write(MARIA, SHOP))["id"]
    await react(net, SHOP, MARIA, target, "👍")
    await react(net, SHOP, MARIA, target, "❤️")
    row = await react(net, MARIA, SHOP, target, "😂")
    assert row["reactions"] == [
        {"emoji": "❤️", "from_me": False},
        {"emoji": "😂", "from_me": True},
    ]
    row = await react(net, SHOP, MARIA, target, "")
    assert row["reactions"] == [{"emoji": "😂", "from_me": False}]


@pytest.mark.asyncio
async def test_the_same_reaction_again_says_nothing_new(net, shop):
    target = (await net.write(MARIA, SHOP))["id"]
    await react(net, MARIA, SHOP, target, "👍")
    await react(net, MARIA, SHOP, target, "👍")
    await shop.event("reaction")
    await shop.nothing()


@pytest.mark.asyncio
async def test_only_the_author_edits(net):
    written = await net.write(MARIA, SHOP, "Errado")
    path = f"/messages/{written['id']}"
    assert (await net.patch(at(SHOP, path), {"to": MARIA, "text": "Alheio"}, status=403))[
        "code"
    ] == "not_the_author"
    row = await net.patch(at(MARIA, path), {"to": SHOP, "text": "Certo"})
    assert (row["text"], row["edited"]) == ("Certo", True)
    (theirs,) = await net.messages(SHOP, MARIA)
    assert (theirs["text"], theirs["edited"]) == ("Certo", True)
    await net.patch(at(MARIA, path), {"to": SHOP, "text": " "}, status=400)
    await net.patch(at(MARIA, "/messages/unknown"), {"to": SHOP, "text": "x"}, status=404)


@pytest.mark.asyncio
async def test_a_location_cannot_be_edited(net):
    place = {"latitude": 0, "longitude": 0}
    written = await net.write(MARIA, SHOP, "", kind="location", location=place)
    body = {"to": SHOP, "text": "Outro lugar"}
    error = await net.patch(at(MARIA, f"/messages/{written['id']}"), body, status=409)
    assert error["code"] == "not_editable"


@pytest.mark.asyncio
async def test_only_the_author_deletes_for_everyone(net):
    written = await net.write(MARIA, SHOP, "Segredo")
    await react(net, SHOP, MARIA, written["id"], "👍")
    path = f"/messages/{written['id']}"
    assert (await net.http.delete(at(SHOP, path))).status_code == 403
    row = (await net.http.delete(at(MARIA, path))).json()
    assert (row["text"], row["revoked"], row["reactions"]) == ("", True, [])
    (theirs,) = await net.messages(SHOP, MARIA)
    assert (theirs["text"], theirs["revoked"]) == ("", True)
    assert (await net.get(at(SHOP)))["unread"] == 0
    assert (await net.http.delete(at(MARIA, path))).status_code == 200
    assert (await net.http.delete(at(MARIA, "/messages/unknown"))).status_code == 404


@pytest.mark.asyncio
async def test_a_deleted_message_takes_no_reaction_and_no_edit(net):
    written = await net.write(MARIA, SHOP)
    await net.http.delete(at(MARIA, f"/messages/{written['id']}"))
    body = {"to": MARIA, "target_id": written["id"], "emoji": "👍"}
    await net.post(at(SHOP, "/reactions"), body, status=409)
    body = {"to": SHOP, "text": "x"}
    await net.patch(at(MARIA, f"/messages/{written['id']}"), body, status=409)


@pytest.mark.asyncio
async def test_an_offline_phone_can_do_nothing_and_sees_nothing_new(net):
    before = await net.write(SHOP, MARIA, "Antes")
    await net.switch(MARIA, online=False)
    hidden = await net.write(SHOP, MARIA, "Durante")
    assert hidden["level"] == 1
    assert [row["text"] for row in await net.messages(MARIA, SHOP)] == ["Antes"]
    assert (await net.get(at(MARIA)))["unread"] == 1
    for path, body in [
        ("/messages", {"to": SHOP, "text": "Oi"}),
        ("/typing", {"to": SHOP, "activity": "typing"}),
        ("/read", {"to": SHOP}),
        ("/reactions", {"to": SHOP, "target_id": before["id"], "emoji": "👍"}),
    ]:
        assert (await net.post(at(MARIA, path), body, status=409))["code"] == "phone_offline"
    await net.switch(MARIA, online=True)
    assert [row["level"] for row in await net.messages(SHOP, MARIA)] == [2, 2]
    assert (await net.get(at(MARIA)))["unread"] == 2


@pytest.mark.asyncio
async def test_a_linked_device_works_while_its_phone_is_offline(net, shop):
    await net.switch(SHOP, online=False)
    written = await net.write(MARIA, SHOP)
    assert written["level"] == 1
    assert (await shop.event())["kind"] == "message"
    assert (await shop.send(MARIA))["ok"] is True
    await shop.request("read", chat=chat(MARIA), ids=[written["id"]])
    await net.switch(SHOP, online=True)
    assert [row["level"] for row in await net.messages(MARIA, SHOP)] == [3, 2]


@pytest.mark.asyncio
async def test_the_live_socket_tells_every_change(net, shop):
    page = await net.open("/api/live")

    async def until(kind):
        from orjson import loads

        while True:
            frame = loads(await page.recv())
            if frame["kind"] == kind:
                return frame["data"]

    await net.write(MARIA, SHOP, "Oi")
    mine, theirs = await until("message"), await until("message")
    assert (mine["phone"]["number"], mine["chat"]["number"]) == (MARIA, SHOP)
    assert (theirs["phone"]["number"], theirs["chat"]["unread"]) == (SHOP, 1)
    assert theirs["message"]["text"] == "Oi"
    await shop.request("typing", chat=chat(MARIA), activity="typing")
    assert await until("typing") == {"phone": MARIA, "by": SHOP, "activity": "typing"}
    await net.switch(JOAO, online=False)
    assert (await until("phone"))["online"] is False
    await shop.ws.close()
    assert await until("devices") == {"number": SHOP}
    await net.http.delete(at(JOAO))
    assert await until("phone_removed") == {"number": JOAO}
