"""The live socket of a link's page: it hears codes and nothing else, and ends with the link."""

import pytest
from channels.testing import WebsocketCommunicator
from live import SOON, happens

from config.asgi import sockets
from connections import actions, consumers, invitations
from events import audience, channel
from tenants.scope import working_for

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("committed")]
QR = {"svg": "<svg/>", "expires_at": "2026-11-25T12:00:20.000Z", "attempt": 1, "attempts": 6}


class Page:
    """The socket of an open page of a link."""

    def __init__(self, token, origin="http://127.0.0.1"):
        headers = [(b"origin", origin.encode())]
        self.socket = WebsocketCommunicator(sockets, f"/link/{token}/live/", headers=headers)

    async def opens(self):
        is_open, _protocol = await self.socket.connect(timeout=SOON)
        return is_open

    async def hears(self, kind):
        frame = await self.socket.receive_json_from(timeout=SOON)
        assert frame["kind"] == kind
        return frame["data"]

    async def is_hung_up_on(self):
        while (told := await self.socket.receive_output(timeout=SOON))["type"] != "websocket.close":
            pass
        return told["code"]


@pytest.fixture
def soon(monkeypatch):
    monkeypatch.setattr(consumers, "LOOK_SECONDS", 0.05)


@pytest.fixture
def number(acme, sales):
    with working_for(acme):
        made = actions.create_connection(name="Branch", driver="simulator", sector=sales)
        return actions.start_connection(made)


async def offer(acme, number, ana, *, agreed=True):
    link, token = await happens(acme, invitations.offer_link, number, by=ana)
    if agreed:
        await happens(acme, invitations.agree, link)
    return link, token


async def test_codes_reach_the_page_and_nothing_else_does(acme, ana, number, soon):
    _link, token = await offer(acme, number, ana)
    page = Page(token)
    assert await page.opens()
    assert await page.hears("link.state") == {"state": "starting"}

    group = audience.connection(acme.id, number.id)
    told = {"connection_id": str(number.id)}
    await channel.whisper_async(acme.id, group, "connection.screenshot", {**told, "png": "data:secret"})
    await channel.whisper_async(acme.id, group, "connection.qr", {**told, **QR})
    await channel.whisper_async(acme.id, group, "connection.pairing_code", {**told, "code": "ABCD1234"})
    assert (await page.hears("connection.qr"))["attempt"] == 1
    assert (await page.hears("connection.pairing_code"))["code"] == "ABCD1234"
    await page.socket.disconnect(timeout=SOON)


async def test_the_page_of_one_number_hears_nothing_of_another(acme, ana, number, connection):
    _link, token = await offer(acme, number, ana)
    page = Page(token)
    await page.opens()
    await page.hears("link.state")
    other = audience.connection(acme.id, connection.id)
    await channel.whisper_async(acme.id, other, "connection.qr", {"connection_id": str(connection.id), **QR})

    assert await page.socket.receive_nothing(timeout=0.3)
    await page.socket.disconnect(timeout=SOON)


@pytest.mark.parametrize("ends", ["revoked", "linked"])
async def test_it_ends_with_the_link(ends, acme, ana, number, soon):
    link, token = await offer(acme, number, ana)
    page = Page(token)
    await page.opens()
    await page.hears("link.state")
    if ends == "revoked":
        await happens(acme, invitations.revoke_link, link, by=ana)
    else:
        await happens(acme, _link_it, number)

    while (frame := await page.socket.receive_json_from(timeout=SOON))["kind"] == "link.state":
        pass
    assert (frame["kind"], frame["data"]) == ("link.over", {"why": ends})
    assert await page.is_hung_up_on() == consumers.OVER


def _link_it(number):
    actions._change_state(actions._locked(number), "syncing", reason="")


async def test_nobody_hears_codes_before_somebody_agreed(acme, ana, number):
    _link, token = await offer(acme, number, ana, agreed=False)
    page = Page(token)
    await page.opens()

    assert await page.hears("link.over") == {"why": "not_agreed"}


async def test_a_token_there_is_not_is_hung_up_on(acme):
    page = Page("nonsense")
    await page.opens()

    assert await page.is_hung_up_on() == consumers.OVER


async def test_another_site_cannot_open_it(acme, ana, number):
    _link, token = await offer(acme, number, ana)

    assert not await Page(token, origin="https://evil.example").opens()


async def test_a_link_is_not_opened_by_everybody_at_once(acme, ana, number):
    _link, token = await offer(acme, number, ana)
    pages = [Page(token) for _ in range(consumers.SOCKETS_PER_LINK + 1)]
    for page in pages[:-1]:
        await page.opens()
        await page.hears("link.state")
    await pages[-1].opens()

    assert await pages[-1].is_hung_up_on() == consumers.TOO_MANY
    for page in pages[:-1]:
        await page.socket.disconnect(timeout=SOON)
    assert not consumers.LinkConsumer.open_sockets
