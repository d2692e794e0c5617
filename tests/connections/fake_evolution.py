"""Evolution API v2 in the tests: one server, its instances, and a customer's phone at the far end."""

from __future__ import annotations

import base64
import itertools
import time
import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from strict import StrictServer, Surprise, expect, holds

GLOBAL_KEY = "global-key-of-the-server"
OURS = "5511900000001@s.whatsapp.net"
serial = itertools.count(1)
EVENTS = {
    "QRCODE_UPDATED", "CONNECTION_UPDATE", "MESSAGES_UPSERT", "MESSAGES_EDITED", "MESSAGES_UPDATE",
    "MESSAGES_DELETE", "PRESENCE_UPDATE", "CALL", "LOGOUT_INSTANCE", "REMOVE_INSTANCE",
}  # fmt: skip
CREATE = {
    "instanceName", "integration", "qrcode", "rejectCall", "groupsIgnore", "alwaysOnline", "readMessages",
    "readStatus", "syncFullHistory", "webhook",
}  # fmt: skip
WEBHOOK = {"enabled", "url", "headers", "byEvents", "base64", "events"}
KIND_OF_MEDIA = {
    "image": "imageMessage",
    "video": "videoMessage",
    "document": "documentMessage",
    "audio": "audioMessage",
}


class Instance:
    def __init__(self, name: str, webhook: dict[str, Any], number: str | None) -> None:
        self.name, self.webhook, self.number = name, webhook, number
        self.token = uuid.uuid4().hex.upper()
        self.id = str(uuid.uuid4())
        self.state = "connecting"
        self.codes = 0
        self.code = ""


class FakeEvolution(StrictServer):
    def __init__(self, deliver: Any) -> None:
        super().__init__()
        self.deliver = deliver
        self.instances: dict[str, Instance] = {}
        self.records: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.delivered: list[dict[str, Any]] = []
        self.numbers = {"5511987654321"}
        self.presences: list[dict[str, Any]] = []
        self.reads: list[dict[str, Any]] = []
        self.shows_stale_codes = False
        self.picture_address: str | None = None

    # --- requests -----------------------------------------------------------------------------

    async def answer(self, request: Request) -> Response:
        parts = request.url.path.strip("/").split("/")
        verb = f"{request.method} /{'/'.join(parts[:2])}"
        if verb == "POST /instance/create":
            return await self._create(request)
        if verb == "GET /pictures/maria.jpg":
            expect("apikey" not in request.headers, "pictures lie with WhatsApp: no key goes there")
            return Response(b"\xff\xd8\xff", media_type="image/jpeg")
        if verb == "GET /instance/fetchInstances":
            return self._fetch(request)
        expect(len(parts) == 3, f"no such route: {request.url.path}")
        instance = self.instances.get(parts[2])
        if instance is None:
            return say(404, f'The "{parts[2]}" instance does not exist')
        if request.headers.get("apikey") not in (GLOBAL_KEY, instance.token):
            return say(401, "Unauthorized")
        routes = {
            "GET /instance/connect": self._connect,
            "GET /instance/connectionState": self._state,
            "POST /instance/restart": self._restart,
            "DELETE /instance/logout": self._log_out,
            "DELETE /instance/delete": self._delete,
            "POST /webhook/set": self._set_webhook,
            "POST /message/sendText": self._send_text,
            "POST /message/sendMedia": self._send_media,
            "POST /message/sendWhatsAppAudio": self._send_audio,
            "POST /message/sendSticker": self._send_sticker,
            "POST /message/sendLocation": self._send_location,
            "POST /message/sendContact": self._send_contact,
            "POST /message/sendReaction": self._react,
            "POST /chat/updateMessage": self._edit,
            "DELETE /chat/deleteMessageForEveryone": self._take_back,
            "POST /chat/markMessageAsRead": self._read,
            "POST /chat/sendPresence": self._presence,
            "POST /chat/whatsappNumbers": self._look_up,
            "POST /chat/findMessages": self._find,
            "POST /chat/fetchProfilePictureUrl": self._picture,
            "POST /chat/getBase64FromMediaMessage": self._file,
        }
        if verb not in routes:
            raise Surprise(f"no such route: {verb}")
        if verb.startswith("POST /message/") or verb.startswith("POST /chat/send"):
            expect(request.headers["apikey"] == instance.token, "sends go out with the instance's own token")
            if instance.state != "open":
                return say(500, "Connection Closed")
        return await routes[verb](request, instance)

    async def _create(self, request: Request) -> Response:
        if request.headers.get("apikey") != GLOBAL_KEY:
            return say(401, "Unauthorized")
        body = holds(await request.json(), CREATE, {"number"})
        expect(body["integration"] == "WHATSAPP-BAILEYS", "integration")
        self._check_webhook(body["webhook"])
        name = body["instanceName"]
        if name in self.instances:
            return JSONResponse(
                {
                    "status": 403,
                    "error": "Forbidden",
                    "response": {"message": [f'This name "{name}" is already in use.']},
                },
                status_code=403,
            )
        self.instances[name] = instance = Instance(name, body["webhook"], body.get("number"))
        told = {"instanceName": name, "instanceId": instance.id, "integration": body["integration"]}
        return JSONResponse(
            {
                "instance": {**told, "status": "connecting"},
                "hash": instance.token,
                "webhook": {"webhookUrl": body["webhook"]["url"]},
                "settings": {},
                "qrcode": self._new_code(instance),
            },
            status_code=201,
        )

    def _check_webhook(self, webhook: Any) -> None:
        holds(webhook, WEBHOOK)
        expect(webhook["enabled"] is True and webhook["byEvents"] is False, "one address for all events")
        expect(webhook["base64"] is False, "files are fetched, not posted")
        expect(set(webhook["events"]) <= EVENTS, f"events {webhook['events']}")

    def _new_code(self, instance: Instance) -> dict[str, Any]:
        instance.codes += 1
        instance.code = f"2@{uuid.uuid4().hex}"
        letters = f"WZYE{instance.codes:04}" if instance.number else None
        code = {"pairingCode": letters, "code": instance.code, "base64": "data:image/png;base64,iVBOR"}
        return {**code, "count": instance.codes}

    def _fetch(self, request: Request) -> Response:
        expect(set(request.query_params) == {"instanceName"}, "one instance is asked for")
        instance = self.instances.get(request.query_params["instanceName"])
        if instance is None:
            return say(404, 'The "x" instance does not exist')
        is_open = instance.state == "open"
        row = {"id": instance.id, "name": instance.name, "connectionStatus": instance.state}
        mine = {"ownerJid": OURS if is_open else None, "profileName": "Loja Acme" if is_open else None}
        return JSONResponse([{**row, **mine, "integration": "WHATSAPP-BAILEYS", "token": None}])

    async def _connect(self, request: Request, instance: Instance) -> Response:
        expect(set(request.query_params) <= {"number"}, "only a number")
        if instance.state == "open":
            return JSONResponse({"instance": {"instanceName": instance.name, "state": "open"}})
        if instance.state == "close" and instance.code and not self.shows_stale_codes:
            return JSONResponse(self._new_code(instance))
        if instance.code:
            return JSONResponse({"pairingCode": None, "code": instance.code, "base64": "", "count": 1})
        return JSONResponse({"count": 0})

    async def _state(self, request: Request, instance: Instance) -> Response:
        return JSONResponse({"instance": {"instanceName": instance.name, "state": instance.state}})

    async def _restart(self, request: Request, instance: Instance) -> Response:
        if instance.state != "open":
            return JSONResponse({"error": True, "message": "The instance is not connected"})
        return JSONResponse({"instance": {"instanceName": instance.name, "state": "open"}})

    async def _log_out(self, request: Request, instance: Instance) -> Response:
        if instance.state == "close":
            return say(400, f'The "{instance.name}" instance is not connected')
        instance.state = "close"
        return JSONResponse(
            {"status": "SUCCESS", "error": False, "response": {"message": "Instance logged out"}}
        )

    async def _delete(self, request: Request, instance: Instance) -> Response:
        expect(request.headers["apikey"] == GLOBAL_KEY, "only the global key deletes")
        del self.instances[instance.name]
        return JSONResponse(
            {"status": "SUCCESS", "error": False, "response": {"message": "Instance deleted"}}
        )

    async def _set_webhook(self, request: Request, instance: Instance) -> Response:
        body = holds(await request.json(), {"webhook"})
        self._check_webhook(body["webhook"])
        instance.webhook = body["webhook"]
        return JSONResponse({"enabled": True, "url": instance.webhook["url"]}, status_code=201)

    # --- sending ------------------------------------------------------------------------------

    async def _send_text(self, request: Request, instance: Instance) -> Response:
        body = holds(await request.json(), {"number", "text", "linkPreview"}, {"quoted"})
        expect(body["linkPreview"] is False, "no third party learns what is linked to")
        message = {"conversation": body["text"]}
        return self._sent(body["number"], "conversation", message, body.get("quoted"))

    async def _send_location(self, request: Request, instance: Instance) -> Response:
        body = holds(await request.json(), {"number", "latitude", "longitude", "name", "address"}, {"quoted"})
        place = {"degreesLatitude": body["latitude"], "degreesLongitude": body["longitude"]}
        place |= {"name": body["name"], "address": body["address"]}
        return self._sent(body["number"], "locationMessage", {"locationMessage": place}, body.get("quoted"))

    async def _send_contact(self, request: Request, instance: Instance) -> Response:
        body = holds(await request.json(), {"number", "contact"}, {"quoted"})
        (card,) = body["contact"]
        holds(card, {"fullName", "wuid", "phoneNumber"})
        expect(card["wuid"].isdigit(), "wuid is digits")
        message = {"contactMessage": {"displayName": card["fullName"], "vcard": f"FN:{card['fullName']}"}}
        return self._sent(body["number"], "contactMessage", message, body.get("quoted"))

    async def _send_media(self, request: Request, instance: Instance) -> Response:
        fields = {"number", "mediatype", "mimetype", "caption", "fileName", "file"}
        form = await self._form(request, fields)
        part = KIND_OF_MEDIA[form["mediatype"]]
        media = {"mimetype": form["mimetype"], "caption": form["caption"], "fileName": form["fileName"]}
        return self._sent_file(form, part, media)

    async def _send_audio(self, request: Request, instance: Instance) -> Response:
        form = await self._form(request, {"number", "file"})
        return self._sent_file(form, "audioMessage", {"mimetype": "audio/ogg; codecs=opus", "ptt": True})

    async def _send_sticker(self, request: Request, instance: Instance) -> Response:
        form = await self._form(request, {"number", "file"})
        return self._sent_file(form, "stickerMessage", {"mimetype": "image/webp"})

    async def _form(self, request: Request, fields: set[str]) -> dict[str, Any]:
        expect(
            request.headers["content-type"].startswith("multipart/form-data"), "a form with the file in it"
        )
        form = await request.form()
        found = dict(holds(dict(form), fields, {"quoted[key][id]"}))
        found["file"] = await found["file"].read()
        return found

    def _sent_file(self, form: dict[str, Any], part: str, media: dict[str, Any]) -> Response:
        media = {**media, "fileLength": {"low": len(form["file"]), "high": 0, "unsigned": True}}
        quoted = form.get("quoted[key][id]")
        return self._sent(
            form["number"], part, {part: media}, {"key": {"id": quoted}} if quoted else None, form["file"]
        )

    def _sent(
        self, number: str, kind: str, message: dict[str, Any], quoted: Any, file: bytes | None = None
    ) -> Response:
        if quoted is not None:
            holds(quoted, {"key"})
            expect(quoted["key"]["id"], "what is quoted has an id")
        digits = number.split("@")[0]
        if digits not in self.numbers and "@" not in number:
            said = [[{"jid": f"{digits}@s.whatsapp.net", "exists": False, "number": digits}]]
            return JSONResponse(
                {"status": 400, "error": "Bad Request", "response": {"message": said[0]}}, status_code=400
            )
        jid = number if "@" in number else f"{number}@s.whatsapp.net"
        record = self.record(jid, True, kind, message, quoted=quoted["key"]["id"] if quoted else None)
        self.delivered.append(record)
        if file is not None:
            self.files[record["key"]["id"]] = file
        return JSONResponse({**record, "status": "PENDING"}, status_code=201)

    async def _react(self, request: Request, instance: Instance) -> Response:
        body = holds(await request.json(), {"key", "reaction"})
        holds(body["key"], {"remoteJid", "fromMe", "id"})
        self.delivered.append({"messageType": "reaction", **body})
        return JSONResponse({"key": body["key"], "status": "PENDING"}, status_code=201)

    async def _edit(self, request: Request, instance: Instance) -> Response:
        body = holds(await request.json(), {"number", "text", "key"})
        expect(body["key"]["fromMe"] is True, "only our own messages")
        self.delivered.append({"messageType": "edit", **body})
        return JSONResponse({"key": body["key"]})

    async def _take_back(self, request: Request, instance: Instance) -> Response:
        body = holds(await request.json(), {"id", "remoteJid", "fromMe"})
        self.delivered.append({"messageType": "deletion", **body})
        return JSONResponse({"key": body}, status_code=201)

    async def _read(self, request: Request, instance: Instance) -> Response:
        body = holds(await request.json(), {"readMessages"})
        for key in body["readMessages"]:
            holds(key, {"remoteJid", "fromMe", "id"})
        self.reads += body["readMessages"]
        return JSONResponse({"message": "Read messages", "read": "success"}, status_code=201)

    async def _presence(self, request: Request, instance: Instance) -> Response:
        body = holds(await request.json(), {"number", "presence", "delay"})
        expect(body["presence"] in ("composing", "recording", "paused"), "presence")
        expect(isinstance(body["delay"], int), "delay")
        self.presences.append(body)
        return JSONResponse({"presence": body["presence"]}, status_code=201)

    async def _look_up(self, request: Request, instance: Instance) -> Response:
        body = holds(await request.json(), {"numbers"})
        return JSONResponse(
            [
                {
                    "jid": f"{number}@s.whatsapp.net",
                    "exists": number in self.numbers,
                    "number": number,
                    "name": "Maria",
                    "lid": "7001@lid" if number in self.numbers else "",
                }
                for number in body["numbers"]
            ]
        )

    # --- what is remembered -------------------------------------------------------------------

    async def _picture(self, request: Request, instance: Instance) -> Response:
        body = holds(await request.json(), {"number"})
        return JSONResponse(
            {"wuid": f"{body['number']}@s.whatsapp.net", "profilePictureUrl": self.picture_address}
        )

    async def _find(self, request: Request, instance: Instance) -> Response:
        body = holds(await request.json(), {"where", "page", "offset"})
        where = holds(body["where"], {"messageTimestamp"}, {"key"})
        span = holds(where["messageTimestamp"], {"gte", "lte"})
        expect(all(moment.endswith("Z") for moment in span.values()), "moments in UTC")
        first, last = (_seconds(span[name]) for name in ("gte", "lte"))
        jid = where.get("key", {}).get("remoteJid")
        rows = [
            record
            for record in reversed(self.records)
            if first <= record["messageTimestamp"] <= last and jid in (None, record["key"]["remoteJid"])
        ]
        size, page = body["offset"], body["page"]
        told = rows[(page - 1) * size : page * size]
        messages = {"total": len(rows), "pages": -(-len(rows) // size), "currentPage": page, "records": told}
        return JSONResponse({"messages": messages})

    async def _file(self, request: Request, instance: Instance) -> Response:
        body = holds(await request.json(), {"message", "convertToMp4"})
        file = self.files.get(body["message"]["key"]["id"])
        if file is None:
            return say(400, "Message not found")
        told = {"mediaType": "imageMessage", "fileName": "a.png", "mimetype": "image/png"}
        coded = base64.b64encode(file).decode()
        return JSONResponse({**told, "base64": coded, "buffer": None}, status_code=201)

    def record(
        self,
        jid: str,
        from_me: bool,
        kind: str,
        message: dict[str, Any],
        *,
        quoted: str | None = None,
        at: int | None = None,
        source: str = "web",
    ) -> dict[str, Any]:
        """A message as the server keeps it."""
        record = {
            "id": str(uuid.uuid4()),
            "key": {"id": f"3EB0{next(serial):016X}", "fromMe": from_me, "remoteJid": jid},
            "pushName": "" if from_me else "Maria",
            "messageType": kind,
            "message": message,
            "messageTimestamp": at or int(time.time()),
            "instanceId": "i",
            "source": source,
            "contextInfo": {"stanzaId": quoted} if quoted else None,
        }
        self.records.append(record)
        return record

    # --- what it posts ------------------------------------------------------------------------

    @property
    def instance(self) -> Instance:
        (instance,) = self.instances.values()
        return instance

    async def posts(self, event: str, data: Any, **change: Any) -> int:
        """Post an event to whoever made the instance; the status that came back."""
        instance = self.instance
        body = {
            "event": event,
            "instance": instance.name,
            "data": data,
            "destination": instance.webhook["url"],
            "date_time": f"2026-11-25T10:00:00.{next(serial):06}Z",
            "sender": OURS,
            "server_url": self.url,
            "apikey": instance.token,
            **change,
        }
        status: int = await self.deliver(instance.webhook["url"], body, instance.webhook["headers"])
        return status

    async def phone_scans(self, *, posting: bool = True) -> None:
        self.instance.state, self.instance.code = "open", ""
        if posting:
            me = {"wuid": OURS, "profileName": "Loja Acme", "profilePictureUrl": None}
            await self.posts(
                "connection.update",
                {"instance": self.instance.name, "state": "open", "statusReason": 200, **me},
            )

    async def customer_writes(
        self, message: dict[str, Any], kind: str = "conversation", file: bytes | None = None, **more: Any
    ) -> str:
        record = self.record("5511987654321@s.whatsapp.net", False, kind, message, source="android", **more)
        if file is not None:
            self.files[record["key"]["id"]] = file
        await self.posts("messages.upsert", {**record, "status": "DELIVERY_ACK"})
        return str(record["key"]["id"])


def say(code: int, *words: str) -> Response:
    reasons = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 500: "Internal Server Error"}
    body = {"status": code, "error": reasons[code], "response": {"message": list(words)}}
    return JSONResponse(body, status_code=code)


def _seconds(moment: str) -> int:
    from datetime import datetime

    return int(datetime.fromisoformat(moment).timestamp())
