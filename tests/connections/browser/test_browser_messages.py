"""Messages of every kind in both directions, on one link: the real wa-js, the pretend network behind it."""

import hashlib
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from browser_stage import CHAT, JOAO, MARIA, SHOP, outbound
from django.conf import settings
from PIL import Image

from connections import wire
from connections.drivers.base import DriverError
from connections.drivers.browser.sending import message_id

pytestmark = pytest.mark.asyncio(loop_scope="module")


def stored(tmp_path, name, content):
    """A file below the media root: its path, as commands name it."""
    path = f"tests/{uuid.uuid4()}/{name}"
    full = settings.MEDIA_ROOT / path
    full.parent.mkdir(parents=True)
    full.write_bytes(content)
    return path


def picture(tmp_path):
    Image.new("RGB", (8, 6), "green").save(tmp_path / "a.png")
    return (tmp_path / "a.png").read_bytes()


async def sent(linked, **payload):
    """Send, and what the customer got."""
    command = outbound("message", **{"kind": "text", "text": "", **payload})
    answer = await linked.driver.send(command)
    assert answer.wa_id == message_id(command)
    return answer.wa_id


async def arrived(town, wa_id, number=MARIA):
    (message,) = [one for one in await town.net.messages(number, SHOP) if one["id"] == wa_id]
    return message


async def incoming(town, linked, **fields):
    message = await town.net.write(MARIA, SHOP, **fields)
    return await linked.hears(wire.Message, lambda one: one.id == message["id"])


# --- in -----------------------------------------------------------------------------------------


async def test_a_text_comes_in(town, linked):
    told = await incoming(town, linked, text="Bom dia")

    assert (told.chat, told.text, told.message_kind) == (CHAT, "Bom dia", "text")
    assert (told.from_me, told.sender_name, told.is_past) == (False, "Maria", False)
    assert abs(told.sent_at - datetime.now(UTC)) < timedelta(seconds=30)


async def test_a_place_and_a_contact_card_come_in(town, linked):
    place = {"latitude": -22.95, "longitude": -43.2, "name": "Cristo", "address": "Rio"}
    told = await incoming(town, linked, kind="location", text="", location=place)
    assert told.place == wire.Place(**place)

    told = await incoming(town, linked, kind="contact", text="Padaria +55 11 97777-6666")
    assert (told.message_kind, "+5511977776666" in told.text) == ("contact", True)


async def test_a_voice_note_comes_in_and_its_bytes_are_fetched(town, linked):
    headers = {"Content-Type": "audio/ogg; codecs=opus", "X-File-Name": "voz.ogg"}
    media = await town.net.http.post(f"/api/phones/{MARIA}/media", content=b"OggS" * 5000, headers=headers)
    told = await incoming(town, linked, kind="voice", text="", media_id=media.json()["id"], seconds=2.5)
    assert (told.message_kind, told.media.seconds, told.media.size) == ("voice", 2.5, 20_000)

    fetched = b"".join([chunk async for chunk in linked.driver.fetch(told.media.id)])

    assert fetched == b"OggS" * 5000


async def test_a_file_that_is_not_there_is_refused_for_good(linked):
    with pytest.raises(DriverError) as refused:
        _ = [chunk async for chunk in linked.driver.fetch(f"false_{CHAT}_NOWHERE")]
    assert (refused.value.code, refused.value.permanent) == ("no_such_message", True)


async def test_an_answer_names_what_it_answers(town, linked):
    question = await sent(linked, text="Qual o número?")
    told = await incoming(town, linked, text="42", quoted_id=question)
    assert told.quoted_id == question


async def test_reactions_edits_and_deletions_of_the_customer_come_in(town, linked):
    told = await incoming(town, linked, text="Errado")
    phone = f"/api/phones/{MARIA}"

    await town.net.http.patch(f"{phone}/messages/{told.id}", json={"to": SHOP, "text": "Certo"})
    edit = await linked.hears(wire.Edit, lambda one: one.target_id == told.id)
    assert (edit.target_id, edit.text, edit.chat, edit.from_me) == (told.id, "Certo", CHAT, False)

    await town.net.post(f"{phone}/reactions", {"to": SHOP, "target_id": told.id, "emoji": "👍"})
    reaction = await linked.hears(wire.Reaction, lambda one: one.target_id == told.id)
    assert (reaction.target_id, reaction.emoji, reaction.from_me) == (told.id, "👍", False)

    await town.net.http.request("DELETE", f"{phone}/messages/{told.id}", params={"to": SHOP})
    deletion = await linked.hears(wire.Deletion, lambda one: one.target_id == told.id)
    assert (deletion.target_id, deletion.chat, deletion.from_me) == (told.id, CHAT, False)


async def test_typing_is_told_as_it_happens(town, linked):
    await incoming(town, linked, text="Já volto")
    await town.net.post(f"/api/phones/{MARIA}/typing", {"to": SHOP, "activity": "typing"})
    assert await linked.hears(wire.Typing, lambda one: one.activity == "typing") == wire.Typing(
        chat=CHAT, activity="typing"
    )


async def test_what_is_written_on_the_phone_itself_is_told_as_ours(town, linked):
    message = await town.net.write(SHOP, MARIA, "Do telefone")
    told = await linked.hears(wire.Message, lambda one: one.id == message["id"])
    assert (told.from_me, told.chat) == (True, CHAT)


# --- out ----------------------------------------------------------------------------------------


async def test_a_text_goes_out_under_an_id_known_before(town, linked):
    wa_id = await sent(linked, text="Olá, Maria! https://example.org/")

    message = await arrived(town, wa_id)
    assert message["text"] == "Olá, Maria! https://example.org/"
    await linked.hears(wire.Ticks, lambda one: one.ids == (wa_id,) and one.level == "delivered")
    assert wa_id not in {one.id for one in linked.heard(wire.Message)}, "told as written on the phone"


async def test_its_ticks_rise_to_read(town, linked):
    wa_id = await sent(linked, text="Leu?")
    await town.net.post(f"/api/phones/{MARIA}/read", {"to": SHOP})
    ticks = await linked.hears(wire.Ticks, lambda one: wa_id in one.ids and one.level == "read")
    assert ticks.chat == CHAT


async def test_sending_does_not_mark_the_chat_as_read(town, linked):
    told = await incoming(town, linked, text="Sem resposta")
    await sent(linked, text="Um momento")
    assert (await arrived(town, told.id))["level"] < 3

    await linked.driver.send(outbound("read", ids=[told.id]))
    assert (await arrived(town, told.id))["level"] == 3


@pytest.mark.parametrize(
    ("kind", "mime", "name", "expected"),
    [
        ("image", "image/png", "a.png", "image"),
        ("document", "application/pdf", "conta.pdf", "document"),
        ("audio", "audio/mpeg", "a.mp3", "audio"),
        ("voice", "audio/ogg; codecs=opus", "voz.ogg", "voice"),
        ("video", "video/mp4", "a.mp4", "video"),
        ("sticker", "image/webp", "a.webp", "sticker"),
    ],
)
async def test_a_file_goes_out_as_what_it_is(town, linked, tmp_path, kind, mime, name, expected):
    content = picture(tmp_path) if kind == "image" else b"content of " + name.encode() * 100
    media = {"path": stored(tmp_path, name, content), "mime": mime, "name": name, "seconds": None}

    wa_id = await sent(linked, kind=kind, text="Veja" if kind == "image" else "", media=media)

    message = await arrived(town, wa_id)
    assert (message["kind"], message["media"]["name"]) == (expected, name)
    assert message["text"] == ("Veja" if kind == "image" else "")
    got = await town.net.http.get(
        f"/media/{message['media']['id']}", headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert hashlib.sha256(got.content).digest() == hashlib.sha256(content).digest()


async def test_a_file_that_is_gone_is_refused_for_good(linked):
    media = {"path": "tests/nowhere", "mime": "image/png", "name": "a.png", "seconds": None}
    with pytest.raises(DriverError) as refused:
        await sent(linked, kind="image", media=media)
    assert (refused.value.code, refused.value.permanent) == ("file_gone", True)


async def test_a_place_and_a_contact_card_go_out(town, linked):
    place = {"latitude": -22.95, "longitude": -43.2, "name": "Loja", "address": "Rua 1"}
    message = await arrived(town, await sent(linked, kind="location", place=place))
    assert message["location"] == place

    contact = {"name": "João", "phone": JOAO}
    message = await arrived(town, await sent(linked, kind="contact", contact=contact))
    assert message["kind"] == "contact"
    assert "João" in message["text"]
    assert "5521976543210" in message["text"]


async def test_an_answer_of_ours_quotes_the_question(town, linked):
    told = await incoming(town, linked, text="Abrem quando?")
    message = await arrived(town, await sent(linked, text="Às 9h", quoted_id=told.id))
    assert message["quoted_id"] == told.id


async def test_a_quoted_message_that_nobody_has_does_not_keep_the_answer_back(town, linked):
    assert await arrived(town, await sent(linked, text="Mesmo assim", quoted_id="3EB0NOBODYHASTHIS"))


async def test_reactions_edits_and_deletions_of_ours_go_out(town, linked):
    told = await incoming(town, linked, text="Obrigada")
    react = {"target_id": told.id, "from_me": False}
    await linked.driver.send(outbound("reaction", **react, emoji="❤️"))
    assert (await arrived(town, told.id))["reactions"] == [{"emoji": "❤️", "from_me": False}]
    await linked.driver.send(outbound("reaction", **react, emoji=""))
    assert (await arrived(town, told.id))["reactions"] == []

    wa_id = await sent(linked, text="Prço: 10")
    await linked.driver.send(outbound("edit", target_id=wa_id, text="Preço: 10"))
    assert (await arrived(town, wa_id))["text"] == "Preço: 10"
    await linked.driver.send(outbound("deletion", target_id=wa_id))
    assert (await arrived(town, wa_id))["revoked"]


async def test_a_message_is_forwarded_and_not_told_as_written_on_the_phone(town, linked):
    told = await incoming(town, linked, text="Encaminhe isto")
    command = outbound("forward", "5521976543210@c.us", target_id=told.id, from_chat=CHAT, from_me=False)

    answer = await linked.driver.send(command)

    assert (await arrived(town, answer.wa_id, JOAO))["text"] == "Encaminhe isto"
    await incoming(town, linked, text="Depois")
    assert answer.wa_id not in {one.id for one in linked.heard(wire.Message)}


async def test_what_nobody_has_cannot_be_edited(linked):
    with pytest.raises(DriverError) as refused:
        await linked.driver.send(outbound("edit", target_id="3EB0NOTHING", text="?"))
    assert (refused.value.code, refused.value.permanent) == ("no_such_message", True)


async def test_nobody_can_be_written_to_who_is_not_on_whatsapp(linked):
    command = outbound("message", "5511000000000@c.us", kind="text", text="Alô")
    with pytest.raises(DriverError) as refused:
        await linked.driver.send(command)
    assert (refused.value.code, refused.value.permanent) == ("no_such_chat", True)


async def test_typing_of_ours_is_shown(linked):
    for activity in ("typing", "recording", "paused"):
        await linked.driver.type(CHAT, activity)


# --- the same message twice ---------------------------------------------------------------------


async def test_a_repeat_after_a_lost_answer_delivers_once(town, linked):
    command = outbound("message", kind="text", text="Uma vez só")
    first = await linked.driver.send(command)
    command.attempts = 2
    assert await linked.driver.send(command) == first
    texts = [one["text"] for one in await town.net.messages(MARIA, SHOP)]
    assert texts.count("Uma vez só") == 1


async def test_what_was_carried_out_is_found_and_what_was_not_is_not(town, linked):
    done = outbound("message", kind="text", text="Feito")
    await linked.driver.send(done)
    missing = outbound("message", kind="text", text="Nunca")
    missing.id = 2

    assert await linked.driver.find([done, missing]) == {1: wire.Sent(wa_id=message_id(done))}


# --- looking up ---------------------------------------------------------------------------------


async def test_a_number_is_looked_up_once(linked):
    found = await linked.driver.look_up(JOAO)
    assert found.chat == "5521976543210@c.us"
    assert await linked.driver.look_up(JOAO) is found
    assert await linked.driver.look_up("+5511000000000") is None


async def test_history_is_of_both_sides_oldest_first(town, linked):
    await incoming(town, linked, text="Uma pergunta")
    wa_id = await sent(linked, text="Uma resposta")

    told = [one async for one in linked.driver.history(datetime.now(UTC) - timedelta(minutes=5))]

    ours = [one for one in told if one.chat == CHAT]
    assert [one.sent_at for one in ours] == sorted(one.sent_at for one in ours)
    assert all(one.is_past for one in ours)
    assert {"Uma pergunta", "Uma resposta"} <= {one.text for one in ours}
    assert wa_id in {one.id for one in ours}


async def test_it_answers_a_probe_shows_itself_and_says_what_it_costs(linked):
    await linked.driver.probe()
    assert (await linked.driver.screenshot()).startswith(b"\x89PNG")
    assert 30_000_000 < await linked.driver.memory_bytes() < 400_000_000


async def test_a_chat_without_a_picture_has_none(linked):
    assert await linked.driver.picture(CHAT) is None
