"""The door of linked devices: hello, linking by QR code, requests, and what ends a socket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from starlette.websockets import WebSocket, WebSocketDisconnect

from simulator import views
from simulator.answers import Answers
from simulator.conditions import OFFLINE, Conditions
from simulator.device_socket import Close, DeviceSocket, Farewell, encode, receive_frame
from simulator.errors import Refused, conflict, invalid
from simulator.faults import FaultPlans, Faults
from simulator.ledger import DeviceGone, Effect, EventsWaiting
from simulator.linking import LinkingDesk
from simulator.linking_visit import LinkingVisit
from simulator.model import Device
from simulator.network import Network
from simulator.values import Fields, number_of
from simulator.views import Json

logger = logging.getLogger(__name__)

HELLO_SECONDS = 10.0
SENDS = ("send", "forward")
HIGHEST_SEQ = 2**53
NAME_LIMIT = 60
TOKEN_LIMIT = 200
TypingListener = Callable[[str, str, str], None]
ConnectionListener = Callable[[Device], None]
UNLINKED: Json = {"type": "logged_out", "reason": "unlinked_on_phone"}


class Gateway:
    """All open sockets of devices; at most one per device."""

    def __init__(self, network: Network, desk: LinkingDesk, faults: FaultPlans) -> None:
        self.typing_listeners: list[TypingListener] = [self._pass_typing_on]
        self.connection_listeners: list[ConnectionListener] = []
        self._network = network
        self._desk = desk
        self._faults = faults
        self._answers = Answers(network, self.tell_typing)
        self._open: dict[str, DeviceSocket] = {}
        self._conditions: dict[str, Conditions] = {}
        network.watchers.append(self._on_effect)

    def is_connected(self, device_id: str) -> bool:
        """Whether the device has an open socket."""
        return device_id in self._open

    @property
    def connected_count(self) -> int:
        """How many devices have an open socket."""
        return len(self._open)

    # what others tell it

    def tell_typing(self, author: str, other: str, activity: str) -> None:
        """Somebody types, records, or has stopped."""
        for listener in self.typing_listeners:
            listener(author, other, activity)

    def _pass_typing_on(self, author: str, other: str, activity: str) -> None:
        state = self._network.state
        group = state.groups.get(other)
        in_group = {"author": views.address_of(state, author)} if group else {}
        chat = views.address_of(state, other if group else author)
        for digits in group.participants if group else [other]:
            phone = state.phones.get(digits) if digits != author else None
            for device_id in phone.devices if phone else ():
                if device_id in self._open:
                    self._open[device_id].tell_typing(chat, activity, **in_group)

    def drop(self, device_id: str) -> None:
        """Break the device's socket as a network does, without a word."""
        socket = self._open.get(device_id)
        if socket is None:
            raise conflict("not_connected", "O dispositivo não está com a conexão aberta.")
        socket.end(Farewell(Close.DROPPED))

    def replace(self, device_id: str) -> None:
        """Tell the device that it is used elsewhere, and close."""
        socket = self._open.get(device_id)
        if socket is None:
            raise conflict("not_connected", "O dispositivo não está com a conexão aberta.")
        socket.end(Farewell(Close.REPLACED, {"type": "replaced"}))

    def set_conditions(self, device_id: str, fields: Fields) -> Json:
        """Change how things are for a device, and let it know."""
        conditions = self._conditions.setdefault(device_id, Conditions())
        frames = conditions.change(fields)
        socket = self._open.get(device_id)
        if socket and conditions.turns_away:
            socket.end(Farewell(_away_code(conditions), conditions.frame()))
        elif socket:
            for frame in frames:
                socket.reply(frame)
        return conditions.as_row()

    def _on_effect(self, effect: Effect) -> None:
        if isinstance(effect, EventsWaiting):
            socket = self._open.get(effect.device)
            if socket:
                socket.wake()
        elif isinstance(effect, DeviceGone):
            self._faults.forget(effect.device)
            self._conditions.pop(effect.device, None)
            socket = self._open.get(effect.device)
            if socket:
                socket.end(
                    Farewell(Close.NORMAL) if socket.is_leaving else Farewell(Close.LOGGED_OUT, UNLINKED)
                )

    # the life of a socket

    async def endpoint(self, websocket: WebSocket) -> None:
        """WS /gateway."""
        await websocket.accept()
        try:
            await self._serve(websocket)
        except WebSocketDisconnect:
            return
        except Refused as refusal:
            await _say_and_close(websocket, {"type": "error", **refusal.as_error()}, Close.BAD_FRAME)

    async def _serve(self, websocket: WebSocket) -> None:
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                hello = await receive_frame(websocket)
        except TimeoutError:
            await websocket.close(Close.NO_HELLO)
            return
        if hello.text("type", limit=100) != "hello":
            raise invalid("O primeiro quadro deve ser “hello”.")
        token = hello.optional_text("device", limit=TOKEN_LIMIT)
        name = hello.text("name", limit=NAME_LIMIT, default="").strip() or "Dispositivo"
        after = hello.integer("after", low=0, high=HIGHEST_SEQ, default=0)
        if token and self._network.was_unlinked(token):
            await _say_and_close(websocket, UNLINKED, Close.LOGGED_OUT)
            return
        device = self._network.device_with(token) if token else None
        if device:
            await self._run(websocket, device, after)
        else:
            await self._link(websocket, name)

    async def _run(self, websocket: WebSocket, device: Device, after: int, token: str | None = None) -> None:
        """Serve a linked device; ``token`` is given when it has only just been linked."""
        if not self._is_linked(device):
            await _say_and_close(websocket, UNLINKED, Close.LOGGED_OUT)
            return
        conditions = self._conditions.get(device.id, Conditions())
        if conditions.turns_away:
            await _say_and_close(websocket, conditions.frame(), _away_code(conditions))
            return
        socket = DeviceSocket(websocket, device, sent=self._network.resume_device(device, after))
        if token:
            socket.reply({"type": "paired", "device": token, **self._identity(device)})
        socket.reply({"type": "ready", **self._identity(device)})
        for frame in conditions.frames_at_start():
            socket.reply(frame)
        older = self._open.get(device.id)
        if older:
            older.end(Farewell(Close.REPLACED, {"type": "replaced"}))
        self._open[device.id] = socket
        self._tell_connection(device)
        try:
            await socket.run(self._on_frame)
        finally:
            if self._open.get(device.id) is socket:
                del self._open[device.id]
                self._tell_connection(device)

    def _identity(self, device: Device) -> Json:
        phone = self._network.phone(device.phone)
        return {"phone": number_of(device.phone), "name": phone.name, "lid": phone.lid}

    def _tell_connection(self, device: Device) -> None:
        for listener in self.connection_listeners:
            listener(device)

    # linking

    async def _link(self, websocket: WebSocket, name: str) -> None:
        """Show codes until one is scanned or typed, then serve the device that it made."""
        visit = LinkingVisit(websocket, self._desk, name)
        linked = await visit.run()
        if visit.has_left:
            return
        if linked:
            await self._run(websocket, linked.device, 0, linked.token)
        else:
            await _say_and_close(websocket, {"type": "qr_exhausted"}, Close.QR_EXHAUSTED)

    # frames of linked devices

    def _on_frame(self, socket: DeviceSocket, frame: Fields) -> None:
        kind = frame.choice("type", ("ack", "request"))
        if kind == "ack":
            self._network.ack_events(socket.device, frame.integer("seq", low=0, high=HIGHEST_SEQ))
        else:
            self._on_request(socket, frame)

    def _on_request(self, socket: DeviceSocket, frame: Fields) -> None:
        request_id = frame.integer("id", low=0, high=HIGHEST_SEQ)
        do = frame.text("do", limit=100)
        is_send = do in SENDS
        faults = self._faults.of(socket.device.id)
        refusal = self._refusal(socket.device, faults, frame) if is_send else None
        if refusal:
            self._reply(socket, request_id, {"ok": False, "error": refusal.as_error()})
            return
        if is_send and faults.take_duplicate():
            self._answer(socket, request_id, do, frame)
        seconds = faults.take_hang() if is_send else None
        if seconds:
            socket.reply_later(seconds, lambda: self._answer(socket, request_id, do, frame))
        else:
            self._answer(socket, request_id, do, frame)

    def _refusal(self, device: Device, faults: Faults, frame: Fields) -> Refused | None:
        """Why a send is not even tried."""
        planned = faults.take_refusal()
        if planned or not self._conditions.get(device.id, Conditions()).is_restricted:
            return planned
        message = frame.child("message")
        try:
            chat = message.text("to", limit=TOKEN_LIMIT) if message else frame.text("chat", limit=TOKEN_LIMIT)
            return _restriction() if self._network.is_new_chat(device.phone, chat) else None
        except Refused as refusal:
            return refusal

    def _answer(self, socket: DeviceSocket, request_id: int, do: str, frame: Fields) -> None:
        if not self._is_linked(socket.device):
            return
        socket.is_leaving = do == "logout"
        try:
            outcome: Json = {"ok": True, "result": self._answers.answer(socket.device, do, frame)}
        except Refused as refusal:
            outcome = {"ok": False, "error": refusal.as_error()}
        except OSError as error:
            # The journal could not keep it, so it did not happen; the device may try again.
            logger.error("A request was not kept: %s", error)
            failure = Refused("not_kept", "A rede não conseguiu guardar o pedido.", permanent=False)
            outcome = {"ok": False, "error": failure.as_error()}
        seconds = self._faults.of(socket.device.id).take_delay() if do in SENDS else None
        if seconds:
            socket.reply_later(seconds, lambda: self._reply(socket, request_id, outcome))
        else:
            self._reply(socket, request_id, outcome)

    def _reply(self, socket: DeviceSocket, request_id: int, outcome: Json) -> None:
        if not self._faults.of(socket.device.id).take_loss():
            socket.reply({"type": "response", "id": request_id, **outcome})

    def _is_linked(self, device: Device) -> bool:
        return self._network.state.devices.get(device.id) is device


def _away_code(conditions: Conditions) -> Close:
    return Close.OFFLINE if conditions.condition == OFFLINE else Close.TURNED_AWAY


def _restriction() -> Refused:
    """WhatsApp's own number for it, as nothing else tells a program what this is."""
    return Refused("463", "Este número não pode começar conversas por enquanto.")


async def _say_and_close(websocket: WebSocket, frame: Json, code: Close) -> None:
    await websocket.send_text(encode(frame))
    await websocket.close(code)
