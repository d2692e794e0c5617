"""The control API: whoever has the phones in hand (the page, tests, benches) acts through it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator import views
from simulator.drafts import EMOJI_LIMIT, ID_LIMIT, TEXT_LIMIT, draft_of_page
from simulator.errors import invalid
from simulator.gateway import Gateway
from simulator.media import BLOCK, MediaShelf, row
from simulator.model import ADDRESSES, Chat, Message, Phone
from simulator.network import Network
from simulator.replies import fields_of, json_response
from simulator.values import ACTIVITIES, Fields, digits_of, peer_of

NAME_LIMIT = 60
NUMBER_LIMIT = 40
PAGE_SIZE = 1000


class Control:
    """The handlers of the control API."""

    def __init__(
        self,
        network: Network,
        gateway: Gateway,
        shelf: MediaShelf,
    ) -> None:
        self._network = network
        self._gateway = gateway
        self._shelf = shelf

    def routes(self) -> list[Route]:
        """All addresses below /api except the live socket."""
        phone = "/api/phones/{number}"
        return [
            Route("/api/healthz", self.health),
            Route("/api/phones", self.list_phones),
            Route("/api/phones", self.add_phone, methods=["POST"]),
            Route(phone, self.show_phone),
            Route(phone, self.change_phone, methods=["PATCH"]),
            Route(phone, self.remove_phone, methods=["DELETE"]),
            Route(f"{phone}/chats", self.list_chats),
            Route(f"{phone}/chats/{{other}}/messages", self.list_messages),
            Route(f"{phone}/messages", self.send, methods=["POST"]),
            Route(f"{phone}/messages/{{message_id}}", self.edit, methods=["PATCH"]),
            Route(f"{phone}/messages/{{message_id}}", self.revoke, methods=["DELETE"]),
            Route(f"{phone}/reactions", self.react, methods=["POST"]),
            Route(f"{phone}/typing", self.type, methods=["POST"]),
            Route(f"{phone}/read", self.read, methods=["POST"]),
            Route(f"{phone}/played", self.play, methods=["POST"]),
            Route(f"{phone}/media", self.upload, methods=["POST"]),
        ]

    async def health(self, request: Request) -> Response:
        """GET /api/healthz."""
        state = self._network.state
        return json_response(
            {
                "status": "ok",
                "phones": len(state.phones),
                "devices": len(state.devices),
                "connected": self._gateway.connected_count,
            }
        )

    # phones

    async def list_phones(self, request: Request) -> Response:
        """GET /api/phones."""
        phones = self._network.state.phones.values()
        return json_response({"results": [views.phone_row(phone) for phone in phones]})

    async def add_phone(self, request: Request) -> Response:
        """POST /api/phones {number, name}."""
        fields = await fields_of(request)
        phone = self._network.add_phone(_number_in(fields, "number"), _name_in(fields))
        return json_response(views.phone_row(phone), status=201)

    async def show_phone(self, request: Request) -> Response:
        """GET /api/phones/{number}."""
        return self._phone_answer(_digits(request))

    async def change_phone(self, request: Request) -> Response:
        """PATCH /api/phones/{number} {online?, name?, address?, picture?}."""
        digits, fields = _digits(request), await fields_of(request)
        name = _name_in(fields) if fields.has("name") else None
        is_online = fields.flag("online") if fields.has("online") else None
        address = fields.choice("address", ADDRESSES) if fields.has("address") else None
        picture = fields.optional_text("picture", limit=ID_LIMIT)
        self._network.show_phone(digits, address=address, picture=picture)
        if name is not None:
            self._network.rename_phone(digits, name)
        if is_online is not None:
            self._network.switch_phone(digits, is_online=is_online)
        return self._phone_answer(digits)

    async def remove_phone(self, request: Request) -> Response:
        """DELETE /api/phones/{number}."""
        self._network.remove_phone(_digits(request))
        return Response(status_code=204)

    def _phone_answer(self, digits: str) -> Response:
        return json_response(views.phone_row(self._network.phone(digits)))

    # chats and messages

    async def list_chats(self, request: Request) -> Response:
        """GET …/chats: newest first."""
        phone = self._network.phone(_digits(request))
        rows = [views.chat_row(self._network.state, phone, chat) for chat in phone.chats.values()]
        shown = [row for row in rows if row["last_message"]]
        shown.sort(key=lambda row: row["last_message"]["serial"], reverse=True)
        return json_response({"results": shown})

    async def list_messages(self, request: Request) -> Response:
        """GET …/chats/{other}/messages?limit=&before=<id>: oldest first; ``next`` goes back."""
        digits = _digits(request)
        phone = self._network.phone(digits)
        chat = phone.chats.get(peer_of(request.path_params["other"]))
        limit = _limit_in(request)
        before = request.query_params.get("before")
        found = _newest(phone, chat, before, limit + 1) if chat else []
        rows = [views.message_row(self._network.state, item, me=digits) for item in found[-limit:]]
        has_more = len(found) > limit
        return json_response({"results": rows, "next": rows[0]["id"] if has_more else None})

    async def send(self, request: Request) -> Response:
        """POST …/messages {to, kind, text, quoted_id, media_id, location}."""
        digits = _digits(request)
        draft = draft_of_page(self._network, digits, await fields_of(request))
        return self._message_answer(self._network.send(digits, draft), digits, status=201)

    async def edit(self, request: Request) -> Response:
        """PATCH …/messages/{id} {to, text}."""
        digits, fields = _digits(request), await fields_of(request)
        text = fields.text("text", limit=TEXT_LIMIT)
        message_id = request.path_params["message_id"]
        message = self._network.edit(digits, _peer_in(fields, "to"), message_id, text)
        return self._message_answer(message, digits)

    async def revoke(self, request: Request) -> Response:
        """DELETE …/messages/{id}: for everyone."""
        digits = _digits(request)
        message = self._network.revoke(digits, request.path_params["message_id"])
        return self._message_answer(message, digits)

    async def react(self, request: Request) -> Response:
        """POST …/reactions {to, target_id, emoji}; an empty emoji removes."""
        digits, fields = _digits(request), await fields_of(request)
        target_id = fields.text("target_id", limit=ID_LIMIT)
        emoji = fields.text("emoji", limit=EMOJI_LIMIT).strip()
        message = self._network.react(digits, _peer_in(fields, "to"), target_id, emoji)
        return self._message_answer(message, digits)

    async def type(self, request: Request) -> Response:
        """POST …/typing {to, activity}."""
        digits, fields = _digits(request), await fields_of(request)
        self._network.online_phone(digits)
        activity = fields.choice("activity", ACTIVITIES)
        self._gateway.tell_typing(digits, _peer_in(fields, "to"), activity)
        return Response(status_code=204)

    async def read(self, request: Request) -> Response:
        """POST …/read {to}: the person opened the chat."""
        digits, fields = _digits(request), await fields_of(request)
        return json_response({"ids": self._network.read(digits, _peer_in(fields, "to"))})

    async def play(self, request: Request) -> Response:
        """POST …/played {to, id}: the person listened to a voice note."""
        digits, fields = _digits(request), await fields_of(request)
        message_id = fields.text("id", limit=ID_LIMIT)
        message = self._network.play(digits, _peer_in(fields, "to"), message_id)
        return self._message_answer(message, digits)

    def _message_answer(self, message: Message, digits: str, *, status: int = 200) -> Response:
        row = views.message_row(self._network.state, message, me=digits)
        return json_response(row, status=status)

    async def upload(self, request: Request) -> Response:
        """POST …/media: the file as the raw body (named by X-File-Name) or as a form's ``file``."""
        digits = _digits(request)
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            return json_response(row(await self._shelf.keep_body(digits, request)), status=201)
        async with request.form(max_files=1, max_fields=10) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise invalid("Falta o arquivo no campo “file”.")
            media = await self._shelf.keep(
                digits, _blocks(file), mime=file.content_type or "", name=file.filename or ""
            )
        return json_response(row(media), status=201)


def _digits(request: Request) -> str:
    return digits_of(request.path_params["number"])


def _number_in(fields: Fields, name: str) -> str:
    return digits_of(fields.text(name, limit=NUMBER_LIMIT))


def _peer_in(fields: Fields, name: str) -> str:
    return peer_of(fields.text(name, limit=NUMBER_LIMIT))


def _name_in(fields: Fields) -> str:
    name = fields.text("name", limit=NAME_LIMIT).strip()
    if not name:
        raise invalid("O campo “name” não pode ficar vazio.")
    return name


def _limit_in(request: Request) -> int:
    text = request.query_params.get("limit", str(PAGE_SIZE))
    if not text.isdecimal() or not 1 <= int(text) <= PAGE_SIZE:
        raise invalid(f"“limit” deve ser um número de 1 a {PAGE_SIZE}.")
    return int(text)


def _newest(phone: Phone, chat: Chat, before: str | None, most: int) -> list[Message]:
    """The newest messages of a chat (older than ``before``, where given), oldest first."""
    is_past = before is None
    found: list[Message] = []
    for message in reversed(chat.messages.values()):
        if is_past and phone.sees(message):
            found.append(message)
            if len(found) == most:
                break
        elif message.id == before:
            is_past = True
    return found[::-1]


async def _blocks(file: UploadFile) -> AsyncIterator[bytes]:
    while block := await file.read(BLOCK):
        yield block
