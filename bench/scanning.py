"""Reading the QR codes that Balcão shows, as a phone's camera would: from a member's live socket."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress

import zxingcpp
from PIL import Image
from websockets.sync.client import connect
from websockets.typing import Origin

SCALE = 8
ASKED_AT_MOST = 10


def read_qr(svg: str) -> str:
    """The text of a QR code drawn by Balcão."""
    found = re.search(r'viewBox="0 0 (\d+)', svg)
    assert found is not None
    size = int(found[1])
    picture = Image.new("L", (size, size), 255)
    for x, y in re.findall(r"M(\d+),(\d+)H", svg):
        picture.putpixel((int(x), int(y)), 0)
    codes = zxingcpp.read_barcodes(picture.resize((size * SCALE, size * SCALE)))
    assert codes, "the QR code cannot be read"
    return codes[0].text


def shown_code(url: str, cookie: str, tenant: str, connection_id: str, *, start: Callable[[], object]) -> str:
    """The code that a connection shows once `start` was called, to a member who looks."""
    address = url.replace("http", "ws", 1) + f"/t/{tenant}/live/"
    heard: list[str] = []
    with connect(address, additional_headers={"Cookie": cookie}, origin=Origin(url)) as live:
        start()
        for _ in range(ASKED_AT_MOST):
            # A code is told once, to who looks then; as the page does, ask again for one that did not come.
            live.send(json.dumps({"do": "watch", "connection": connection_id}))
            with suppress(TimeoutError):
                while (frame := json.loads(live.recv(timeout=3)))["kind"] != "connection.qr":
                    heard.append(frame["kind"])
                return read_qr(frame["data"]["svg"])
    raise AssertionError(f"no QR code came, only {heard}")
