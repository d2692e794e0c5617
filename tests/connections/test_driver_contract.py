"""What every driver keeps, whatever its gateway: one suite, each against its own far end.

A new kind joins by a rig in `rigs.py` and a row in RIGS.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from rigs import CHAT, CloudRig, EvolutionRig, SimulatorRig, a_file, command, outbound

from connections import wire
from connections.drivers import simulator
from connections.drivers.base import Can, DriverError, NotSupported
from connections.drivers.cloud.api import GraphAPI
from connections.drivers.cloud.driver import CloudDriver
from connections.drivers.evolution.api import EvolutionAPI
from connections.drivers.registry import fields_of

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("committed")]
RIGS = {"simulator": SimulatorRig, "evolution": EvolutionRig, "cloud": CloudRig}


@pytest.fixture(params=RIGS)
def rig(request, connection, settings, monkeypatch, tmp_path):
    settings.DRIVERS = list(RIGS)
    settings.MEDIA_ROOT = tmp_path
    settings.SIMULATOR_URL = settings.CLOUD_API_URL = "http://127.0.0.1:1"
    settings.CLOUD_API_VERSION = "v23.0"
    monkeypatch.setattr(simulator, "ANSWER_SECONDS", 2.0)
    monkeypatch.setattr(CloudDriver, "find_seconds", 2.0)
    for api in (EvolutionAPI, GraphAPI):
        monkeypatch.setattr(api, "answer_seconds", 2.0)
        monkeypatch.setattr(api, "upload_seconds", 2.0)
    return RIGS[request.param](connection)


async def collected(chunks):
    return b"".join([chunk async for chunk in chunks])


async def test_it_is_linked_and_ready(rig):
    async with rig.running():
        driver, _heard, credentials = await rig.linked()

        assert isinstance(credentials, bytes)
        assert await rig.is_linked()
        assert {field.name for field in fields_of(rig.driver)} == {*rig.settings, *rig.secrets}
        await driver.close()


async def test_texts_go_both_ways_in_order(rig):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        for text in ("One ✓", "Two", "Three"):
            await rig.writes(text)
            await driver.send(outbound(text=text))
        told = [await heard.happening(wire.Message) for _ in range(3)]

        assert [one.text for one in told] == ["One ✓", "Two", "Three"]
        assert all((one.chat, one.from_me, one.message_kind) == (CHAT, False, "text") for one in told)
        assert [one.sender_name for one in told] == ["Maria"] * 3
        assert len({one.key for one in told}) == 3
        assert await rig.got() == ["One ✓", "Two", "Three"]


async def test_files_go_both_ways_whole(rig):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        content = bytes(range(256)) * 300
        await rig.sends_file(content)
        told = await heard.happening(wire.Message)
        assert (told.message_kind, told.media.name, told.media.mime) == (
            "document",
            "nota.pdf",
            "application/pdf",
        )
        assert await collected(driver.fetch(told.media.id)) == content

        media = a_file(content[::-1], mime="application/pdf")
        await driver.send(outbound(kind="document", text="Here", media=media))
        assert (await rig.got())[-1] == "Here"
        assert await rig.got_file() == content[::-1]


async def test_a_file_that_nobody_has_is_refused(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        with pytest.raises(DriverError) as gone:
            await collected(driver.fetch("no-such-file"))

        assert gone.value.permanent


async def test_ticks_name_what_was_sent(rig):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        sent = await driver.send(outbound())
        await rig.reads(sent)
        while (ticks := await heard.happening(wire.Ticks)).level != "read":
            pass

        assert ticks.ids == (sent.wa_id,)
        assert ticks.chat == CHAT


async def test_a_send_whose_answer_was_lost_is_found_and_one_that_never_was_is_not(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        lost, never = outbound(id=1, text="Lost"), outbound(id=2, text="Never")
        await rig.loses_next_answer()
        with pytest.raises(DriverError) as silence:
            await driver.send(lost)
        assert (silence.value.is_unknown, silence.value.permanent) == (True, False)

        assert list(await driver.find([lost, never])) == [1]
        assert await rig.got() == ["Lost"]


async def test_where_repeats_are_said_to_be_safe_they_are(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        if driver.repeats_are_safe:
            one = outbound(text="Once")
            assert await driver.send(one) == await driver.send(one)
            assert await rig.got() == ["Once"]
        else:
            assert rig.driver in ("evolution", "cloud"), "a gateway that chooses ids itself"


@pytest.mark.parametrize("permanent", [True, False])
async def test_a_refusal_says_whether_trying_again_is_pointless(rig, permanent):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        await rig.refuses_next_send(permanent=permanent)
        with pytest.raises(DriverError) as refused:
            await driver.send(outbound())
        assert (refused.value.permanent, refused.value.is_unknown) == (permanent, False)

        await driver.send(outbound(text="Next"))
        assert await rig.got() == ["Next"]


async def test_what_is_confirmed_is_told_once_and_what_is_not_is_told_again(rig):
    async with rig.running():
        driver, heard, credentials = await rig.linked()
        for text in ("Kept", "Not kept"):
            await rig.writes(text)
        first = await heard.next(wire.Stored)
        assert first.happening.text == "Kept"
        await driver.confirm(first.receipt)
        await heard.next(wire.Stored)
        await driver.close()
        await rig.writes("Meanwhile")

        _back, heard = await rig.open(credentials)
        told = [(await heard.happening(wire.Message)).text for _ in range(2)]
        assert told == ["Not kept", "Meanwhile"]


async def test_closing_does_not_log_out(rig):
    async with rig.running():
        driver, _heard, credentials = await rig.linked()
        await asyncio.wait_for(driver.close(), driver.close_seconds)
        assert await rig.is_linked()

        _back, heard = await rig.open(credentials)
        told = await heard.next(wire.Ready, wire.QrShown, wire.Linked)
        assert isinstance(told, wire.Ready), "no new code is needed"
        assert told.phone == "+5511900000001"


async def test_logging_out_ends_the_link_at_the_far_end(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        await driver.log_out()

        assert not await rig.is_linked()


async def test_a_gateway_that_is_not_there_is_worth_trying_again(rig, monkeypatch):
    if rig.driver == "evolution":
        rig.settings = {"base_url": "http://127.0.0.1:1"}
    with pytest.raises(DriverError) as away:
        await rig.open()

    assert (away.value.code, away.value.permanent) == ("gateway_unreachable", False)
    await rig.close()


# --- `can` is honest --------------------------------------------------------------------------


async def test_codes_are_shown_where_it_says_so(rig):
    async with rig.running():
        driver, heard = await rig.open()
        told = await heard.next(wire.QrShown, wire.Ready)
        assert isinstance(told, wire.QrShown) == (Can.QR in driver.can)
        if Can.PAIRING_CODE in driver.can:
            await driver.close()
            _by_letters, heard = await rig.open(pairing_phone="+5511900000001")
            assert (await heard.next(wire.PairingCodeShown, wire.QrShown, wire.Ready)).code


ASKED = {
    Can.TYPE: lambda driver, ours, theirs: driver.type(CHAT, "typing"),
    Can.REACT: lambda driver, ours, theirs: driver.send(
        command("reaction", target_id=theirs, from_me=False, emoji="👍")
    ),
    Can.EDIT: lambda driver, ours, theirs: driver.send(command("edit", target_id=ours, text="Better")),
    Can.DELETE: lambda driver, ours, theirs: driver.send(command("deletion", target_id=ours)),
    Can.FORWARD: lambda driver, ours, theirs: driver.send(
        command("forward", target_id=theirs, from_chat=CHAT, from_me=False)
    ),
    Can.LOOK_UP: lambda driver, ours, theirs: driver.look_up("+5511987654321"),
    Can.HISTORY: lambda driver, ours, theirs: history(driver),
    Can.PROBE: lambda driver, ours, theirs: driver.probe(),
    Can.PICTURE: lambda driver, ours, theirs: driver.picture(CHAT),
    Can.SCREENSHOT: lambda driver, ours, theirs: driver.screenshot(),
}


async def history(driver):
    return [message async for message in driver.history(datetime.now(UTC) - timedelta(hours=1))]


async def test_every_ability_is_asked_for():
    assert set(ASKED) | {Can.QR, Can.PAIRING_CODE} == set(Can)


@pytest.mark.parametrize("ability", ASKED)
async def test_it_can_what_it_says_and_says_what_it_cannot(rig, ability):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        await rig.writes("Hello")
        theirs = (await heard.happening(wire.Message)).id
        ours = (await driver.send(outbound())).wa_id
        asked = ASKED[ability](driver, ours, theirs)
        if ability not in driver.can:
            with pytest.raises(NotSupported):
                await asked
            return
        answer = await asked

        if ability == Can.LOOK_UP:
            assert answer.chat == CHAT
            assert await driver.look_up("+5511900009999") is None
        if ability == Can.HISTORY:
            assert [(one.from_me, one.text) for one in answer] == [(False, "Hello"), (True, "Hi")]
            assert all(one.is_past for one in answer)
