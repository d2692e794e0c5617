"""Our commands as calls to Meta."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connections import wire
from connections.drivers.base import DriverError, NotSupported
from connections.drivers.cloud.api import GraphAPI
from connections.drivers.cloud.names import address_of, id_of, wamid_of
from connections.files import full_path
from connections.models import Outbound

# Our kinds → Meta's types of files, and whether words may stand below them.
FILES = {
    "image": ("image", True),
    "video": ("video", True),
    "document": ("document", True),
    "audio": ("audio", False),
    "voice": ("audio", False),
    "sticker": ("sticker", False),
}


class Sender:
    """`node`: the phone number's own."""

    def __init__(self, api: GraphAPI, phone_number_id: str) -> None:
        self.api, self.node = api, phone_number_id

    async def carry_out(self, outbound: Outbound) -> wire.Sent:
        """Raises DriverError. Only what must not be done twice can be `is_unknown`."""
        match outbound.kind:
            case "message":
                return await self._send(outbound, await self._content(outbound.payload))
            case "reaction":
                target = wamid_of(outbound.payload["target_id"])
                reaction = {"message_id": target, "emoji": outbound.payload["emoji"]}
                await self._say(outbound, {"type": "reaction", "reaction": reaction}, may_repeat=True)
            case "read":
                if ids := outbound.payload["ids"]:
                    await self.mark_read(ids[-1])  # and with it all that came before
            case other:
                raise NotSupported(other)
        return wire.Sent(wa_id="")

    async def mark_read(self, message_id: str, **more: Any) -> None:
        mark = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid_of(message_id)}
        await self.api.call("POST", f"{self.node}/messages", {**mark, **more})

    async def _send(self, outbound: Outbound, content: Mapping[str, Any]) -> wire.Sent:
        answer = await self._say(outbound, content, may_repeat=False)
        try:
            return wire.Sent(wa_id=id_of(answer["messages"][0]["id"]))
        except (KeyError, IndexError, TypeError, ValueError) as odd:
            raise DriverError("gateway_error", "no id", permanent=False, is_unknown=True) from odd

    async def _say(
        self, outbound: Outbound, content: Mapping[str, Any], *, may_repeat: bool
    ) -> dict[str, Any]:
        """With our reference, which comes back with every status: so a send in doubt is found again."""
        quoted = outbound.payload.get("quoted_id")
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            **address_of(outbound.chat),
            "biz_opaque_callback_data": reference_of(outbound),
            **({"context": {"message_id": wamid_of(quoted)}} if quoted else {}),
            **content,
        }
        return await self.api.call("POST", f"{self.node}/messages", body, may_repeat=may_repeat)

    async def _content(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        if payload["kind"] == "template":
            return {"type": "template", "template": _template(payload["template"])}
        if payload.get("media"):
            return await self._file(payload)
        if payload.get("place"):
            return {"type": "location", "location": _place(payload["place"])}
        if payload.get("contact"):
            return {"type": "contacts", "contacts": [_card(payload["contact"])]}
        return {"type": "text", "text": {"body": payload["text"], "preview_url": False}}

    async def _file(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        media, text = payload["media"], payload["text"]
        kind, has_caption = FILES.get(payload["kind"], FILES["document"])
        told: dict[str, Any] = {"id": await self._upload(media)}
        if text and has_caption:
            told["caption"] = text
        if kind == "document":
            told["filename"] = media["name"]
        if payload["kind"] == "voice":
            told["voice"] = True
        return {"type": kind, kind: told}

    async def _upload(self, media: Mapping[str, Any]) -> str:
        try:
            opened = full_path(media["path"]).open("rb")
        except OSError as gone:
            raise DriverError("file_gone", type(gone).__name__, permanent=True) from gone
        with opened as file:
            answer = await self.api.call(
                "POST",
                f"{self.node}/media",
                data={"messaging_product": "whatsapp", "type": media["mime"]},
                files={"file": (media["name"] or "file", file, media["mime"])},
                within=self.api.upload_seconds,
            )
        if not isinstance(answer.get("id"), str):
            raise DriverError("gateway_error", "no id of the file", permanent=False)
        return str(answer["id"])


def reference_of(outbound: Outbound) -> str:
    """What we call a send at Meta."""
    return outbound.client_ref.hex


def _template(template: Mapping[str, Any]) -> dict[str, Any]:
    told = {"name": template["name"], "language": {"code": template["language"]}}
    return {**told, "components": template["components"]} if template.get("components") else told


def _place(place: Mapping[str, Any]) -> dict[str, Any]:
    told = {"latitude": place["latitude"], "longitude": place["longitude"]}
    return told | {name: place[name] for name in ("name", "address") if place.get(name)}


def _card(contact: Mapping[str, Any]) -> dict[str, Any]:
    digits = "".join(filter(str.isdigit, contact["phone"]))
    phone = {"phone": contact["phone"], "wa_id": digits, "type": "CELL"}
    name = {"formatted_name": contact["name"], "first_name": contact["name"]}
    return {"name": name, "phones": [phone]}
