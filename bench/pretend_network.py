"""The pretend WhatsApp network as a bench uses it: phones that write, and a watch on what reaches them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
from websockets.asyncio.client import connect as connect_async
from websockets.sync.client import connect


def add_phones(simulator: str, numbers: list[str]) -> None:
    with httpx.Client(base_url=simulator, timeout=10) as client:
        for number in numbers:
            client.post("/api/phones", json={"number": number, "name": f"Cliente {number[-4:]}"})


def link(simulator: str, number: str) -> str:
    """Link a device to the phone, as scanning its QR code does; the device's token."""
    with connect(_socket_url(simulator, "/gateway"), proxy=None) as socket:
        socket.send(json.dumps({"type": "hello", "device": None, "name": "Balcão", "after": 0}))
        code = _next(socket, "qr")["code"]
        scan(simulator, number, code)
        return str(_next(socket, "paired")["device"])


def scan(simulator: str, number: str, code: str) -> None:
    """The phone reads a code, which lets whoever shows it in."""
    httpx.post(f"{simulator}/api/phones/{number}/scan", json={"code": code}).raise_for_status()


def _next(socket: Any, kind: str) -> dict[str, Any]:
    while True:
        frame: dict[str, Any] = json.loads(socket.recv(timeout=10))
        if frame["type"] == kind:
            return frame


async def watch(simulator: str, is_ready: asyncio.Event, hear: Callable[[str, float], None]) -> None:
    """Tell `hear(text, when)` of each message as it stands on a customer's screen, once a change."""
    async with connect_async(_socket_url(simulator, "/api/live"), proxy=None, max_size=None) as socket:
        is_ready.set()
        async for frame in socket:
            at = time.monotonic()
            told = json.loads(frame)
            if told["kind"] == "message" and not told["data"]["message"]["from_me"]:
                hear(told["data"]["message"]["text"], at)


def _socket_url(simulator: str, path: str) -> str:
    return simulator.replace("http", "ws", 1) + path
