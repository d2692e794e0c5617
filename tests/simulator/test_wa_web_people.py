"""The pretend WhatsApp Web with the real wa-js: groups, hidden numbers, contacts, older messages."""

import asyncio
import io

import pytest
from PIL import Image
from pretend_phones import JOAO, MARIA, SHOP, chat

pytestmark = pytest.mark.asyncio(loop_scope="module")

MANY = 1000


async def lid_of(net, number):
    return (await net.get(f"/api/phones/{number}"))["lid"]


async def a_group(net, *numbers):
    row = await net.post("/api/groups", {"subject": "Condomínio", "participants": list(numbers)})
    return row["id"]


# --- groups -----------------------------------------------------------------------------------


async def test_a_group_message_comes_with_its_author(linked):
    net = linked.net
    group = await a_group(net, MARIA, SHOP, JOAO)
    sent = await net.write(JOAO, group, "Bom dia a todos")
    message = await linked.message()
    assert message["id"] == f"false_{group}_{sent['id']}_{chat(JOAO)}"
    assert (message["from"], message["author"]) == (group, chat(JOAO))
    assert message["notifyName"] == "João"


async def test_a_group_knows_its_members_and_is_written_to(linked):
    net = linked.net
    group = await a_group(net, MARIA, SHOP, JOAO)
    await linked.until("async () => (await WPP.group.getAllGroups()).length === 1")
    names = await linked.run("async () => (await WPP.group.getAllGroups()).map((group) => group.name)")
    assert names == ["Condomínio"]
    members = await linked.run(
        "async (id) => (await WPP.group.getParticipants(id)).map((member) => String(member.id))", group
    )
    assert members == [chat(MARIA), chat(SHOP), chat(JOAO)]
    await linked.run("(id) => WPP.chat.sendTextMessage(id, 'Olá', {linkPreview: false})", group)
    rows = await net.messages(JOAO, group)
    assert (rows[-1]["text"], rows[-1]["author"]) == ("Olá", chat(SHOP))
    assert (await linked.event("chat.msg_ack_change", lambda value: value["ack"] == 2))["chat"] == group


async def test_a_group_message_is_read_once_everybody_has_read_it(linked):
    net = linked.net
    group = await a_group(net, MARIA, SHOP, JOAO)
    await linked.until("async () => (await WPP.group.getAllGroups()).length === 1")
    await linked.run("(id) => WPP.chat.sendTextMessage(id, 'Leiam', {linkPreview: false})", group)
    await net.post(f"/api/phones/{MARIA}/read", {"to": group})
    assert (await net.messages(SHOP, group))[-1]["level"] == 2
    await net.post(f"/api/phones/{JOAO}/read", {"to": group})
    assert (await linked.event("chat.msg_ack_change", lambda value: value["ack"] == 3))["chat"] == group


async def test_new_members_of_a_group_are_told(linked):
    net = linked.net
    group = await a_group(net, MARIA, SHOP)
    await linked.until("async () => (await WPP.group.getAllGroups()).length === 1")
    body = {"subject": "Vizinhos", "participants": [MARIA, SHOP, JOAO]}
    await net.patch(f"/api/groups/{group}", body)
    await linked.until(
        f"async () => WPP.chat.get('{group}')?.name === 'Vizinhos' "
        f"&& (await WPP.group.getParticipants('{group}')).length === 3"
    )
    change = await linked.event("group.participant_changed")
    assert (change["action"], change["groupId"], change["participants"]) == ("add", group, [chat(JOAO)])


# --- hidden numbers ---------------------------------------------------------------------------


async def test_a_customer_who_hides_the_number_has_a_chat_of_another_kind(linked):
    net = linked.net
    await net.patch(f"/api/phones/{MARIA}", {"address": "lid_only"})
    lid = await lid_of(net, MARIA)
    sent = await net.write(MARIA, SHOP, "Quem sou eu?")
    message = await linked.message()
    assert (message["id"], message["from"]) == (f"false_{lid}_{sent['id']}", lid)
    entry = await linked.run("(lid) => WPP.contact.getPnLidEntry(lid)", lid)
    assert entry["lid"]["_serialized"] == lid
    assert entry.get("phoneNumber") is None
    result = await linked.run("(lid) => WPP.chat.sendTextMessage(lid, 'Olá', {linkPreview: false})", lid)
    assert result["id"].startswith(f"true_{lid}_")
    assert (await net.messages(MARIA, SHOP))[-1]["text"] == "Olá"


async def test_the_number_behind_a_hidden_id_can_be_known(linked):
    net = linked.net
    await net.patch(f"/api/phones/{MARIA}", {"address": "lid"})
    lid = await lid_of(net, MARIA)
    await net.write(MARIA, SHOP)
    assert (await linked.message())["from"] == lid
    entry = await linked.run("(lid) => WPP.contact.getPnLidEntry(lid)", lid)
    assert entry["phoneNumber"]["_serialized"] == chat(MARIA)
    assert entry["contact"]["pushname"] == "Maria"


# --- who is known -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("5521976543210@c.us", "5521976543210@c.us"),
        ("552176543210@c.us", "5521976543210@c.us"),
        ("5531988887777@c.us", "553188887777@c.us"),
        ("5511955554444@c.us", None),
    ],
)
async def test_a_number_is_on_whatsapp_however_its_ninth_digit_is_written(linked, asked, known):
    await linked.net.phone("+553188887777", "Antiga")
    found = await linked.run(
        "async (id) => { const found = await WPP.contact.queryWidExists(id); "
        "return found && [String(found.wid), String(found.lid)]; }",
        asked,
    )
    lid = await lid_of(linked.net, f"+{known.split('@')[0]}") if known else None
    assert found == (known and [known, lid])


async def test_a_profile_picture_can_be_fetched_where_there_is_one(linked):
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(file, "PNG")
    net = linked.net
    url = "(id) => WPP.contact.getProfilePictureUrl(id)"
    assert await linked.run(url, chat(MARIA)) is None
    answer = await net.http.post(
        f"/api/phones/{MARIA}/media", content=file.getvalue(), headers={"Content-Type": "image/png"}
    )
    await net.patch(f"/api/phones/{MARIA}", {"picture": answer.json()["id"]})
    address = await linked.run(url, chat(MARIA))
    assert (await net.http.get(address)).content == file.getvalue()
    await net.patch(f"/api/phones/{MARIA}", {"picture": ""})
    assert await linked.run(url, chat(MARIA)) is None


# --- what was written before ------------------------------------------------------------------


async def test_what_was_written_before_the_link_is_there(town, web):
    for number in range(5):
        await town.write(MARIA, SHOP, f"Mensagem {number}")
    await town.write(SHOP, MARIA, "Resposta")
    await web.link()
    chats = await web.run("async () => (await WPP.chat.list()).map((chat) => [chat.name, chat.unreadCount])")
    assert chats == [["Maria", 5]]
    bodies = "async ([chat, options]) => (await WPP.chat.getMessages(chat, options)).map(({body}) => body)"
    assert await web.run(bodies, [chat(MARIA), {"count": 3}]) == ["Mensagem 3", "Mensagem 4", "Resposta"]
    first = (await town.messages(MARIA, SHOP))[0]["id"]
    after = {"count": 2, "direction": "after", "id": f"false_{chat(MARIA)}_{first}"}
    assert await web.run(bodies, [chat(MARIA), after]) == ["Mensagem 1", "Mensagem 2"]
    assert len(await web.run(bodies, [chat(MARIA), {"count": -1}])) == 6


async def test_what_came_while_the_page_was_away_is_told_as_news(linked):
    await linked.page.goto("about:blank")
    sent = await linked.net.write(MARIA, SHOP, "Enquanto isso")
    await linked.open()
    await linked.until_linked()
    rows = await linked.run(
        "async (chat) => (await WPP.chat.getMessages(chat, {count: 5})).map(({id}) => String(id))",
        chat(MARIA),
    )
    assert rows == [f"false_{chat(MARIA)}_{sent['id']}"]
    assert await linked.run("(chat) => WPP.chat.get(chat).unreadCount", chat(MARIA)) == 1
    await linked.net.write(MARIA, SHOP, "E agora")
    await linked.message(lambda value: value["body"] == "E agora")
    assert await linked.run("(chat) => WPP.chat.get(chat).unreadCount", chat(MARIA)) == 2


async def test_an_old_message_can_be_answered_without_reading_what_came_after(linked):
    net = linked.net
    old = await net.write(MARIA, SHOP, "Antiga")
    for number in range(3):
        await net.write(MARIA, SHOP, f"Nova {number}")
    await linked.message(lambda value: value["body"] == "Nova 2")
    await linked.open()
    await linked.until_linked()
    message = f"false_{chat(MARIA)}_{old['id']}"
    found = await linked.run("async (id) => (await WPP.chat.getMessageById(id)).body", message)
    assert found == "Antiga"


async def test_memory_holds_only_the_newest_messages(linked):
    kept = await linked.run(
        """async () => {
          const { MsgCollectionImpl, Msg } = await import("/web/stores.js");
          const few = new MsgCollectionImpl(3);
          for (const id of "abcde") few.add(new Msg({ id }));
          return few.map(({ id }) => id);
        }"""
    )
    assert kept == ["c", "d", "e"]


async def test_a_thousand_chats_are_no_burden(town, web):
    numbers = [f"+5511970{number:06}" for number in range(MANY)]
    for some in (numbers[start : start + 100] for start in range(0, MANY, 100)):
        await asyncio.gather(*(town.phone(number, f"Cliente {int(number[-6:])}") for number in some))
        await asyncio.gather(*(town.write(number, SHOP) for number in some))
    await web.link()
    count = await web.run("async () => (await WPP.chat.list({onlyWithUnreadMessage: true})).length")
    assert count == MANY
    await town.write("+5511970000007", SHOP, "De novo")
    assert (await web.message())["notifyName"] == "Cliente 7"
