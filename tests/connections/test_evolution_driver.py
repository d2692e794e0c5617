"""The driver of Evolution API, against a server that takes only what the real one takes."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from fake_evolution import OURS
from rigs import CHAT, EvolutionRig, a_file, command, outbound
from strict import do_and_hang, hang, status, streams, text

from connections import mailbox, wire
from connections.drivers.base import DriverError, NotSupported
from connections.drivers.evolution import driver as driver_module
from connections.drivers.evolution import states
from connections.drivers.evolution.api import EvolutionAPI
from connections.drivers.evolution.driver import EvolutionDriver
from connections.models import Outbound, Post

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("committed")]
JID = "5511987654321@s.whatsapp.net"


@pytest.fixture
def rig(connection, settings, monkeypatch, tmp_path):
    settings.DRIVERS = ["evolution"]
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(EvolutionAPI, "answer_seconds", 1.5)
    monkeypatch.setattr(EvolutionAPI, "upload_seconds", 1.5)
    return EvolutionRig(connection)


@pytest.fixture
def watchful(monkeypatch):
    """Asks the server again and again, without waiting for posts."""
    monkeypatch.setattr(EvolutionDriver, "watch_seconds", 0.02)
    monkeypatch.setattr(EvolutionDriver, "link_seconds", 0.02)


# --- linking ----------------------------------------------------------------------------------


async def test_a_phone_is_linked_by_its_qr_code(rig):
    async with rig.running():
        _driver, heard = await rig.open()
        qr = await heard.next(wire.QrShown)
        assert (qr.code, qr.attempt) == (rig.far.instance.code, 1)
        assert rig.far.instance.name == f"tenant_{rig.connection.tenant_id.hex}_{rig.connection.id.hex}"
        await rig.far.phone_scans()

        linked = await heard.next(wire.Linked)
        assert json.loads(linked.credentials) == {"token": rig.far.instance.token}
        assert await heard.next(wire.Ready) == wire.Ready(phone="+5511900000001", profile_name="Loja Acme")


async def test_a_phone_is_linked_by_a_code_of_letters(rig):
    async with rig.running():
        _driver, heard = await rig.open(pairing_phone="+5511900000001")
        shown = await heard.next(wire.PairingCodeShown, wire.QrShown)

        assert shown == wire.PairingCodeShown(code="WZYE0001", expires_in=states.CODE_SECONDS)
        assert rig.far.instance.number == "5511900000001"


async def test_later_codes_come_by_post_and_are_counted(rig):
    async with rig.running():
        _driver, heard = await rig.open()
        await heard.next(wire.QrShown)
        for attempt in range(2, states.QR_ATTEMPTS + 1):
            await rig.far.posts("qrcode.updated", {"qrcode": rig.far._new_code(rig.far.instance)})
            assert (await heard.next(wire.QrShown)).attempt == attempt
        await rig.far.posts("qrcode.updated", {"qrcode": rig.far._new_code(rig.far.instance)})

        ended = await heard.next(wire.Ended)
        assert (ended.state, ended.reason) == ("failed", "qr_exhausted")
        assert rig.far.instances == {}, "nothing is left that shows codes to nobody"


async def test_the_servers_own_limit_ends_linking_as_well(rig):
    async with rig.running():
        _driver, heard = await rig.open()
        await rig.far.posts("qrcode.updated", {"message": "QR code limit reached", "statusCode": 500})

        assert (await heard.next(wire.Ended)).reason == "qr_exhausted"


async def test_codes_and_the_link_are_seen_where_no_post_reaches_us(rig, watchful):
    async with rig.running():
        _driver, heard = await rig.open()
        first = await heard.next(wire.QrShown)
        rig.far._new_code(rig.far.instance)
        second = await heard.next(wire.QrShown)
        assert (first.attempt, second.attempt) == (1, 2)
        await rig.far.phone_scans(posting=False)

        await heard.next(wire.Linked)
        assert (await heard.next(wire.Ready)).phone == "+5511900000001"


async def test_an_instance_left_behind_before_it_was_linked_is_made_anew(rig):
    async with rig.running():
        first, heard = await rig.open()
        await heard.next(wire.QrShown)
        await first.close()
        before = rig.far.instance.token

        _again, heard = await rig.open()
        await heard.next(wire.QrShown)
        assert rig.far.instance.token != before


async def test_a_wrong_global_key_is_said_at_once(rig):
    async with rig.running():
        rig.secrets = {"api_key": "wrong"}
        with pytest.raises(DriverError) as refused:
            await rig.open()

        assert (refused.value.code, refused.value.permanent) == ("token_rejected", True)


@pytest.mark.parametrize(
    "given", [{}, {"base_url": "ftp://x"}, {"base_url": "http://u:p@x"}, {"base_url": 7}, {"base_url": "x"}]
)
async def test_wrong_settings_are_refused_for_good(rig, given):
    rig.settings = given
    with pytest.raises(DriverError) as refused:
        await rig.open()

    assert (refused.value.code, refused.value.permanent) == ("wrong_settings", True)


async def test_a_server_that_is_not_there_is_worth_trying_again(rig):
    rig.settings = {"base_url": "http://127.0.0.1:1"}
    with pytest.raises(DriverError) as away:
        await rig.open()

    assert (away.value.code, away.value.permanent) == ("gateway_unreachable", False)
    await rig.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost:1", "http://[::ffff:127.0.0.1]:1"])
async def test_a_private_address_is_not_called_unless_the_installation_allows_it(rig, url, settings):
    settings.GATEWAY_PRIVATE_ADDRESSES = False
    rig.settings = {"base_url": url}
    with pytest.raises(DriverError) as refused:
        await rig.open()

    assert refused.value.permanent
    assert refused.value.code in ("wrong_settings", "address_not_allowed")
    await rig.close()


# --- coming back ------------------------------------------------------------------------------


async def test_another_worker_brings_the_link_back_without_a_code(rig):
    async with rig.running():
        driver, _heard, credentials = await rig.linked()
        await driver.close()
        rig.far.instance.webhook = {**rig.far.instance.webhook, "url": "http://an.old.address"}

        _back, heard = await rig.open(credentials)
        assert isinstance(await heard.next(wire.QrShown, wire.Ready), wire.Ready)
        assert "old.address" not in rig.far.instance.webhook["url"], "it posts to where we are now"


async def test_a_link_that_the_phone_ended_meanwhile_is_logged_out(rig, watchful):
    async with rig.running():
        driver, _heard, credentials = await rig.linked()
        await driver.close()
        rig.far.instance.state = "close"
        rig.far._new_code(rig.far.instance)

        _back, heard = await rig.open(credentials)
        ended = await heard.next(wire.Ended)
        assert (ended.state, ended.reason) == ("logged_out", "unlinked_on_phone")


async def test_a_code_left_over_from_linking_logs_nobody_out(rig, watchful):
    async with rig.running():
        _driver, heard, _credentials = await rig.linked()
        rig.far._new_code(rig.far.instance)
        rig.far.instance.state, rig.far.shows_stale_codes = "close", True

        ended = await heard.next(wire.Ended)
        assert (ended.state, ended.reason) == ("reconnecting", "connection_lost")


@pytest.mark.parametrize("trouble", [text(b"404 page not found", 404), status(502), hang])
async def test_a_proxy_without_its_server_logs_nobody_out(rig, trouble):
    async with rig.running():
        driver, _heard, credentials = await rig.linked()
        await driver.close()
        rig.far.next("webhook/set", trouble)
        with pytest.raises(DriverError) as away:
            await rig.open(credentials)

        assert not away.value.permanent


async def test_a_line_that_is_down_uses_up_no_attempts(rig):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        await rig.far.posts("connection.update", {"state": "close", "statusReason": 428})
        await heard.next(wire.Unwell)
        with pytest.raises(DriverError) as refused:
            await driver.send(outbound())

        assert (refused.value.code, refused.value.permanent) == ("not_connected", False)
        assert (await heard.next(wire.Ended)).state == "reconnecting"
        assert rig.far.delivered == []


async def test_an_instance_that_the_server_lost_is_logged_out(rig):
    async with rig.running():
        driver, _heard, credentials = await rig.linked()
        await driver.close()
        rig.far.instances.clear()

        _back, heard = await rig.open(credentials)
        ended = await heard.next(wire.Ended)
        assert (ended.state, ended.reason) == ("logged_out", "instance_gone")


@pytest.mark.parametrize(
    ("why", "state", "reason"),
    [(401, "logged_out", "unlinked_on_phone"), (403, "banned", "banned"), (406, "failed", "link_refused")],
)
async def test_why_whatsapp_ended_the_link_is_told_apart(rig, why, state, reason):
    async with rig.running():
        _driver, heard, _credentials = await rig.linked()
        await rig.far.posts("connection.update", {"state": "close", "statusReason": why})

        ended = await heard.next(wire.Ended)
        assert (ended.state, ended.reason) == (state, reason)


async def test_a_line_that_breaks_is_unwell_until_it_is_back(rig):
    async with rig.running():
        _driver, heard, _credentials = await rig.linked()
        await rig.far.posts("connection.update", {"state": "close", "statusReason": 428})
        assert await heard.next(wire.Unwell) == wire.Unwell(reason="not_connected")
        await rig.far.phone_scans()

        await heard.next(wire.Ready)
        assert await heard.next(wire.Unwell) == wire.Unwell(reason="")


async def test_a_server_that_falls_silent_ends_the_link_for_now(rig, watchful):
    async with rig.running():
        _driver, heard, _credentials = await rig.linked()
        rig.far.next("connectionState", hang, hang, status(500))

        ended = await heard.next(wire.Ended)
        assert ended.state == "reconnecting"


async def test_news_of_the_link_from_before_us_is_no_news(rig):
    async with rig.running():
        driver, _heard, credentials = await rig.linked()
        await driver.close()
        await rig.far.posts("connection.update", {"state": "close", "statusReason": 401})
        await rig.far.customer_writes({"conversation": "While nobody was there"})

        _back, heard = await rig.open(credentials)
        told = [await heard.next(wire.Ended, wire.Stored, wire.Ready) for _ in range(2)]
        assert not any(isinstance(one, wire.Ended) for one in told)
        assert any(isinstance(one, wire.Stored) for one in told), "and nothing a customer wrote is lost"


# --- what comes in ----------------------------------------------------------------------------


async def test_posts_are_told_in_order_and_read_when_confirmed(rig):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        for number in range(20):
            await rig.far.customer_writes({"conversation": str(number)})
        stored = [await heard.next(wire.Stored) for _ in range(20)]
        assert [one.happening.text for one in stored] == [str(number) for number in range(20)]

        await driver.confirm(stored[9].receipt)
        unread = await rig.db(lambda: list(Post.objects.filter(read_at=None)))
        assert len([post for post in unread if post.body["event"] == "messages.upsert"]) == 10


async def test_what_was_posted_and_not_confirmed_is_told_to_the_next(rig):
    async with rig.running():
        driver, heard, credentials = await rig.linked()
        await rig.far.customer_writes({"conversation": "Nearly lost"})
        await heard.next(wire.Stored)
        await driver.close()

        _back, heard = await rig.open(credentials)
        assert (await heard.happening(wire.Message)).text == "Nearly lost"


async def test_what_was_never_posted_is_caught_up_with(rig):
    async with rig.running():
        driver, _heard, credentials = await rig.linked()
        await driver.close()
        rig.far.record(JID, False, "conversation", {"conversation": "Post lost"}, source="android")

        _back, heard = await rig.open(credentials)
        missed = await heard.happening(wire.Message)
        assert (missed.text, missed.is_past) == ("Post lost", False), "somebody waits for an answer"


async def test_of_a_phone_that_was_only_just_linked_nothing_is_caught_up_with(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        await driver.log_out()
        await driver.close()
        rig.far.record(JID, False, "conversation", {"conversation": "Of an earlier link"}, source="android")
        _again, heard, _credentials = await rig.linked()
        await rig.far.customer_writes({"conversation": "New"})

        assert (await heard.happening(wire.Message)).text == "New"


async def test_what_the_server_gave_up_posting_is_asked_for_now_and_then(rig, watchful, monkeypatch):
    monkeypatch.setattr(EvolutionDriver, "catch_up_every", timedelta(0))
    monkeypatch.setattr(driver_module, "ON_ITS_WAY", timedelta(0))
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        await driver.send(outbound(text="Ours, and known"))
        rig.far.record(JID, False, "conversation", {"conversation": "Post lost"}, source="android")

        missed = await heard.happening(wire.Message)
        assert (missed.text, missed.from_me) == ("Post lost", False)


async def test_a_post_of_another_instance_is_ignored(rig):
    async with rig.running():
        _driver, heard, _credentials = await rig.linked()
        record = rig.far.record(JID, False, "conversation", {"conversation": "Not ours"})
        assert await rig.far.posts("messages.upsert", record, instance="tenant_of_somebody_else") == 200
        await rig.far.customer_writes({"conversation": "Ours"})

        assert (await heard.happening(wire.Message)).text == "Ours"


async def test_typing_is_told_and_kept_nowhere(rig):
    async with rig.running():
        _driver, heard, _credentials = await rig.linked()
        for presence in ("composing", "recording", "available"):
            await rig.far.posts(
                "presence.update", {"id": JID, "presences": {JID: {"lastKnownPresence": presence}}}
            )
        told = [(await heard.next(wire.Typing)).activity for _ in range(3)]

        assert told == ["typing", "recording", "paused"]
        assert await rig.db(mailbox.unread, rig.connection.id, [], 10) == []


async def test_an_echo_of_our_own_send_is_no_second_message(rig):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        await driver.send(outbound())
        await rig.far.posts("send.message", rig.far.delivered[-1])
        await rig.far.customer_writes({"conversation": "Next"})

        assert (await heard.happening(wire.Message)).text == "Next"


async def test_an_edit_finds_the_chat_that_the_server_does_not_name(rig):
    async with rig.running():
        _driver, heard, _credentials = await rig.linked()
        wa_id = await rig.far.customer_writes({"conversation": "Helo"})
        told = await heard.happening(wire.Message)
        await rig.db(keep_inbound, rig.connection, told)
        await rig.far.posts(
            "messages.edited",
            {
                "key": {"remoteJid": OURS, "fromMe": True, "id": wa_id},
                "type": "MESSAGE_EDIT",
                "editedMessage": {"conversation": "Hello"},
                "timestampMs": "1767225600000",
            },
        )

        edit = await heard.happening(wire.Edit)
        assert (edit.chat, edit.target_id, edit.text, edit.from_me) == (CHAT, wa_id, "Hello", False)


def keep_inbound(connection, told):
    from world import line_of

    from connections import inbound

    inbound.accept(connection, told, lease=line_of(connection).lease)


# --- what goes out ----------------------------------------------------------------------------


async def test_every_kind_of_message_goes_out_as_the_server_wants_it(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        png = a_file(b"\x89PNG", name="a ✓.png", mime="image/png")
        place = {"latitude": -23.5, "longitude": -46.6, "name": "Shop", "address": "Rua A"}
        for payload in (
            {"text": "Hello", "quoted_id": "3EB0AA"},
            {"kind": "image", "text": "Look", "media": png, "quoted_id": "3EB0AA"},
            {"kind": "voice", "text": "", "media": a_file(b"OggS", mime="audio/ogg")},
            {"kind": "audio", "text": "", "media": a_file(b"ID3", mime="audio/mpeg")},
            {"kind": "document", "text": "", "media": a_file(b"%PDF", mime="application/pdf")},
            {"kind": "sticker", "text": "", "media": a_file(b"RIFF", mime="image/webp")},
            {"kind": "location", "text": "", "place": place},
            {"kind": "contact", "text": "", "contact": {"name": "João", "phone": "+5521976543210"}},
        ):
            sent = await driver.send(outbound(**payload))
            assert sent.wa_id == rig.far.delivered[-1]["key"]["id"]

        kinds = [one["messageType"] for one in rig.far.delivered]
        assert kinds == [
            "conversation", "imageMessage", "audioMessage", "audioMessage", "documentMessage",
            "stickerMessage", "locationMessage", "contactMessage",
        ]  # fmt: skip
        assert [one["contextInfo"] for one in rig.far.delivered[:3]] == [{"stanzaId": "3EB0AA"}] * 2 + [None]
        image = rig.far.delivered[1]
        assert image["message"]["imageMessage"]["fileName"] == "a ✓.png"
        assert rig.far.files[image["key"]["id"]] == b"\x89PNG"


async def test_what_is_done_to_messages_goes_out(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        for one in (
            command("reaction", target_id="A", from_me=False, emoji="👍"),
            command("edit", target_id="A", text="Better"),
            command("deletion", target_id="A"),
            command("read", ids=["A", "B"]),
        ):
            assert await driver.send(one) == wire.Sent(wa_id="")
        await driver.type(CHAT, "typing")
        await driver.type(CHAT, "paused")

        assert [one["messageType"] for one in rig.far.delivered] == ["reaction", "edit", "deletion"]
        assert [key["id"] for key in rig.far.reads] == ["A", "B"]
        assert [one["presence"] for one in rig.far.presences] == ["composing", "paused"]


async def test_what_it_cannot_do_it_says(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        for cannot in (
            driver.send(command("forward", target_id="A", from_chat=CHAT, from_me=False)),
            driver.screenshot(),
        ):
            with pytest.raises(NotSupported):
                await cannot


@pytest.mark.parametrize(
    ("trouble", "code", "permanent", "is_unknown"),
    [
        (hang, "no_answer", False, True),
        (do_and_hang, "no_answer", False, True),
        (status(500, {"status": 500, "error": "Internal Server Error"}), "gateway_error", False, True),
        (status(502), "gateway_error", False, True),
        (status(400, {"response": {"message": ["Error: Timed Out"]}}), "gateway_error", False, True),
        (status(400, {"response": {"message": [["text is required"]]}}), "refused", True, False),
        (status(400, {"message": "bad"}), "refused", True, False),
        (status(400, "nonsense"), "refused", True, False),
        (status(413), "too_large", True, False),
        (status(429), "rate_limited", False, False),
        (text(b"<html>", 200), "gateway_error", False, True),
        (text(b"{}", 201), "gateway_error", False, True),
        (streams(b'{"key":', then_breaks=True), "no_answer", False, True),
        (streams(*[b" "] * 40, pause=0.1), "no_answer", False, True),
    ],
)
async def test_a_send_that_goes_wrong_is_told_for_what_it_is(rig, trouble, code, permanent, is_unknown):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        rig.far.next("sendText", trouble)
        with pytest.raises(DriverError) as refused:
            await driver.send(outbound())

        raised = refused.value
        assert (raised.code, raised.permanent, raised.is_unknown) == (code, permanent, is_unknown)
        assert (await driver.send(outbound(text="The next one"))).wa_id


async def test_a_number_that_is_not_on_whatsapp_is_refused_for_good(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        with pytest.raises(DriverError) as refused:
            await driver.send(outbound(chat="5511900000000@c.us"))

        assert (refused.value.code, refused.value.permanent) == ("not_on_whatsapp", True)


async def test_a_mark_that_may_be_repeated_is_never_in_doubt(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        rig.far.next("markMessageAsRead", hang)
        with pytest.raises(DriverError) as silence:
            await driver.send(command("read", ids=["A"]))

        assert (silence.value.permanent, silence.value.is_unknown) == (False, False)


async def test_a_token_that_is_refused_ends_the_link_and_harms_no_message(rig):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        rig.far.next("sendText", status(401))
        with pytest.raises(DriverError) as refused:
            await driver.send(outbound())

        assert not refused.value.permanent, "it waits for the next link"
        ended = await heard.next(wire.Ended)
        assert (ended.state, ended.reason) == ("failed", "token_rejected")


async def test_a_link_that_is_open_and_cannot_send_is_restarted_once(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        rig.far.next("sendText", *[status(500, {"response": {"message": "Connection Closed"}})] * 2)
        for _ in range(2):
            with pytest.raises(DriverError):
                await driver.send(outbound())
            driver.link.is_open = True  # as the next look finds it

        restarts = [path for _verb, path in rig.far.calls if "restart" in path]
        assert len(restarts) == 1
        assert await driver.send(outbound())


async def test_a_file_that_is_gone_is_refused_for_good(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        gone = {"path": "nowhere", "mime": "text/plain", "name": "x", "seconds": None}
        with pytest.raises(DriverError) as refused:
            await driver.send(outbound(kind="document", text="", media=gone))

        assert (refused.value.code, refused.value.permanent) == ("file_gone", True)


# --- in doubt ---------------------------------------------------------------------------------


async def test_a_send_that_did_arrive_is_found_by_what_it_said(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        one, never = outbound(id=1, text="Did it?"), outbound(id=2, text="Never")
        rig.far.next("sendText", do_and_hang)
        with pytest.raises(DriverError):
            await driver.send(one)

        assert await driver.find([one, never]) == {1: wire.Sent(wa_id=rig.far.delivered[-1]["key"]["id"])}


async def test_two_that_say_the_same_stay_unconfirmed(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        rig.far.next("sendText", do_and_hang)
        first, second = outbound(id=1, text="Yes"), outbound(id=2, text="Yes")
        with pytest.raises(DriverError):
            await driver.send(first)

        assert await driver.find([first, second]) == {}


async def test_a_candidate_that_is_another_send_of_ours_does_not_count(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        earlier = await driver.send(outbound(id=1, text="Yes"))

        def keep():
            Outbound.objects.create(
                connection=rig.connection, lane=rig.connection.id, kind="message", chat=CHAT, payload={},
                state="sent", wa_id=earlier.wa_id,
            )  # fmt: skip

        doubtful = outbound(id=2, text="Yes")
        doubtful.queued_at -= timedelta(seconds=2)
        assert list(await driver.find([doubtful])) == [2]
        await rig.db(keep)
        assert await driver.find([doubtful]) == {}


async def test_what_somebody_wrote_on_the_phone_is_not_our_send(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        rig.far.record(JID, True, "conversation", {"conversation": "Yes"}, source="android")

        assert await driver.find([outbound(text="Yes")]) == {}


# --- files, history, people -------------------------------------------------------------------


async def collected(chunks):
    return b"".join([chunk async for chunk in chunks])


async def test_a_file_is_fetched_as_it_comes(rig):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        content = bytes(range(256)) * 5000
        wa_id = await rig.far.customer_writes(
            {"imageMessage": {"mimetype": "image/png", "fileLength": str(len(content)), "caption": "Look"}},
            "imageMessage",
        )
        rig.far.files[wa_id] = content
        told = await heard.happening(wire.Message)

        assert (told.message_kind, told.text, told.media.size) == ("image", "Look", len(content))
        assert await collected(driver.fetch(told.media.id)) == content


async def test_a_file_of_no_bytes_is_a_file(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        rig.far.files["empty"] = b""

        assert await collected(driver.fetch("empty")) == b""


@pytest.mark.parametrize(
    ("trouble", "code", "permanent"),
    [
        (streams(b'{"base64": "aGVsbG8', then_breaks=True), "gateway_unreachable", False),
        (streams(b'{"base64": "aGVsbG8'), "media_broken_off", False),
        (streams(b'{"mimetype": "x"}'), "media_gone", True),
        (streams(b'{"base64": "!!!!!!!!"}'), "media_broken", True),
        (status(400, {"response": {"message": ["Message not found"]}}), "refused", True),
        (hang, "gateway_unreachable", False),
        (status(500), "gateway_error", False),
    ],
)
async def test_a_file_that_breaks_off_is_told_for_what_it_is(rig, trouble, code, permanent):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        rig.far.next("getBase64", trouble)
        with pytest.raises(DriverError) as broken:
            await collected(driver.fetch("x"))

        assert (broken.value.code, broken.value.permanent) == (code, permanent)


async def test_a_file_in_tiny_pieces_is_whole(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        body = b'{"mediaType": "x", "base64": "aGVsbG8gd29ybGQ=", "buffer": null}'
        rig.far.next("getBase64", streams(*[bytes([one]) for one in body]))

        assert await collected(driver.fetch("x")) == b"hello world"


async def test_history_is_told_oldest_first_over_many_pages(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        now = datetime.now(UTC)
        for number in range(250):
            at = int(now.timestamp()) - 1000 + number
            rig.far.record(JID, bool(number % 2), "conversation", {"conversation": str(number)}, at=at)
        rig.far.record(JID, False, "conversation", {"conversation": "long ago"}, at=1_600_000_000)
        told = [message async for message in driver.history(now - timedelta(hours=1))]

        assert [message.text for message in told] == [str(number) for number in range(250)]
        assert all(message.is_past for message in told)


async def test_numbers_are_looked_up(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()

        assert await driver.look_up("+5511987654321") == wire.Found(chat=CHAT, lid="7001@lid")
        assert await driver.look_up("+5511900000000") is None


async def test_a_picture_is_fetched_from_where_pictures_lie(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        assert await driver.picture(CHAT) is None
        rig.far.picture_address = f"{rig.far.url}/pictures/maria.jpg"
        assert await driver.picture(CHAT) == b"\xff\xd8\xff"
        for elsewhere in (
            "http://169.254.169.254/latest",
            "https://evil.example/x.jpg",
            "file:///etc/passwd",
        ):
            rig.far.picture_address = elsewhere
            assert await driver.picture(CHAT) is None


async def test_a_probe_tells_a_living_link_from_a_dead_one(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        await driver.probe()
        rig.far.instance.state = "close"
        with pytest.raises(DriverError) as dead:
            await driver.probe()

        assert (dead.value.code, dead.value.permanent) == ("not_connected", False)


async def test_logging_out_leaves_nothing_on_the_server(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        await driver.log_out()

        assert rig.far.instances == {}


async def test_closing_leaves_the_link_as_it_is(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        await driver.close()

        assert rig.far.instance.state == "open"
        assert driver.tasks == []


async def test_a_gateway_that_hangs_holds_up_nobody_else(rig):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        rig.far.next("sendText", hang)
        hanging = asyncio.create_task(driver.send(outbound()))
        await rig.far.customer_writes({"conversation": "Meanwhile"})

        assert (await heard.happening(wire.Message)).text == "Meanwhile"
        with pytest.raises(DriverError):
            await hanging
