"""The network on a real port, hands that hold its phones, and devices that are linked to them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import uvicorn
import websockets
from websockets.asyncio.client import ClientConnection, connect

from simulator.__main__ import server_config
from simulator.app import Settings, build_app, open_network
from simulator.store import Store

SOON = 15.0

SHOP = "+5511900000001"
MARIA = "+5511987654321"
JOAO = "+5521976543210"

Json = dict[str, Any]


def chat(number: str) -> str:
    return number.removeprefix("+") + "@c.us"


class TestDevice:
    """A linked device as Balcão's driver would be: it keeps what arrives in ``heard``."""

    __test__ = False

    def __init__(self, ws: ClientConnection) -> None:
        self.ws = ws
        self.token: str | None = None
        self.heard: list[Json] = []
        self._last_request = 0

    async def say(self, **frame: Any) -> None:

        await self.ws.send(orjson.dumps(frame).decode())

    async def next(self, kind: str | None = None, *, within: float = SOON) -> Json:
        """The next frame; with ``kind``, the next of that type, whatever comes before it."""

        async with asyncio.timeout(within):
            while True:
                frame: Json = orjson.loads(await self.ws.recv())
                self.heard.append(frame)
                if kind in (None, frame["type"]):
                    return frame

    async def event(self, kind: str | None = None) -> Json:
        """The next event (of that kind)."""
        while True:
            frame = await self.next("event")
            if kind in (None, frame["event"]["kind"]):
                return frame["event"]

    async def ack_level(self, level: int) -> Json:
        while True:
            event = await self.event("ack")
            if event["level"] == level:
                return event

    async def request(self, do: str, **fields: Any) -> Json:
        """The response to a request."""
        self._last_request += 1
        number = self._last_request
        await self.say(type="request", id=number, do=do, **fields)
        while True:
            frame = await self.next("response")
            if frame["id"] == number:
                return frame

    async def send(self, to: str, text: str = "Olá", id: str = "3EB0AA", **fields: Any) -> Json:
        message = {"id": id, "to": chat(to), "kind": "text", "text": text} | fields
        return await self.request("send", message=message)

    async def nothing(self, *, within: float = 0.3) -> None:
        """Nothing arrives for a while."""
        with pytest.raises(TimeoutError):
            await self.next(within=within)

    async def closed(self) -> int:
        """Wait for the end; the close code."""
        async with asyncio.timeout(SOON):
            with pytest.raises(websockets.ConnectionClosed):
                while True:
                    await self.next()
        return self.ws.close_code or 0


class Net:
    """A running network and the hands that hold its phones."""

    def __init__(self, port: int, http: httpx.AsyncClient) -> None:
        self.port = port
        self.http = http
        self._sockets: list[ClientConnection] = []

    async def post(self, path: str, body: Json | None = None, *, status: int | None = None) -> Json:
        answer = await self.http.post(path, json=body or {})
        assert status is None or answer.status_code == status, answer.text
        assert status is not None or answer.is_success, answer.text
        return answer.json() if answer.content else {}

    async def get(self, path: str) -> Json:
        answer = await self.http.get(path)
        assert answer.is_success, answer.text
        return answer.json()

    async def patch(self, path: str, body: Json, *, status: int = 200) -> Json:
        answer = await self.http.patch(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def phone(self, number: str, name: str) -> Json:
        return await self.post("/api/phones", {"number": number, "name": name})

    async def switch(self, number: str, *, online: bool) -> Json:
        return await self.patch(f"/api/phones/{number}", {"online": online})

    async def write(self, author: str, to: str, text: str = "Oi", **fields: Any) -> Json:
        body = {"to": to, "kind": "text", "text": text} | fields
        return await self.post(f"/api/phones/{author}/messages", body)

    async def messages(self, number: str, other: str) -> list[Json]:
        return (await self.get(f"/api/phones/{number}/chats/{other}/messages"))["results"]

    async def open(self, path: str = "/gateway", **options: Any) -> ClientConnection:
        ws = await connect(
            f"ws://127.0.0.1:{self.port}{path}", close_timeout=0.5, compression=None, **options
        )
        self._sockets.append(ws)
        return ws

    async def greet(self, token: str | None = None, after: int = 0, **options: Any) -> TestDevice:
        """A device that has said hello and nothing more."""
        device = TestDevice(await self.open(**options))
        device.token = token
        await device.say(type="hello", device=token, name="Balcão", after=after)
        return device

    async def link(self, number: str) -> TestDevice:
        """A device linked to a phone, ready."""
        device = await self.greet()
        code = (await device.next("qr"))["code"]
        await self.post(f"/api/phones/{number}/scan", {"code": code})
        device.token = (await device.next("paired"))["device"]
        await device.next("ready")
        return device

    async def back(self, device: TestDevice, after: int = 0) -> TestDevice:
        """The same device on a new socket, ready."""
        again = await self.greet(device.token, after)
        await again.next("ready")
        return again

    async def device_id(self, number: str) -> str:
        return (await self.get(f"/api/phones/{number}/devices"))["results"][-1]["id"]

    async def plan_fault(self, number: str, **fault: Any) -> Json:
        return await self.post(f"/api/devices/{await self.device_id(number)}/faults", fault)

    async def leave(self) -> None:
        for ws in self._sockets:
            await ws.close()


class Server(uvicorn.Server):
    """One that ends as soon as it is asked, not at its next look at the clock."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.asked = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.asked.wait()


@asynccontextmanager
async def running(state: Path, *, port: int = 0, **settings: Any) -> AsyncIterator[Net]:
    """The network on a free port (or the given one), until the block ends."""
    store = Store(state)
    app = build_app(Settings(state, **settings), open_network(store))
    listening = socket.create_server(("127.0.0.1", port))
    port = listening.getsockname()[1]
    server = Server(server_config(app, host="127.0.0.1", port=port))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        # `verify`: nothing here is encrypted, and reading certificates takes longer than most tests.
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", verify=False) as http:
            while not server.started:
                await asyncio.sleep(0.01)
            net = Net(port, http)
            yield net
            await net.leave()
    finally:
        server.asked.set()
        await serving
        listening.close()
        store.close()


@asynccontextmanager
async def a_town(state: Path) -> AsyncIterator[Net]:
    """A network with a shop, which Balcão links to, and two customers."""
    async with running(state) as net:
        await net.phone(SHOP, "Loja Acme")
        await net.phone(MARIA, "Maria")
        await net.phone(JOAO, "João")
        yield net
