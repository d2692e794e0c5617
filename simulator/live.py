"""WS /api/live: every change of the network, as rows that the page replaces its own with."""

from __future__ import annotations

import asyncio

from starlette.websockets import WebSocket, WebSocketDisconnect

from simulator import views
from simulator.gateway import Gateway
from simulator.ledger import DeviceGone, Effect, EventsWaiting, MessageTouched, PhoneGone
from simulator.model import Device, Message
from simulator.network import Network
from simulator.values import number_of

QUEUE_LIMIT = 2000
TRY_AGAIN_LATER = 1013


class LiveHub:
    """All pages that watch. One too slow for the changes is closed; it loads anew on return."""

    def __init__(self, network: Network, gateway: Gateway) -> None:
        self._network = network
        self._queues: set[asyncio.Queue[str | None]] = set()
        network.watchers.append(self._on_effect)
        gateway.typing_listeners.append(self._on_typing)
        gateway.connection_listeners.append(self._on_connection)

    async def endpoint(self, websocket: WebSocket) -> None:
        """Serve one page until it leaves."""
        await websocket.accept()
        queue: asyncio.Queue[str | None] = asyncio.Queue(QUEUE_LIMIT)
        self._queues.add(queue)
        tasks = [
            asyncio.create_task(_pass_on(queue, websocket)),
            asyncio.create_task(_until_gone(websocket)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._queues.discard(queue)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _publish(self, kind: str, data: views.Json) -> None:
        frame = views.encode({"kind": kind, "data": data}).decode()
        for queue in list(self._queues):
            if queue.qsize() >= QUEUE_LIMIT - 1:
                self._queues.discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(frame)

    def _on_effect(self, effect: Effect) -> None:
        if not self._queues or isinstance(effect, EventsWaiting | DeviceGone):
            return
        if isinstance(effect, MessageTouched):
            self._publish_message(effect.message)
        elif isinstance(effect, PhoneGone):
            self._publish("phone_removed", {"number": number_of(effect.digits)})
        else:
            phone = self._network.phone(effect.digits)
            self._publish("phone", views.phone_row(phone))

    def _publish_message(self, message: Message) -> None:
        """One frame for each phone on whose screen the message stands."""
        members = message.reached if message.is_to_group else [message.to]
        for digits in (message.author, *members):
            phone = self._network.state.phones.get(digits)
            chat = phone.chats.get(message.other_than(digits)) if phone else None
            if phone and chat and phone.sees(message) and message.id in chat.messages:
                data = {
                    "phone": views.phone_row(phone),
                    "chat": views.chat_row(self._network.state, phone, chat),
                    "message": views.message_row(self._network.state, message, me=digits),
                }
                self._publish("message", data)

    def _on_typing(self, author: str, other: str, activity: str) -> None:
        if self._queues:
            data = {"phone": number_of(other), "by": number_of(author), "activity": activity}
            self._publish("typing", data)

    def _on_connection(self, device: Device) -> None:
        if self._queues:
            self._publish("devices", {"number": number_of(device.phone)})


async def _pass_on(queue: asyncio.Queue[str | None], websocket: WebSocket) -> None:
    while (frame := await queue.get()) is not None:
        await websocket.send_text(frame)
    await websocket.close(TRY_AGAIN_LATER)


async def _until_gone(websocket: WebSocket) -> None:
    """Read and ignore what a page sends, so that its leaving is noticed."""
    try:
        while True:
            await websocket.receive_text()
    except (WebSocketDisconnect, KeyError):
        return
