"""What the pretend network can do beyond sending and receiving, through the driver, as the phones see it."""

from datetime import UTC, datetime, timedelta

import pytest
from rigs import CHAT, MARIA, SHOP, SimulatorRig, command, outbound

from connections import wire

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("committed")]


@pytest.fixture
def rig(connection, settings, tmp_path):
    settings.DRIVERS = ["simulator"]
    settings.MEDIA_ROOT = tmp_path
    settings.SIMULATOR_URL = "http://127.0.0.1:1"
    return SimulatorRig(connection)


async def of_maria(rig):
    return await rig.net.messages(MARIA, SHOP)


async def test_messages_are_changed_on_the_customers_phone(rig):
    async with rig.running():
        driver, heard, _credentials = await rig.linked()
        await rig.writes("Hello")
        theirs = (await heard.happening(wire.Message)).id
        ours = (await driver.send(outbound(text="Helo"))).wa_id
        gone = (await driver.send(outbound(text="Oops"))).wa_id
        await driver.send(command("reaction", target_id=theirs, from_me=False, emoji="👍"))
        await driver.send(command("edit", target_id=ours, text="Hello!"))
        await driver.send(command("deletion", target_id=gone))
        forward = command("forward", target_id=theirs, from_chat=CHAT, from_me=False)
        forwarded = await driver.send(forward)

        rows = {row["id"]: row for row in await of_maria(rig)}
        assert [one["emoji"] for one in rows[theirs]["reactions"]] == ["👍"]
        assert (rows[ours]["text"], rows[ours]["edited"]) == ("Hello!", True)
        assert rows[gone]["revoked"]
        assert rows[forwarded.wa_id]["is_forwarded"]
        assert await driver.find([forward]) == {1: forwarded}


async def test_places_and_contacts_arrive(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        place = {"latitude": -23.5, "longitude": -46.6, "name": "Shop", "address": "Rua A"}
        await driver.send(outbound(kind="location", text="", place=place))
        card = {"name": "João", "phone": "+5521976543210"}
        await driver.send(outbound(kind="contact", text="", contact=card))

        there, card = await of_maria(rig)
        assert there["location"] == place
        assert (card["kind"], card["text"]) == ("contact", "João\n+5521976543210")


async def test_a_phone_is_linked_by_eight_letters(rig):
    async with rig.running():
        _driver, heard = await rig.open(pairing_phone=SHOP)
        shown = await heard.next(wire.PairingCodeShown, wire.QrShown)
        assert isinstance(shown, wire.PairingCodeShown)
        assert len(shown.code.replace("-", "")) == 8
        await rig.net.post(f"/api/phones/{SHOP}/pairing", {"code": shown.code})

        await heard.next(wire.Linked)
        assert (await heard.next(wire.Ready)).phone == SHOP


async def test_history_leaves_out_what_was_taken_back_and_what_is_older(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        kept = await driver.send(outbound(text="Kept"))
        gone = await driver.send(outbound(text="Gone"))
        await driver.send(command("deletion", target_id=gone.wa_id))
        since = datetime.now(UTC) - timedelta(minutes=1)

        assert [one.id async for one in driver.history(since)] == [kept.wa_id]
        assert [one async for one in driver.history(since + timedelta(hours=1))] == []


async def test_a_number_is_found_as_whatsapp_spells_it(rig):
    async with rig.running():
        driver, _heard, _credentials = await rig.linked()
        without_ninth_digit = MARIA[:5] + MARIA[6:]

        assert (await driver.look_up(without_ninth_digit)).chat == CHAT
        assert await driver.look_up("+5511900009999") is None
        assert await driver.picture(CHAT) is None
        await driver.probe()
