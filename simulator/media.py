"""Files that travel in messages: on disk under ids of our own, for the phones that hold them."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterable
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from simulator import views
from simulator.errors import Refused, invalid, not_found
from simulator.model import Media
from simulator.network import Network
from simulator.replies import json_response

SIZE_LIMIT = 100 * 1024 * 1024
BLOCK = 1024 * 1024
NAME_LIMIT = 200

_MIME = re.compile(r"[\w.+-]+/[\w.+-]+(;\s*[\w-]+=[\w.\"+-]+)*", re.ASCII)
_UNSAFE_IN_NAMES = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_SHOWN_INLINE = re.compile(r"(image/(png|jpeg|gif|webp)|audio/[\w.+-]+|video/[\w.+-]+)(;.*)?", re.ASCII)


class MediaShelf:
    """The folder of files, and its HTTP door for devices and for the page."""

    def __init__(self, network: Network, folder: Path) -> None:
        self._network = network
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob("*.part"):
            leftover.unlink()

    async def keep(self, owner: str, chunks: AsyncIterable[bytes], *, mime: str, name: str) -> Media:
        """Store a file that ``owner`` uploads. Raises Refused for an empty or too large one."""
        self._network.phone(owner)
        media_id = uuid.uuid4().hex
        temporary = self._folder / f"{media_id}.part"
        try:
            size = await _write(temporary, chunks)
            temporary.replace(self._folder / media_id)
        finally:
            temporary.unlink(missing_ok=True)
        return self._network.add_media(
            media_id, owner, mime=clean_mime(mime), size=size, name=clean_name(name)
        )

    # doors

    async def upload(self, request: Request) -> Response:
        """POST /media: the raw body is the file."""
        digits = self._phone_of_device(request)
        media = await self.keep_body(digits, request)
        return json_response(row(media), status=201)

    async def keep_body(self, digits: str, request: Request) -> Media:
        """Store the body of a request, named by its headers."""
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > SIZE_LIMIT:
            raise _too_large()
        return await self.keep(
            digits,
            request.stream(),
            mime=request.headers.get("content-type", ""),
            name=unquote(request.headers.get("x-file-name", "")),
        )

    async def download(self, request: Request) -> Response:
        """GET /media/<id>: for a device of a phone that holds it, or for our own page."""
        media_id = request.path_params["media_id"]
        if "authorization" in request.headers or not _is_from_own_page(request):
            media = self._network.media_held(media_id, self._phone_of_device(request))
        else:
            media = self._network.any_media(media_id)
        path = self._folder / media.id
        if not path.exists():
            raise not_found("media_not_found", "O arquivo não está mais no disco.")
        return FileResponse(
            path,
            media_type=media.mime,
            filename=media.name,
            content_disposition_type="inline" if _SHOWN_INLINE.fullmatch(media.mime) else "attachment",
            headers={"Content-Security-Policy": "sandbox; default-src 'none'"},
        )

    async def picture(self, request: Request) -> Response:
        """GET /pictures/<chat id>: a phone's profile picture; as with WhatsApp's, the address is enough."""
        phone = self._network.state.phones.get(self._network.peer_at(request.path_params["chat"]))
        media = self._network.state.media.get(phone.picture) if phone and phone.picture else None
        if media is None:
            raise not_found("no_picture", "Este telefone não mostra foto.")
        return FileResponse(self._folder / media.id, media_type=media.mime)

    def _phone_of_device(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        device = self._network.device_with(token.strip()) if scheme.lower() == "bearer" else None
        if device is None:
            raise Refused("unknown_token", "Falta a chave de um dispositivo conectado.", status=401)
        return device.phone


def row(media: Media) -> views.Json:
    """A stored file as its uploader is told of it."""
    return {"id": media.id, "mime": media.mime, "size": media.size, "name": media.name}


def clean_mime(mime: str) -> str:
    """A media type that is safe to say again."""
    mime = mime.strip().lower()
    return mime if len(mime) <= 120 and _MIME.fullmatch(mime) else "application/octet-stream"


def clean_name(name: str) -> str:
    """The last part of a file name, without characters that mislead or break a header."""
    last = re.split(r"[/\\]", name)[-1]
    return _UNSAFE_IN_NAMES.sub("", last).strip()[:NAME_LIMIT] or "arquivo"


async def _write(path: Path, chunks: AsyncIterable[bytes]) -> int:
    """Write in blocks, off the event loop. Returns the size in bytes."""
    size = 0
    block = bytearray()
    with path.open("xb") as file:
        async for chunk in chunks:
            size += len(chunk)
            if size > SIZE_LIMIT:
                raise _too_large()
            block += chunk
            if len(block) >= BLOCK:
                await _write_block(file, block)
        await _write_block(file, block)
    if size == 0:
        raise invalid("O arquivo está vazio.")
    return size


async def _write_block(file: BinaryIO, block: bytearray) -> None:
    await to_thread.run_sync(file.write, bytes(block))
    block.clear()


def _too_large() -> Refused:
    return Refused("too_large", f"O arquivo passa de {SIZE_LIMIT // 1024 // 1024} MB.", status=413)


def _is_from_own_page(request: Request) -> bool:
    """Whether our own page asks: it shows files with plain elements, which send no key."""
    if request.headers.get("sec-fetch-site") == "same-origin":
        return True
    referer = urlsplit(request.headers.get("referer", ""))
    return referer.netloc == request.headers["host"]
