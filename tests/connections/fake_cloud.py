"""Meta's Graph API in the tests: one number, its files, and a customer's phone at the far end."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from strict import StrictServer, Surprise, expect, holds

from connections.drivers.cloud import signature

NUMBER, ACCOUNT = "106540352242922", "102290129340398"
TOKEN, APP_SECRET, VERIFY = "EAAJtoken", "app-secret", "my-verify-token"
CUSTOMER = "5511987654321"
FILES = {"image", "video", "document", "audio", "sticker"}
ENVELOPE = {"messaging_product", "recipient_type", "to", "type", "biz_opaque_callback_data"}
serial = itertools.count(1)


class FakeCloud(StrictServer):
    def __init__(self, deliver: Any) -> None:
        super().__init__()
        self.deliver = deliver
        self.callback = ""
        self.subscribed = False
        self.delivered: list[dict[str, Any]] = []
        self.reads: list[dict[str, Any]] = []
        self.uploads: dict[str, bytes] = {}
        self.files: dict[str, tuple[bytes, str]] = {}
        self.shaken_hands: list[int] = []

    # --- requests -----------------------------------------------------------------------------

    async def answer(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return refuse(401, 190, "Error validating access token: the session has expired.")
        if request.url.path.startswith("/files/"):
            content, _mime = self.files[request.url.path.removeprefix("/files/")]
            return Response(content, media_type="application/octet-stream")
        version, _slash, node = request.url.path.strip("/").partition("/")
        expect(version == "v23.0", f"version {version}")
        routes = {
            f"GET {NUMBER}": self._number,
            f"POST {NUMBER}": self._set_callback,
            f"POST {ACCOUNT}/subscribed_apps": self._subscribe,
            f"POST {NUMBER}/messages": self._message,
            f"POST {NUMBER}/media": self._upload,
        }
        verb = f"{request.method} {node}"
        if verb in routes:
            return await routes[verb](request)
        if request.method == "GET" and node in self.files:
            return self._where(request, node)
        return refuse(400, 100, f"Unsupported request: {verb}")

    async def _number(self, request: Request) -> Response:
        fields = request.query_params["fields"].split(",")
        known = {"id": NUMBER, "display_phone_number": "+55 11 90000-0001", "verified_name": "Loja Acme"}
        return JSONResponse({"id": NUMBER, **{field: known[field] for field in fields}})

    async def _subscribe(self, request: Request) -> Response:
        expect(not await request.body(), "no body")
        self.subscribed = True
        return JSONResponse({"success": True})

    async def _set_callback(self, request: Request) -> Response:
        body = holds(await request.json(), {"webhook_configuration"})["webhook_configuration"]
        holds(body, {"override_callback_uri"}, {"verify_token"})
        self.callback = body["override_callback_uri"]
        if self.callback:
            expect(body["verify_token"] == VERIFY, "the verify token goes with the address")
            expect(len(self.callback) <= 200, "at most 200 characters")
        return JSONResponse({"success": True})

    async def _message(self, request: Request) -> Response:
        body = await request.json()
        expect(body.get("messaging_product") == "whatsapp", "messaging_product")
        if body.get("status") == "read":
            holds(body, {"messaging_product", "status", "message_id"}, {"typing_indicator"})
            expect(body["message_id"].startswith("wamid."), "a wamid")
            expect(body.get("typing_indicator") in (None, {"type": "text"}), "typing_indicator")
            self.reads.append(body)
            return JSONResponse({"success": True})
        return self._send(body)

    def _send(self, body: dict[str, Any]) -> Response:
        kind = body["type"]
        holds(body, ENVELOPE | {kind}, {"context"})
        expect(body["recipient_type"] == "individual", "recipient_type")
        expect(body["to"].isdigit(), "digits")
        expect(len(body["biz_opaque_callback_data"]) == 32, "our reference")
        if "context" in body:
            expect(holds(body["context"], {"message_id"})["message_id"].startswith("wamid."), "a wamid")
        self._check(kind, body[kind])
        if body["to"] != CUSTOMER:
            return refuse(400, 131026, "Message undeliverable")
        wamid = new_wamid()
        self.delivered.append({**body, "id": wamid})
        told = {"contacts": [{"input": body["to"], "wa_id": body["to"]}], "messages": [{"id": wamid}]}
        return JSONResponse({"messaging_product": "whatsapp", **told})

    def _check(self, kind: str, part: Any) -> None:
        match kind:
            case "text":
                expect(holds(part, {"body", "preview_url"})["preview_url"] is False, "preview_url")
            case "location":
                holds(part, {"latitude", "longitude"}, {"name", "address"})
            case "contacts":
                for card in part:
                    holds(holds(card, {"name", "phones"})["name"], {"formatted_name", "first_name"})
                    for phone in card["phones"]:
                        holds(phone, {"phone", "wa_id", "type"})
            case "reaction":
                expect(holds(part, {"message_id", "emoji"})["message_id"].startswith("wamid."), "a wamid")
            case "template":
                holds(holds(part, {"name", "language"}, {"components"})["language"], {"code"})
            case _ if kind in FILES:
                allowed = {"image": {"caption"}, "video": {"caption"}, "audio": {"voice"}}
                extra = {"document": {"caption", "filename"}, **allowed}.get(kind, set())
                expect(holds(part, {"id"}, extra)["id"] in self.uploads, "a file that was uploaded")
            case _:
                raise Surprise(f"type {kind}")

    async def _upload(self, request: Request) -> Response:
        expect(request.headers["content-type"].startswith("multipart/form-data"), "a form")
        form = holds(dict(await request.form()), {"messaging_product", "type", "file"})
        expect(form["file"].content_type == form["type"], "the type is told twice alike")
        media_id = str(1_000_000 + next(serial))
        self.uploads[media_id] = await form["file"].read()
        return JSONResponse({"id": media_id})

    def _where(self, request: Request, media_id: str) -> Response:
        expect(request.query_params["phone_number_id"] == NUMBER, "whose file it is")
        content, mime = self.files[media_id]
        seen = hashlib.sha256(content).hexdigest()
        told = {"url": f"{self.url}/files/{media_id}", "mime_type": mime, "sha256": seen}
        size = {"file_size": len(content), "id": media_id, "messaging_product": "whatsapp"}
        return JSONResponse({**told, **size})

    # --- what it posts ------------------------------------------------------------------------

    async def posts(self, value: dict[str, Any], *, field: str = "messages", number: str = NUMBER) -> int:
        """Post a change, signed; the status that came back."""
        metadata = {"display_phone_number": "5511900000001", "phone_number_id": number}
        value = {"messaging_product": "whatsapp", "metadata": metadata, **value}
        return await self.posts_body(
            {
                "object": "whatsapp_business_account",
                "entry": [{"id": ACCOUNT, "changes": [{"value": value, "field": field}]}],
            }
        )

    async def posts_body(self, body: Any) -> int:
        raw = json.dumps(body).encode()
        header = {signature.HEADER: signature.sign(APP_SECRET, raw)}
        status: int = await self.deliver(self.callback, raw, header)
        return status

    async def customer_writes(self, message: dict[str, Any], **more: Any) -> str:
        wamid = new_wamid()
        told = {"from": CUSTOMER, "id": wamid, "timestamp": str(int(time.time())), **message}
        contacts = [{"profile": {"name": "Maria"}, "wa_id": CUSTOMER}]
        await self.posts({"contacts": contacts, "messages": [told]}, **more)
        return wamid

    async def reports(self, sent: dict[str, Any], status: str, **more: Any) -> None:
        """A status of a message that we sent."""
        told = {
            "id": sent["id"],
            "status": status,
            "timestamp": str(int(time.time())),
            "recipient_id": CUSTOMER,
            "biz_opaque_callback_data": sent["biz_opaque_callback_data"],
        }
        await self.posts({"statuses": [{**told, **more}]})


def new_wamid() -> str:
    return f"wamid.HBgNNTUxMTk4NzY1NDMyMRUCABIYIDNBRTJCMDlDNEQ1RTZGN0E4{next(serial):016X}AA=="


def refuse(status: int, code: int, message: str) -> Response:
    error = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code}
    details = {"error_data": {"messaging_product": "whatsapp", "details": message}, "fbtrace_id": "A"}
    return JSONResponse({"error": {**error, **details}}, status_code=status)
