"""Commands to WhatsApp Web: each by an id that is known before, so that its fate can be asked for later."""

from __future__ import annotations

import mimetypes
import secrets
from pathlib import Path
from typing import Any

from playwright.async_api import Error

from connections import wire
from connections.choices import Command
from connections.drivers.base import DriverError
from connections.drivers.browser.page import WebPage
from connections.files import full_path
from connections.models import Outbound

SEND_SECONDS = 40.0
# A file is uploaded before it is sent: at least this fast, or it is given up.
SLOWEST_BYTES_PER_SECOND = 256 * 1024
PREFIX = "3EB0"  # what WhatsApp Web's own ids begin with
FILE_KINDS = frozenset(["image", "video", "audio", "voice", "document", "sticker"])


def message_id(outbound: Outbound) -> str:
    """The bare id a message of ours carries in WhatsApp: known before the first attempt."""
    return PREFIX + outbound.client_ref.hex[:18].upper()


async def send(page: WebPage, outbound: Outbound) -> wire.Sent:
    """Carry out one command. Raises DriverError."""
    chat, payload = outbound.chat, outbound.payload
    match outbound.kind:
        case Command.MESSAGE:
            return await _send_message(page, outbound)
        case Command.READ:
            await page.ask("markRead", chat)
        case Command.REACTION:
            await page.ask("react", chat, payload["target_id"], payload.get("from_me"), payload["emoji"])
        case Command.EDIT:
            await page.ask("edit", chat, payload["target_id"], payload["text"], seconds=SEND_SECONDS)
        case Command.DELETION:
            await page.ask("revoke", chat, payload["target_id"], seconds=SEND_SECONDS)
        case Command.FORWARD:
            source = (payload["from_chat"], payload["target_id"], payload.get("from_me"))
            made = await page.ask("forward", chat, *source, seconds=SEND_SECONDS)
            return wire.Sent(wa_id=made["id"])
        case unknown:
            raise DriverError("unknown_command", unknown, permanent=True)
    return wire.Sent(wa_id="")


async def was_done(page: WebPage, outbound: Outbound) -> wire.Sent | None:
    """Whether a command whose answer never came was carried out all the same."""
    chat, payload = outbound.chat, outbound.payload
    match outbound.kind:
        case Command.MESSAGE:
            found = await page.ask("known", chat, message_id(outbound))
            return wire.Sent(wa_id=found["id"]) if found and found["ack"] >= 0 else None
        case Command.READ:
            is_done = not await page.ask("unread", chat)
        case Command.REACTION:
            is_done = await page.ask("reacted", chat, payload["target_id"]) == payload["emoji"]
        case Command.EDIT:
            found = await page.ask("known", chat, payload["target_id"])
            is_done = bool(found) and found["text"] == payload["text"]
        case Command.DELETION:
            found = await page.ask("known", chat, payload["target_id"])
            is_done = found is None or found["type"] == "revoked"
        case _:
            is_done = False
    return wire.Sent(wa_id="") if is_done else None


async def _send_message(page: WebPage, outbound: Outbound) -> wire.Sent:
    payload = outbound.payload
    asked: dict[str, Any] = {
        "id": message_id(outbound),
        "quoted": payload.get("quoted_id") or "",
        "is_repeat": outbound.attempts > 1,
    }
    seconds = SEND_SECONDS
    if payload["kind"] == "text":
        asked |= {"what": "text", "text": payload["text"]}
    elif payload["kind"] == "location":
        asked |= {"what": "location", "place": payload["place"]}
    elif payload["kind"] == "contact":
        asked |= {"what": "contact", "contact": _contact(payload["contact"])}
    elif payload["kind"] in FILE_KINDS and payload.get("media"):
        path = _path(payload["media"])
        seconds += path.stat().st_size / SLOWEST_BYTES_PER_SECOND
        asked |= {"what": "file", "input": await _lay_down(page, path), "file": _file(payload)}
    else:
        raise DriverError("cannot_send_kind", payload["kind"], permanent=True)
    sent = await page.ask("send", outbound.chat, asked, seconds=seconds)
    if sent["ack"] < 0 or sent["result"] not in ("OK", "SUCCESS"):
        raise DriverError("refused_by_whatsapp", str(sent["result"]), permanent=True)
    return wire.Sent(wa_id=sent["id"])


def _contact(contact: dict[str, Any]) -> dict[str, str]:
    digits = "".join(filter(str.isdecimal, contact["phone"]))
    if not digits:
        raise DriverError("bad_contact", "a contact card without a number", permanent=True)
    return {"id": f"{digits}@c.us", "name": contact["name"] or contact["phone"]}


def _file(payload: dict[str, Any]) -> dict[str, Any]:
    """wa-js's own words for what the file is to be."""
    media, kind = payload["media"], payload["kind"]
    extension = mimetypes.guess_extension(media["mime"]) or ""
    return {
        "type": "audio" if kind == "voice" else kind,
        "isPtt": kind == "voice",
        "caption": payload["text"] or "",
        "filename": media["name"] or f"file{extension}",
        "mimetype": media["mime"],
    }


def _path(media: dict[str, Any]) -> Path:
    try:
        path = full_path(media["path"])
        path.stat()
    except (OSError, ValueError) as gone:
        raise DriverError("file_gone", type(gone).__name__, permanent=True) from gone
    return path


async def _lay_down(page: WebPage, path: Path) -> str:
    """Give the page the file through an input of its own: its id. Any other way takes seconds a megabyte."""
    name = f"file-{secrets.token_hex(8)}"
    await page.ask("fileInput", name)
    try:
        await page.page.set_input_files(f"#{name}", path, timeout=SEND_SECONDS * 1000)
    except Error as refused:
        raise DriverError("file_refused", str(refused).splitlines()[0], permanent=False) from refused
    return name
