"""The pretend WhatsApp Web with the real wa-js: what customers write arrives, what we write arrives there."""

import io
import wave

import pytest
from PIL import Image
from pretend_phones import JOAO, MARIA, SHOP, chat

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHAT = chat(MARIA)


def picture():
    file = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(file, "PNG")
    return file.getvalue()


def sound():
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(8000)
        wav.writeframes(bytes(16000))
    return file.getvalue()


FILES = {
    "image": ("foto.png", "image/png", picture()),
    "video": ("clipe.mp4", "video/mp4", b"\x00\x00\x00\x18ftypmp42"),
    "audio": ("musica.wav", "audio/wav", sound()),
    "voice": ("voz.ogg", "audio/ogg; codecs=opus", b"OggS voice"),
    "document": ("conta.pdf", "application/pdf", b"%PDF-1.4"),
    "sticker": ("figura.webp", "image/webp", b"RIFF webp"),
}


async def upload(net, number, kind):
    name, mime, content = FILES[kind]
    answer = await net.http.post(
        f"/api/phones/{number}/media", content=content, headers={"Content-Type": mime, "X-File-Name": name}
    )
    return answer.json()["id"]


async def newest(net, number=MARIA, other=SHOP):
    return (await net.messages(number, other))[-1]


async def send(web, call, argument=None):
    """Run one of the sends of wa-js with the options of the driver; the result, which waited for the tick."""
    result = await web.run(
        f"(given) => {{ const options = {{linkPreview: false, markIsRead: false}}; return {call}; }}",
        argument,
    )
    assert result["sendMsgResult"]["messageSendResult"] == "OK"
    return result


# --- in ---------------------------------------------------------------------------------------


async def test_a_text_arrives_with_its_author(linked):
    sent = await linked.net.write(MARIA, SHOP, "Vocês abrem hoje?")
    message = await linked.message()
    assert message["id"] == f"false_{CHAT}_{sent['id']}"
    assert (message["type"], message["body"], message["from"]) == ("chat", "Vocês abrem hoje?", CHAT)
    assert (message["notifyName"], message["t"]) == ("Maria", sent["timestamp"])
    await linked.until("() => WPP.chat.get('5511987654321@c.us').unreadCount === 1")


@pytest.mark.parametrize("kind", FILES)
async def test_a_file_arrives_and_its_bytes_can_be_read(linked, kind):
    media_id = await upload(linked.net, MARIA, kind)
    caption = "Veja" if kind in ("image", "video", "document") else ""
    await linked.net.write(MARIA, SHOP, caption, kind=kind, media_id=media_id, seconds=3)
    message = await linked.message()
    assert message["type"] == {"voice": "ptt"}.get(kind, kind)
    assert (message["caption"] or "") == caption
    assert message["mimetype"] == FILES[kind][1]
    size = await linked.run("async (id) => (await WPP.chat.downloadMedia(id)).size", message["id"])
    assert size == len(FILES[kind][2])


async def test_a_place_a_contact_and_an_unknown_kind_arrive(linked):
    place = {"latitude": -23.5, "longitude": -46.6, "name": "Loja", "address": "Rua A"}
    await linked.net.write(MARIA, SHOP, "", kind="location", location=place)
    message = await linked.message()
    assert (message["type"], message["lat"], message["lng"], message["loc"]) == (
        "location",
        -23.5,
        -46.6,
        "Loja\nRua A",
    )
    await linked.net.write(MARIA, SHOP, "Ana\n+55 11 97777-6666", kind="contact")
    message = await linked.message()
    assert message["type"] == "vcard"
    assert "waid=5511977776666" in message["body"]
    await linked.net.write(MARIA, SHOP, "?", kind="unsupported")
    assert (await linked.message())["type"] == "unknown"


async def test_a_reply_names_what_it_answers(linked):
    first = await linked.net.write(SHOP, MARIA, "Quer entrega?")
    await linked.message()
    await linked.net.write(MARIA, SHOP, "Sim", quoted_id=first["id"])
    message = await linked.message()
    assert message["quotedStanzaID"] == first["id"]


async def test_what_is_written_on_the_phone_itself_is_told_as_ours(linked):
    sent = await linked.net.write(SHOP, MARIA, "Escrevi no celular")
    message = await linked.message()
    assert message["id"] == f"true_{CHAT}_{sent['id']}"
    assert message["to"] == CHAT


async def test_a_reaction_an_edit_and_a_deletion_of_the_customer_are_told(linked):
    net = linked.net
    ours = await net.write(SHOP, MARIA, "Pronto")
    theirs = await net.write(MARIA, SHOP, "Obrigado")
    await linked.message(lambda value: value["body"] == "Obrigado")
    await net.post(f"/api/phones/{MARIA}/reactions", {"to": SHOP, "target_id": ours["id"], "emoji": "👍"})
    reaction = await linked.event("chat.new_reaction")
    assert (reaction["msgId"], reaction["reactionText"]) == (f"true_{CHAT}_{ours['id']}", "👍")
    assert reaction["sender"] == CHAT
    await net.post(f"/api/phones/{MARIA}/reactions", {"to": SHOP, "target_id": ours["id"], "emoji": ""})
    assert (await linked.event("chat.new_reaction"))["reactionText"] == ""
    await net.patch(f"/api/phones/{MARIA}/messages/{theirs['id']}", {"to": SHOP, "text": "Obrigada"})
    edit = await linked.event("chat.msg_edited")
    assert (edit["id"], edit["msg"]["body"]) == (f"false_{CHAT}_{theirs['id']}", "Obrigada")
    await net.http.delete(f"/api/phones/{MARIA}/messages/{theirs['id']}")
    revoke = await linked.event("chat.msg_revoke")
    assert (revoke["refId"], revoke["type"]) == (f"false_{CHAT}_{theirs['id']}", "revoke")


async def test_typing_of_the_customer_is_told(linked):
    await linked.net.write(MARIA, SHOP)
    await linked.message()
    for activity, state in (("typing", "composing"), ("recording", "recording"), ("idle", "available")):
        await linked.net.post(f"/api/phones/{MARIA}/typing", {"to": SHOP, "activity": activity})
        presence = await linked.event(
            "chat.presence_change", lambda value, state=state: value["state"] == state
        )
        assert presence["id"] == CHAT


# --- out --------------------------------------------------------------------------------------


async def test_a_text_goes_out_under_our_own_id_and_its_ticks_come_back(linked):
    net = linked.net
    await net.switch(MARIA, online=False)
    result = await send(
        linked,
        "WPP.chat.sendTextMessage(given, 'Olá', {...options, messageId: `true_${given}_3EB0AA11`})",
        CHAT,
    )
    assert result["id"] == f"true_{CHAT}_3EB0AA11"
    assert (await linked.event("chat.msg_ack_change"))["ack"] == 1
    await net.switch(MARIA, online=True)
    assert (await newest(net))["id"] == "3EB0AA11"
    receipt = await linked.event("chat.msg_ack_change")
    assert (receipt["ack"], receipt["ids"]) == (2, [f"true_{CHAT}_3EB0AA11"])
    await net.post(f"/api/phones/{MARIA}/read", {"to": SHOP})
    assert (await linked.event("chat.msg_ack_change"))["ack"] == 3


async def test_the_same_id_sent_again_is_delivered_once(linked):
    call = "WPP.chat.sendTextMessage(given, 'Uma vez', {...options, messageId: `true_${given}_3EB0BB`})"
    await send(linked, call, CHAT)
    await linked.open()
    await linked.until_linked()
    await send(linked, call, CHAT)
    assert [row["id"] for row in await linked.net.messages(MARIA, SHOP)] == ["3EB0BB"]


@pytest.mark.parametrize("kind", FILES)
async def test_a_file_goes_out_with_its_bytes_and_caption(linked, kind, tmp_path):
    name, mime, content = FILES[kind]
    path = tmp_path / name
    path.write_bytes(content)
    await linked.run(
        "() => document.body.append(Object.assign(document.createElement('input'), {type: 'file', id: 'f'}))"
    )
    await linked.page.locator("#f").set_input_files(path)
    options = {
        "type": "audio" if kind == "voice" else kind,
        "isPtt": kind == "voice",
        "waveform": False,
        "filename": name,
        "mimetype": mime,
        "caption": "Veja" if kind == "image" else "",
    }
    result = await send(
        linked,
        "WPP.chat.sendFileMessage(given.chat, document.getElementById('f').files[0], "
        "{...options, ...given.options})",
        {"chat": CHAT, "options": options},
    )
    message = await newest(linked.net)
    assert result["id"] == f"true_{CHAT}_{message['id']}"
    assert message["kind"] == kind
    assert message["text"] == options["caption"]
    assert (message["media"]["size"], message["media"]["name"]) == (len(content), name)
    size = await linked.run("async (id) => (await WPP.chat.downloadMedia(id)).size", result["id"])
    assert size == len(content)


async def test_a_place_and_a_contact_go_out(linked):
    await send(
        linked,
        "WPP.chat.sendLocationMessage(given, "
        "{...options, lat: -22.9, lng: -43.2, name: 'Loja', address: 'Rua A'})",
        CHAT,
    )
    place = (await newest(linked.net))["location"]
    assert (place["latitude"], place["name"], place["address"]) == (-22.9, "Loja", "Rua A")
    await send(
        linked,
        "WPP.chat.sendVCardContactMessage(given, {id: '5511977776666@c.us', name: 'Ana'}, options)",
        CHAT,
    )
    message = await newest(linked.net)
    assert message["kind"] == "contact"
    assert "FN:Ana" in message["text"]
    assert "waid=5511977776666" in message["text"]


async def test_we_answer_react_edit_delete_and_forward(linked):
    net = linked.net
    theirs = await net.write(MARIA, SHOP, "Qual o preço?")
    question = (await linked.message())["id"]
    result = await send(
        linked,
        "WPP.chat.sendTextMessage(given.chat, 'Dez', {...options, quotedMsg: given.id})",
        {"chat": CHAT, "id": question},
    )
    assert (await newest(net))["quoted_id"] == theirs["id"]
    await linked.run("(id) => WPP.chat.sendReactionToMessage(id, '❤️')", question)
    assert (await net.messages(MARIA, SHOP))[0]["reactions"] == [{"emoji": "❤️", "from_me": False}]
    await linked.run("(id) => WPP.chat.editMessage(id, 'Onze', {linkPreview: false})", result["id"])
    edited = await newest(net)
    assert (edited["text"], edited["edited"]) == ("Onze", True)
    failed = await linked.run(
        "async ([to, id]) => (await WPP.chat.forwardMessages(to, [id])).length", [chat(JOAO), question]
    )
    assert failed == 0
    assert (await newest(net, JOAO))["text"] == "Qual o preço?"
    await linked.run("([chat, id]) => WPP.chat.deleteMessage(chat, id, true, true)", [CHAT, result["id"]])
    assert (await newest(net))["revoked"] is True


async def test_typing_and_reading_are_told_to_the_customer(linked):
    net = linked.net
    customer = await net.link(MARIA)
    sent = await net.write(MARIA, SHOP, "Alô")
    await linked.message()
    for call, activity in (
        ("markIsComposing", "typing"),
        ("markIsRecording", "recording"),
        ("markIsPaused", "idle"),
    ):
        await linked.run(f"(chat) => WPP.chat.{call}(chat)", CHAT)
        assert (await customer.next("typing"))["activity"] == activity
    assert (await linked.run("(chat) => WPP.chat.markIsRead(chat)", CHAT))["unreadCount"] == 1
    assert (await customer.ack_level(3))["ids"] == [sent["id"]]
    assert await linked.run("(chat) => WPP.chat.get(chat).unreadCount", CHAT) == 0
