"""The driver for the pretend network: what it understands, and the whole of it against the real one."""

import asyncio
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from connections import wire
from connections.drivers.base import Berth, DriverError
from connections.drivers.registry import make_driver, offered
from connections.drivers.simulator import SimulatorDriver, message_id, parse_event

sys.path.append(str(Path(__file__).parents[1] / "simulator"))
from pretend_phones import MARIA, SHOP, running  # the network's own tests start it so

CHAT = "5511987654321@c.us"
BERTH = Berth(tenant_id=uuid.uuid4(), connection_id=uuid.uuid4(), epoch=1, db=None)
MESSAGE = {
    "id": "WA1",
    "chat": CHAT,
    "from_me": False,
    "timestamp": 1_767_225_600,
    "kind": "text",
    "text": "Hello",
    "quoted_id": None,
    "media": None,
    "location": None,
    "sender": {"phone": "+5511987654321", "name": "Maria"},
    "client_ref": None,
}


def told(**change):
    return parse_event({"kind": "message", "message": {**MESSAGE, **change}})


# --- understanding ----------------------------------------------------------------------------


def test_a_message_is_understood():
    assert told() == wire.Message(
        chat=CHAT,
        id="WA1",
        from_me=False,
        sent_at=datetime(2026, 1, 1, tzinfo=UTC),
        message_kind="text",
        text="Hello",
        sender_name="Maria",
    )


def test_a_file_and_a_place_are_understood():
    media = {
        "id": 7,
        "mime": "image/png",
        "name": "a.png",
        "size": 3,
        "seconds": None,
        "width": 2,
        "height": 1,
    }
    place = {"latitude": "-23.5", "longitude": -46.6, "name": "Here", "address": None}
    happening = told(kind="image", media=media, location=place)

    assert happening.media == wire.Media(id="7", mime="image/png", name="a.png", size=3, width=2, height=1)
    assert happening.place == wire.Place(latitude=-23.5, longitude=-46.6, name="Here", address="")


@pytest.mark.parametrize(
    ("event", "happening"),
    [
        (
            {"kind": "ack", "chat": CHAT, "ids": ["A"], "level": 3},
            wire.Ticks(chat=CHAT, ids=("A",), level="read"),
        ),
        (
            {"kind": "ack", "chat": CHAT, "ids": ["A"], "level": -1},
            wire.Ticks(chat=CHAT, ids=("A",), level="failed"),
        ),
        (
            {"kind": "ack", "chat": CHAT, "ids": ["A"], "level": 99},
            wire.Ticks(chat=CHAT, ids=("A",), level="pending"),
        ),
        (
            {"kind": "reaction", "chat": CHAT, "id": "R", "target_id": "A", "emoji": "👍", "from_me": True},
            wire.Reaction(chat=CHAT, id="R", target_id="A", emoji="👍", from_me=True),
        ),
        (
            {"kind": "edited", "chat": CHAT, "id": "E", "target_id": "A", "text": "b\x00c"},
            wire.Edit(chat=CHAT, id="E", target_id="A", text="bc"),
        ),
        (
            {"kind": "revoked", "chat": CHAT, "id": "D", "target_id": "A"},
            wire.Deletion(chat=CHAT, id="D", target_id="A"),
        ),
    ],
)
def test_what_happens_to_messages_is_understood(event, happening):
    assert parse_event(event) == happening


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "poll", "chat": CHAT},
        {"kind": "message"},
        {"kind": "message", "message": {**MESSAGE, "id": None, "chat": None, "timestamp": []}}
        | {"kind": "x"},
        {"kind": "ack", "chat": CHAT},
        {"kind": "ack", "chat": CHAT, "ids": None, "level": 1},
        {"chat": CHAT},
        {"kind": "message", "message": "text"},
        {},
    ],
)
def test_what_is_not_understood_is_kept_as_it_came(event):
    happening = parse_event(event)

    assert isinstance(happening, wire.Unknown)
    assert happening.raw == event


@pytest.mark.parametrize("timestamp", [None, "soon", 1e30, -1e30, {}])
def test_a_time_that_makes_no_sense_is_now(timestamp):
    assert abs((told(timestamp=timestamp).sent_at - datetime.now(UTC)).total_seconds()) < 60


def test_a_kind_we_do_not_know_is_shown_as_such():
    assert told(kind="hologram").message_kind == "unsupported"


def test_texts_are_bounded_and_free_of_nul():
    happening = told(text="a\x00" + "b" * 100_000, sender={"name": "n" * 500, "phone": None})

    assert happening.text.startswith("ab")
    assert len(happening.text) == wire.MAX_TEXT
    assert len(happening.sender_name) == 80


LONG = "x" * 5000


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "message", "message": {**MESSAGE, "id": LONG, "chat": LONG, "quoted_id": LONG}},
        {
            "kind": "message",
            "message": {**MESSAGE, "id": "A\x00B", "quoted_id": "A\x00B", "chat": "a\x00b@c.us"},
        },
        {"kind": "reaction", "chat": CHAT, "id": LONG, "target_id": LONG, "emoji": LONG, "from_me": False},
        {
            "kind": "reaction",
            "chat": CHAT,
            "id": "R\x00",
            "target_id": "A\x00",
            "emoji": "\x00",
            "from_me": False,
        },
        {"kind": "edited", "chat": CHAT, "id": LONG, "target_id": LONG, "text": LONG},
        {"kind": "revoked", "chat": LONG, "id": 12345, "target_id": 67890},
        {"kind": "ack", "chat": CHAT, "ids": [LONG, 1, "A\x00B"], "level": 2},
        {
            "kind": "poll",
            "chat": "a\x00b",
            "text": "a\x00b",
            "odds": [float("nan"), float("inf"), {"x\x00": 1}],
        },
        {"kind": "message", "message": {**MESSAGE, "location": {"latitude": float("nan"), "longitude": 0}}},
        {"kind": "message", "message": {**MESSAGE, "location": {"latitude": 1e300, "longitude": 0}}},
        {
            "kind": "message",
            "message": {
                **MESSAGE,
                "kind": "image",
                "media": {
                    "id": LONG,
                    "mime": LONG,
                    "name": LONG,
                    "size": "big",
                    "seconds": "long",
                    "width": -1,
                },
            },
        },
    ],
    ids=lambda event: event["kind"],
)
def test_whatever_it_tells_can_be_stored_and_taken_in(event, line):
    """A happening the database refuses would be told again for ever, and hold up all that follow."""
    from connections.models import Inbound

    happening = parse_event(event)
    assert line.hears(happening) is True
    kept = Inbound.objects.latest("id")
    assert (kept.error, kept.attempts) == ("", 0)


# --- offering ---------------------------------------------------------------------------------


def test_a_driver_that_is_not_offered_is_refused_for_good(settings):
    settings.DRIVERS = []
    assert offered() == []
    with pytest.raises(DriverError) as refused:
        make_driver("simulator", BERTH)

    assert refused.value.permanent


def test_an_unknown_name_in_the_settings_offers_nothing(settings):
    settings.DRIVERS = ["simulator", "carrier-pigeon"]

    assert [name for name, _label in offered()] == ["simulator"]


# --- against the real network -----------------------------------------------------------------


def outbound(text="Hi", **more):
    payload = {"kind": "text", "text": text, "quoted_id": None, "media": None, **more}
    chat = MARIA.removeprefix("+") + "@c.us"
    return SimpleNamespace(id=1, kind="message", client_ref=uuid.uuid4(), chat=chat, payload=payload)


class Heard:
    """What a driver tells, in order."""

    def __init__(self, driver):
        self.told = driver.listen()

    async def next(self, kind):
        async with asyncio.timeout(10):
            while not isinstance(one := await anext(self.told), kind):
                pass
        return one


@pytest.fixture
def network(tmp_path):
    return lambda: running(tmp_path / "state.json")


async def linked(net, settings):
    """A driver that the shop's phone has let in."""
    settings.SIMULATOR_URL = f"http://127.0.0.1:{net.port}"
    driver = SimulatorDriver(BERTH)
    await driver.open(None)
    heard = Heard(driver)
    qr = await heard.next(wire.QrShown)
    await net.post(f"/api/phones/{SHOP}/scan", {"code": qr.code})
    credentials = (await heard.next(wire.Linked)).credentials
    ready = await heard.next(wire.Ready)
    assert ready.phone == SHOP
    return driver, heard, credentials


@pytest.mark.asyncio
async def test_the_whole_conversation_with_the_network(network, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    async with network() as net:
        await net.phone(SHOP, "Loja Acme")
        await net.phone(MARIA, "Maria")
        driver, heard, credentials = await linked(net, settings)

        await net.post(f"/api/phones/{MARIA}/messages", {"to": SHOP, "kind": "text", "text": "Olá"})
        stored = await heard.next(wire.Stored)
        assert stored.happening.text == "Olá"
        await driver.confirm(stored.receipt)

        (tmp_path / "file").write_bytes(b"price list")
        media = {"path": "file", "mime": "text/plain", "name": "preços ✓.txt", "seconds": None}
        one = outbound("Here", kind="document", media=media, quoted_id=stored.happening.id)
        sent = await driver.send(one)
        assert sent.wa_id == message_id(one)
        assert await driver.find([one]) == {1: wire.Sent(wa_id=message_id(one))}
        assert await driver.find([outbound()]) == {}

        again = await driver.send(one)
        assert again.wa_id == sent.wa_id, "sending again delivers nothing again"
        chat = await net.get(f"/api/phones/{MARIA}/chats/{SHOP}/messages")
        (received,) = [message for message in chat["results"] if message["id"] == sent.wa_id]
        assert received["media"]["name"] == "preços ✓.txt"
        fetched = [chunk async for chunk in driver.fetch(received["media"]["id"])]
        assert b"".join(fetched) == b"price list"

        with pytest.raises(DriverError) as gone:
            _ = [chunk async for chunk in driver.fetch("no-such-file")]
        assert gone.value.permanent

        await driver.type(one.chat, "typing")
        read = SimpleNamespace(kind="read", chat=one.chat, payload={"ids": [stored.happening.id]})
        await driver.send(read)
        await driver.close()

        back = SimulatorDriver(BERTH)
        await back.open(credentials)
        assert (await Heard(back).next(wire.Ready)).phone == SHOP
        await back.log_out()
        await back.close()

        out = SimulatorDriver(BERTH)
        await out.open(credentials)
        ended = await Heard(out).next(wire.Ended)
        assert ended.state == "logged_out"
        await out.close()


@pytest.mark.asyncio
async def test_a_network_that_is_not_there_is_worth_trying_again(settings):
    settings.SIMULATOR_URL = "http://127.0.0.1:1"
    driver = SimulatorDriver(BERTH)
    with pytest.raises(DriverError) as away:
        await driver.open(None)

    assert (away.value.code, away.value.permanent) == ("gateway_unreachable", False)
    await driver.close()


@pytest.mark.asyncio
async def test_a_broken_line_leaves_a_send_in_doubt(network, settings):
    async with network() as net:
        await net.phone(SHOP, "Loja Acme")
        await net.phone(MARIA, "Maria")
        driver, heard, _credentials = await linked(net, settings)
        (device,) = (await net.get(f"/api/phones/{SHOP}/devices"))["results"]
        await net.post(f"/api/devices/{device['id']}/faults", {"hang_next_send": 30})
        sending = asyncio.create_task(driver.send(outbound()))
        listening = asyncio.create_task(heard.next(wire.Ended))
        async with asyncio.timeout(10):
            while not driver.waiting:
                await asyncio.sleep(0)
        await net.post(f"/api/devices/{device['id']}/faults", {"drop": True})

        with pytest.raises(DriverError) as doubt:
            await asyncio.wait_for(sending, 10)
        assert doubt.value.is_unknown
        assert (await listening).state == "reconnecting"
        await driver.close()
