"""Our commands as calls to Evolution."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from connections import wire
from connections.drivers.base import DriverError, NotSupported
from connections.drivers.evolution.api import EvolutionAPI
from connections.drivers.evolution.jid import jid_of, number_of
from connections.files import full_path
from connections.models import Outbound

VISUAL = ("image", "video")


async def carry_out(api: EvolutionAPI, outbound: Outbound) -> wire.Sent:
    """Raises DriverError. Only what must not be done twice can be `is_unknown`."""
    match outbound.kind:
        case "message":
            return _sent(await _send(api, outbound.chat, outbound.payload))
        case "reaction":
            await _react(api, outbound.chat, outbound.payload)
        case "edit":
            await _edit(api, outbound.chat, outbound.payload)
        case "deletion":
            body = {"id": outbound.payload["target_id"], "remoteJid": jid_of(outbound.chat), "fromMe": True}
            await api.call("DELETE", "/chat/deleteMessageForEveryone", body)
        case "read":
            keys = [_key(outbound.chat, one, from_me=False) for one in outbound.payload["ids"]]
            await api.call("POST", "/chat/markMessageAsRead", {"readMessages": keys})
        case other:
            raise NotSupported(other)
    return wire.Sent(wa_id="")


def _key(chat: str, message_id: str, *, from_me: bool) -> dict[str, Any]:
    return {"remoteJid": jid_of(chat), "fromMe": from_me, "id": message_id}


def _sent(answer: Any) -> wire.Sent:
    try:
        return wire.Sent(wa_id=wire.clean_id(answer["key"]["id"]))
    except (KeyError, TypeError, ValueError) as odd:
        # It said yes; which message it is can only be found out.
        raise DriverError("gateway_error", "no id", permanent=False, is_unknown=True) from odd


async def _react(api: EvolutionAPI, chat: str, payload: Mapping[str, Any]) -> None:
    key = _key(chat, payload["target_id"], from_me=payload["from_me"])
    await api.call("POST", "/message/sendReaction", {"key": key, "reaction": payload["emoji"]})


async def _edit(api: EvolutionAPI, chat: str, payload: Mapping[str, Any]) -> None:
    key = _key(chat, payload["target_id"], from_me=True)
    body = {"number": number_of(chat), "text": payload["text"], "key": key}
    await api.call("POST", "/chat/updateMessage", body)


async def _send(api: EvolutionAPI, chat: str, payload: Mapping[str, Any]) -> Any:
    number = {"number": number_of(chat)}
    quoted = {"quoted": {"key": {"id": payload["quoted_id"]}}} if payload.get("quoted_id") else {}
    if payload.get("media"):
        return await _send_file(api, number, payload)
    if payload.get("place"):
        return await _once(api, "/message/sendLocation", {**number, **_place(payload["place"]), **quoted})
    if payload.get("contact"):
        card = [_card(payload["contact"])]
        return await _once(api, "/message/sendContact", {**number, "contact": card, **quoted})
    text = {"text": payload["text"], "linkPreview": False}
    return await _once(api, "/message/sendText", {**number, **text, **quoted})


async def _once(api: EvolutionAPI, path: str, body: Mapping[str, Any]) -> Any:
    return await api.call("POST", path, body, may_repeat=False)


def _place(place: Mapping[str, Any]) -> dict[str, Any]:
    told = {"latitude": place["latitude"], "longitude": place["longitude"]}
    return {**told, "name": place.get("name") or "", "address": place.get("address") or ""}


def _card(contact: Mapping[str, Any]) -> dict[str, str]:
    digits = "".join(filter(str.isdigit, contact["phone"]))
    return {"fullName": contact["name"], "wuid": digits, "phoneNumber": contact["phone"]}


async def _send_file(api: EvolutionAPI, number: Mapping[str, str], payload: Mapping[str, Any]) -> Any:
    """As a form with the file itself: nothing is spelled in base64, and nothing is held in memory."""
    media, kind = payload["media"], payload["kind"]
    path, form = _form(kind, media, payload)
    if payload.get("quoted_id"):
        form["quoted[key][id]"] = payload["quoted_id"]
    with ExitStack() as opened:
        try:
            file = opened.enter_context(full_path(media["path"]).open("rb"))
        except OSError as gone:
            raise DriverError("file_gone", type(gone).__name__, permanent=True) from gone
        files = {"file": (media["name"] or "file", file, media["mime"])}
        form = {**number, **form}
        patience = api.upload_seconds
        return await api.call("POST", path, data=form, files=files, may_repeat=False, within=patience)


def _form(kind: str, media: Mapping[str, Any], payload: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    if kind == "voice":
        return "/message/sendWhatsAppAudio", {}
    if kind == "sticker":
        return "/message/sendSticker", {}
    form = {
        "mediatype": kind if kind in (*VISUAL, "audio") else "document",
        "mimetype": media["mime"],
        "caption": payload["text"],
        "fileName": media["name"],
    }
    return "/message/sendMedia", form
