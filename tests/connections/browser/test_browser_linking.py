"""Letting a browser in, and how that ends: by QR code, by a code to type, with a passkey, or not at all."""

import pytest
from browser_stage import SHOP

from connections import wire

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_phone_links_it_by_the_qr_code_it_shows(town):
    line = town.line()
    await line.open()
    shown = await line.hears(wire.QrShown)
    assert (shown.attempt, shown.attempts) == (1, 12)

    await town.net.post(f"/api/phones/{SHOP}/scan", {"code": shown.code})

    assert await line.hears(wire.Linked) == wire.Linked(credentials=b"")
    assert await line.hears(wire.Ready) == wire.Ready(phone="+5511900000001", profile_name="Loja Acme")
