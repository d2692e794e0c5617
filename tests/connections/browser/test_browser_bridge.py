"""The bridge alone, on an empty page with as much of wa-js as a test needs."""

import asyncio
import json

import pytest
import pytest_asyncio
from browser_stage import CHAT

from connections.drivers.browser import bundle, chromium
from connections.drivers.browser.browsers import browsers
from connections.drivers.browser.settings import Settings

pytestmark = pytest.mark.asyncio(loop_scope="module")
# Enough of wa-js for events to be told; a key is what WhatsApp Web's own is: an object that prints itself.
STUB = """() => {
  const listeners = {};
  window.key = (fromMe, chat, id) =>
    ({ fromMe, id, remote: chat, toString: () => `${fromMe}_${chat}_${id}` });
  window.tell = (name, ...values) => listeners[name](...values);
  window.WPP = {
    on: (name, call) => (listeners[name] = call),
    conn: { getAuthCode: async () => null, setKeepAlive() {}, getStreamData: () => ({ mode: 'MAIN' }),
      isAuthenticated: () => true, isOnline: () => true, needsUpdate: () => false,
      getMyUserId: () => '1@c.us', getBuildConstants: () => ({ VERSION_STR: '2' }) },
    profile: { getMyProfileName: () => 'Loja' },
    contact: { subscribePresence: async () => {}, unsubscribePresence: async () => {},
      getPnLidEntry: async (id) => { window.asked = (window.asked || 0) + 1;
        await new Promise((done) => setTimeout(done, 100));
        return { phoneNumber: id === '9@lid' ? { user: '5511' } : undefined }; } },
    whatsapp: { Socket: { state: 'CONNECTED' } },
  };
}"""
MESSAGE = (
    "(change) => tell('chat.new_message', { type: 'chat', body: 'Oi', t: 1, ack: 1,"
    f" ...change, id: key(false, change.chat || '{CHAT}', change.id || 'A') }})"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(town):
    playwright = await browsers().playwright()
    browser = await playwright.chromium.launch(
        executable_path=chromium.binary_for(Settings.parse({})), args=["--no-sandbox"]
    )
    yield browser
    await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser, monkeypatch):
    monkeypatch.setitem(bundle.LIMITS, "ringSize", 20)
    page = await browser.new_page()
    await page.evaluate(STUB)
    await page.evaluate(bundle.bridge_script())
    await taken(page)
    yield page
    await page.close()


async def asked(page, name, *given):
    answer = await page.evaluate("([name, given]) => __desk.call(name, given)", [name, list(given)])
    assert answer["ok"], answer
    return answer["value"]


async def taken(page, after=0):
    """What the ring holds, without what it says of the link."""
    told = await asked(page, "take", after, 50, 1000)
    return [event for event in json.loads(told["events"]) if event[1] != "state"]


async def test_events_keep_their_order_and_their_numbers_rise(page):
    for number in range(5):
        await page.evaluate(MESSAGE, {"id": f"A{number}"})
    events = await taken(page)
    assert [data["id"] for _, _, data in events] == ["A0", "A1", "A2", "A3", "A4"]
    numbers = [number for number, *_ in events]
    assert numbers == sorted(set(numbers))


async def test_what_is_not_confirmed_is_told_again(page):
    await page.evaluate(MESSAGE, {"id": "A"})
    await page.evaluate(MESSAGE, {"id": "B"})
    first, second = await taken(page)
    assert await taken(page) == [first, second]

    await asked(page, "confirm", first[0])
    assert await taken(page) == [second]
    assert await taken(page, after=second[0]) == []


async def test_whoever_waits_hears_at_once(page):
    waiting = asyncio.create_task(asked(page, "take", 10_000, 60_000, 10))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    last = (await asked(page, "take", 0, 0, 1000))["events"]
    after = max((number for number, *_ in json.loads(last)), default=0)
    waiting.cancel()
    waiting = asyncio.create_task(asked(page, "take", after, 60_000, 10))
    await page.evaluate(MESSAGE, {"id": "NOW"})
    async with asyncio.timeout(5):
        assert "NOW" in (await waiting)["events"]


async def test_a_ring_that_runs_over_says_how_many_it_lost(page):
    for number in range(30):
        await page.evaluate(MESSAGE, {"id": f"A{number}"})
    told = await asked(page, "take", 0, 0, 1000)
    assert told["lost"] >= 10
    assert json.loads(told["events"])[-1][2]["id"] == "A29"
    assert (await asked(page, "take", 0, 0, 1000))["lost"] == 0


async def test_an_event_that_is_too_large_is_told_as_such(page):
    await page.evaluate(MESSAGE, {"id": "BIG", "type": "image", "body": "", "filename": "x" * 300_000})
    ((_, name, data),) = await taken(page)
    assert (name, data) == ("oversized", {"name": "message", "id": "BIG", "chat": CHAT})


async def test_a_text_of_five_megabytes_is_cut(page):
    await page.evaluate(
        "() => tell('chat.new_message',"
        " { type: 'chat', body: 'x'.repeat(5e6), id: key(false, '1@c.us', 'T') })"
    )
    ((_, _, data),) = await taken(page)
    assert len(data["text"]) == 65_536


async def test_what_cannot_be_read_yet_is_told_once_it_can(page):
    """wa-js tells such a message twice."""
    await page.evaluate(MESSAGE, {"id": "C", "type": "ciphertext", "body": ""})
    assert await taken(page) == []
    await page.evaluate(MESSAGE, {"id": "C"})
    ((_, _, data),) = await taken(page)
    assert (data["id"], data["text"]) == ("C", "Oi")


async def test_a_hidden_number_is_asked_for_once_and_nothing_overtakes_it(page):
    await page.evaluate(MESSAGE, {"id": "L1", "chat": "9@lid"})
    await page.evaluate(
        f"tell('chat.msg_ack_change', {{ ack: 3, chat: '{CHAT}', ids: [key(true, '{CHAT}', 'B')] }})"
    )
    await page.evaluate(MESSAGE, {"id": "L2", "chat": "9@lid"})
    await page.evaluate(MESSAGE, {"id": "L3", "chat": "8@lid"})
    await page.evaluate(MESSAGE, {"id": "L4", "chat": "8@lid"})
    await asyncio.sleep(0.3)
    events = await taken(page)
    assert [name for _, name, _ in events] == ["message", "ack", "message", "message", "message"]
    phones = {data["id"]: data["phone"] for _, name, data in events if name == "message"}
    assert phones == {"L1": "5511", "L2": "5511", "L3": "", "L4": ""}
    assert await page.evaluate("window.asked") == 2


async def test_objects_of_the_page_do_not_leave_it(page):
    await page.evaluate(
        "() => { const odd = { toString: () => 'odd' }; odd.itself = odd;"
        " tell('chat.new_message',"
        " { type: 'chat', body: odd, author: odd, id: key(false, '1@c.us', 'O') }); }"
    )
    ((_, _, data),) = await taken(page)
    assert (data["text"], data["author"]) == ("odd", "odd")


async def test_it_is_put_in_once(page):
    await page.evaluate(bundle.bridge_script())
    await page.evaluate(MESSAGE, {"id": "ONCE"})
    assert len(await taken(page)) == 1


async def test_what_it_refuses_comes_back_as_a_value(page):
    answer = await page.evaluate("__desk.call('nothing', [])")
    assert (answer["ok"], "not a function" in answer["message"]) == (False, True)
