"""The driver of the Cloud API, against a server that takes only what Meta's takes."""

import asyncio
from datetime import timedelta

import pytest
from fake_cloud import ACCOUNT, NUMBER, refuse
from rigs import CHAT, CloudRig, a_file, command, outbound
from strict import do_and_hang, hang, status, streams, text

from connections import mailbox, wire
from connections.drivers.base import DriverError, NotSupported
from connections.drivers.cloud.api import GraphAPI
from connections.drivers.cloud.driver import CloudDriver
from connections.drivers.cloud.names import address_of, chat_of, id_of, wamid_of
from connections.models import Post

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("committed")]


@pytest.fixture
def rig(connection, settings, monkeypatch, tmp_path):
    settings.DRIVERS = ["cloud"]
    settings.MEDIA_ROOT = tmp_path
    settings.CLOUD_API_URL = "http://127.0.0.1:1"
    settings.CLOUD_API_VERSION = "v23.0"
    monkeypatch.setattr(GraphAPI, "answer_seconds", 1.5)
    monkeypatch.setattr(GraphAPI, "upload_seconds", 1.5)
    monkeypatch.setattr(CloudDriver, "find_seconds", 3.0)
    return CloudRig(connection)


def refusal(code, http=400):
    async def say(request, answer):
        return refuse(http, code, "No")

    return say


# --- the link ---------------------------------------------------------------------------------


async def test_a_number_is_ready_without_a_code(rig):
    async with rig.running():
        _driver, heard = await rig.open()
        assert (await heard.next(wire.Linked)).credentials == b""
        assert await heard.next(wire.Ready) == wire.Ready(phone="+5511900000001", profile_name="Loja Acme")
        await heard.nothing()

        assert rig.far.subscribed
        assert rig.far.callback.endswith(f"/gateways/cloud/{rig.connection.id}/")


async def test_meta_that_will_not_post_to_us_leaves_the_number_unwell(rig, monkeypatch):
    monkeypatch.setattr(CloudDriver, "watch_seconds", 0.05)
    async with rig.running():
        rig.far.next("subscribed_apps", refusal(200, 403))
        _driver, heard = await rig.open()
        await heard.next(wire.Ready)

        assert await heard.next(wire.Unwell) == wire.Unwell(reason="webhook_not_set")
        assert await heard.next(wire.Unwell) == wire.Unwell(reason=""), "it is asked again"


@pytest.mark.parametrize(
    ("trouble", "code", "permanent"),
    [
        (refusal(190, 401), "token_rejected", True),
        (refusal(100), "refused", True),
        (refusal(80007), "rate_limited", False),
        (hang, "no_answer", False),
        (status(502), "gateway_error", False),
        (text(b"<html>"), "gateway_error", False),
        (text(b"[]"), "gateway_error", False),
    ],
)
async def test_a_start_that_goes_wrong_is_told_for_what_it_is(rig, trouble, code, permanent):
    async with rig.running():
        rig.far.next(NUMBER, trouble)
        with pytest.raises(DriverError) as refused:
            await rig.open()

        assert (refused.value.code, refused.value.permanent) == (code, permanent)


@pytest.mark.parametrize("field", ["phone_number_id", "access_token", "app_secret", "verify_token"])
async def test_missing_settings_are_named(rig, field):
    rig.settings = {key: value for key, value in rig.settings.items() if key != field}
    rig.secrets = {key: value for key, value in rig.secrets.items() if key != field}
    with pytest.raises(DriverError) as refused:
        await rig.open()

    assert (refused.value.code, str(refused.value)) == ("wrong_settings", field)


async def test_meta_that_is_not_there_is_worth_trying_again(rig):
    with pytest.raises(DriverError) as away:
        await rig.open()

    assert (away.value.code, away.value.permanent) == ("gateway_unreachable", False)
    await rig.close()


async def test_a_token_that_expires_ends_the_link_and_harms_no_message(rig):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        rig.far.next("messages", refusal(190, 401))
        with pytest.raises(DriverError) as refused:
            await driver.send(outbound())

        assert not refused.value.permanent
        ended = await heard.next(wire.Ended)
        assert (ended.state, ended.reason) == ("failed", "token_rejected")


async def test_a_token_that_expires_while_nobody_writes_is_noticed(rig, monkeypatch):
    monkeypatch.setattr(CloudDriver, "watch_seconds", 0.02)
    async with rig.running():
        _driver, heard, _credentials = await rig.linked()
        rig.far.next(NUMBER, refusal(190, 401))

        assert (await heard.next(wire.Ended)).reason == "token_rejected"


async def test_a_number_out_of_reach_for_long_begins_afresh(rig, monkeypatch):
    monkeypatch.setattr(CloudDriver, "watch_seconds", 0.02)
    async with rig.running():
        _driver, heard, _credentials = await rig.linked()
        rig.far.next(NUMBER, *[status(503)] * 3)

        ended = await heard.next(wire.Ended)
        assert (ended.state, ended.reason) == ("reconnecting", "gateway_error")


async def test_a_probe_asks_meta_now_and_then_only(rig, monkeypatch):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        asked = len(rig.far.calls)
        for _ in range(5):
            await driver.probe()
        assert len(rig.far.calls) == asked
        monkeypatch.setattr(CloudDriver, "watch_seconds", -1.0)
        await driver.probe()
        assert len(rig.far.calls) == asked + 1
        rig.far.next(NUMBER, status(503))
        with pytest.raises(DriverError):
            await driver.probe()


async def test_logging_out_ends_the_posts_and_nothing_else(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        await driver.log_out()

        assert rig.far.callback == ""


# --- what comes in ----------------------------------------------------------------------------


async def test_messages_are_told_in_order_and_read_when_confirmed(rig):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        for number in range(10):
            await rig.far.customer_writes({"type": "text", "text": {"body": str(number)}})
        stored = [await heard.next(wire.Stored) for _ in range(10)]
        assert [one.happening.text for one in stored] == [str(number) for number in range(10)]
        assert stored[0].happening.sender_name == "Maria"

        await driver.confirm(stored[-1].receipt)
        assert await rig.db(mailbox.unread, rig.connection.id, [], 10) == []


async def test_several_messages_of_one_post_are_confirmed_together(rig):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        both = [
            {
                "from": "5511987654321",
                "id": f"wamid.{n}",
                "timestamp": "1",
                "type": "text",
                "text": {"body": n},
            }
            for n in ("a", "b")
        ]
        await rig.far.posts({"messages": both})
        first, second = [await heard.next(wire.Stored) for _ in range(2)]
        await driver.confirm(first.receipt)
        assert len(await rig.db(mailbox.unread, rig.connection.id, [], 10)) == 1
        await driver.confirm(second.receipt)
        assert await rig.db(mailbox.unread, rig.connection.id, [], 10) == []


async def test_a_post_of_another_number_is_ignored(rig):
    async with rig.running():
        _driver, heard, _credentials = await rig.linked()
        assert await rig.far.customer_writes({"type": "text", "text": {"body": "Not ours"}}, number="999")
        await rig.far.customer_writes({"type": "text", "text": {"body": "Ours"}})

        assert (await heard.happening(wire.Message)).text == "Ours"


async def test_what_was_posted_while_nobody_was_there_is_told(rig):
    async with rig.running():
        driver, _heard, credentials = await rig.linked()
        await driver.close()
        await rig.far.customer_writes({"type": "text", "text": {"body": "Anybody?"}})

        _back, heard = await rig.open(credentials)
        assert (await heard.happening(wire.Message)).text == "Anybody?"


async def test_statuses_are_ticks_and_failures_say_why(rig):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        sent = await driver.send(outbound())
        (told,) = rig.far.delivered
        for level in ("sent", "delivered", "read"):
            await rig.far.reports(told, level)
            ticks = await heard.happening(wire.Ticks)
            assert (ticks.ids, ticks.level, ticks.chat) == ((sent.wa_id,), level, CHAT)
        error = {"code": 131047, "title": "Re-engagement message", "error_data": {"details": "24 hours"}}
        await rig.far.reports(told, "failed", errors=[error])

        failed = await heard.happening(wire.Ticks)
        assert (failed.level, failed.error_code, failed.error) == (
            "failed",
            "window_closed",
            "131047 24 hours",
        )


# --- what goes out ----------------------------------------------------------------------------


async def test_every_kind_of_message_goes_out_as_meta_wants_it(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        png = a_file(b"\x89PNG", name="a ✓.png", mime="image/png")
        place = {"latitude": -23.5, "longitude": -46.6, "name": "Shop", "address": ""}
        template = {"name": "hello", "language": "pt_BR", "components": [{"type": "body", "parameters": []}]}
        for payload in (
            {"text": "Hello", "quoted_id": "AAA"},
            {"kind": "image", "text": "Look", "media": png},
            {"kind": "voice", "text": "", "media": a_file(b"OggS", mime="audio/ogg")},
            {"kind": "audio", "text": "", "media": a_file(b"ID3", mime="audio/mpeg")},
            {"kind": "video", "text": "", "media": a_file(b"mp4", mime="video/mp4")},
            {"kind": "document", "text": "Price", "media": a_file(b"%PDF", mime="application/pdf")},
            {"kind": "sticker", "text": "", "media": a_file(b"RIFF", mime="image/webp")},
            {"kind": "location", "text": "", "place": place},
            {"kind": "contact", "text": "", "contact": {"name": "João", "phone": "+5521976543210"}},
            {"kind": "template", "text": "Hello Maria", "template": template},
        ):
            sent = await driver.send(outbound(**payload))
            assert wamid_of(sent.wa_id) == rig.far.delivered[-1]["id"]

        told = rig.far.delivered
        assert [one["type"] for one in told] == [
            "text", "image", "audio", "audio", "video", "document", "sticker", "location", "contacts",
            "template",
        ]  # fmt: skip
        assert told[0]["context"] == {"message_id": "wamid.AAA"}
        assert rig.far.uploads[told[1]["image"]["id"]] == b"\x89PNG"
        assert (told[2]["audio"].get("voice"), told[3]["audio"].get("voice")) == (True, None)
        assert told[5]["document"]["filename"] == "price list.txt"
        assert told[9]["template"]["language"] == {"code": "pt_BR"}


async def test_reactions_read_marks_and_typing_go_out(rig):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        await driver.type(CHAT, "typing")
        assert rig.far.reads == [], "there is nothing yet to show it under"
        wamid = await rig.far.customer_writes({"type": "text", "text": {"body": "Hi"}})
        told = await heard.happening(wire.Message)
        await driver.send(command("reaction", target_id=told.id, from_me=False, emoji="👍"))
        await driver.send(command("read", ids=["older", told.id]))
        await driver.send(command("read", ids=[]))
        await driver.type(CHAT, "typing")
        await driver.type(CHAT, "paused")

        assert rig.far.delivered[0]["reaction"] == {"message_id": wamid, "emoji": "👍"}
        read, typing = rig.far.reads
        assert (read["message_id"], "typing_indicator" in read) == (wamid, False)
        assert (typing["message_id"], typing["typing_indicator"]) == (wamid, {"type": "text"})


async def test_what_it_cannot_do_it_says(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        for cannot in (
            driver.send(command("edit", target_id="A", text="x")),
            driver.send(command("deletion", target_id="A")),
            driver.send(command("forward", target_id="A", from_chat=CHAT, from_me=False)),
            driver.look_up("+5511987654321"),
        ):
            with pytest.raises(NotSupported):
                await cannot


@pytest.mark.parametrize(
    ("trouble", "code", "permanent", "is_unknown"),
    [
        (hang, "no_answer", False, True),
        (do_and_hang, "no_answer", False, True),
        (status(502), "gateway_error", False, True),
        (text(b"<html>", 200), "gateway_error", False, True),
        (text(b"{}", 200), "gateway_error", False, True),
        (streams(b'{"messages":', then_breaks=True), "no_answer", False, True),
        (streams(*[b" "] * 40, pause=0.1), "no_answer", False, True),
        (refusal(131000, 500), "gateway_error", False, False),
        (refusal(131047), "window_closed", True, False),
        (refusal(131026), "not_deliverable", True, False),
        (refusal(130429, 429), "rate_limited", False, False),
        (refusal(131048), "rate_limited", False, False),
        (refusal(80007), "rate_limited", False, False),
        (refusal(132001), "template_refused", True, False),
        (refusal(131053), "media_refused", True, False),
        (refusal(10), "permission_denied", True, False),
        (refusal(999999), "refused", True, False),
        (status(413, "nonsense"), "refused", True, False),
    ],
)
async def test_a_send_that_goes_wrong_is_told_for_what_it_is(rig, trouble, code, permanent, is_unknown):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        rig.far.next("messages", trouble)
        with pytest.raises(DriverError) as refused:
            await driver.send(outbound())

        raised = refused.value
        assert (raised.code, raised.permanent, raised.is_unknown) == (code, permanent, is_unknown)
        assert (await driver.send(outbound(text="The next one"))).wa_id


async def test_an_upload_that_goes_wrong_leaves_nothing_in_doubt(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        rig.far.next("/media", hang)
        with pytest.raises(DriverError) as refused:
            await driver.send(outbound(kind="image", text="", media=a_file(b"x", mime="image/png")))

        assert (refused.value.permanent, refused.value.is_unknown) == (False, False)
        assert rig.far.delivered == []


# --- in doubt ---------------------------------------------------------------------------------


async def test_a_send_in_doubt_is_found_by_our_own_reference(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        one, never = outbound(id=1), outbound(id=2)
        rig.far.next("messages", do_and_hang)
        with pytest.raises(DriverError):
            await driver.send(one)
        (told,) = rig.far.delivered
        finding = asyncio.create_task(driver.find([one, never]))
        await rig.far.reports(told, "sent")

        assert await finding == {1: wire.Sent(wa_id=id_of(told["id"]))}


async def test_a_session_that_comes_later_finds_what_meta_posted_meanwhile(rig):
    async with rig.running():
        driver, _heard, credentials = await rig.linked()
        one = outbound()
        await driver.send(one)
        await driver.close()
        await rig.far.reports(rig.far.delivered[0], "delivered")
        one.queued_at -= timedelta(minutes=5)
        long_ago = outbound(id=2)
        long_ago.queued_at -= timedelta(minutes=5)

        back, _heard = await rig.open(credentials)
        async with asyncio.timeout(CloudDriver.find_seconds):  # what is old is not waited for
            assert list(await back.find([one, long_ago])) == [1]


# --- files ------------------------------------------------------------------------------------


async def collected(chunks):
    return b"".join([chunk async for chunk in chunks])


@pytest.mark.parametrize("content", [b"", b"\x89PNG" * 100_000])
async def test_a_file_is_fetched_in_two_steps(rig, content):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        rig.far.files["777"] = (content, "image/png")
        image = {"id": "777", "mime_type": "image/png", "sha256": "x", "caption": "Look"}
        await rig.far.customer_writes({"type": "image", "image": image})
        told = await heard.happening(wire.Message)

        assert (told.message_kind, told.text, told.media.id) == ("image", "Look", "777")
        assert await collected(driver.fetch(told.media.id)) == content


async def test_a_file_that_is_too_large_is_not_even_begun(rig, settings):
    settings.MEDIA_MAX_BYTES = 10
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        rig.far.files["777"] = (b"x" * 11, "image/png")
        with pytest.raises(DriverError) as refused:
            await collected(driver.fetch("777"))

        assert (refused.value.code, refused.value.permanent) == ("too_large", True)
        assert not [path for _verb, path in rig.far.calls if "files" in path]


@pytest.mark.parametrize(
    ("part", "trouble", "code", "permanent"),
    [
        ("v23.0/777", refusal(100), "refused", True),
        ("v23.0/777", text(b'{"url": "https://evil.example/x"}'), "media_gone", True),
        ("v23.0/777", text(b'{"url": "http://lookaside.fbsbx.com/x"}'), "media_gone", True),
        ("v23.0/777", text(b"{}"), "media_gone", True),
        ("files/777", streams(b"half", then_breaks=True), "gateway_unreachable", False),
        ("files/777", text(b"something else"), "media_broken_off", False),
        ("files/777", status(404), "media_gone", False),
        ("files/777", hang, "gateway_unreachable", False),
    ],
)
async def test_a_file_that_goes_wrong_is_told_for_what_it_is(rig, part, trouble, code, permanent):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        rig.far.files["777"] = (b"whole", "image/png")
        rig.far.next(part, trouble)
        with pytest.raises(DriverError) as refused:
            await collected(driver.fetch("777"))

        assert (refused.value.code, refused.value.permanent) == (code, permanent)


# --- names ------------------------------------------------------------------------------------


async def test_the_longest_id_of_a_message_fits_and_comes_back():
    wamid = "wamid." + "A" * 76

    assert len(id_of(wamid)) <= wire.MAX_ID
    assert wamid_of(id_of(wamid)) == wamid


async def test_a_customer_without_a_number_is_addressed_by_the_id_meta_gives():
    chat = chat_of(None, "BR.13491208655302741918")

    assert chat == "BR.13491208655302741918@bsuid"
    assert address_of(chat) == {"recipient": "BR.13491208655302741918"}
    assert address_of(CHAT) == {"to": "5511987654321"}


async def test_the_account_of_another_is_ignored_where_no_number_is_named(rig):
    async with rig.running():
        _driver, heard, _credentials = await rig.linked()
        for account in ("999", ACCOUNT):
            change = {"field": "account_update", "value": {"event": f"of {account}"}}
            body = {"object": "x", "entry": [{"id": account, "changes": [change]}]}
            await rig.far.posts_body(body)

        told = await heard.happening(wire.Unknown)
        assert told.raw["value"] == {"event": f"of {ACCOUNT}"}
        assert len(await rig.db(lambda: list(Post.objects.all()))) == 2
