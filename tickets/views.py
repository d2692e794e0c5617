"""Pages of the product: the console, and the door of private files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast
from uuid import UUID

from django.conf import settings
from django.http import (
    FileResponse,
    Http404,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from rest_framework.serializers import CharField

from accounts.requests import MemberPageRequest
from connections.files import full_path
from connections.views import boot_of
from tickets.access import get_media
from tickets.choices import MediaState
from tickets.media import AUDIOS, IMAGES, MAX_PIXELS, VIDEOS
from tickets.models import Media
from tickets.serializers import MessageInput

CHUNK_BYTES = 64 * 1024
# Shown by the browser itself; everything else is handed over as a download.
INLINE = IMAGES | VIDEOS | AUDIOS | {"image/gif"}
MAX_CHARS = cast("CharField", MessageInput().fields["text"]).max_length
# What the console tells people before a file leaves. Everything else goes as a document.
UPLOAD = {
    "max_pixels": MAX_PIXELS,
    "images": sorted(IMAGES),
    "videos": sorted(VIDEOS),
    "audios": sorted(AUDIOS),
}


@require_safe
@ensure_csrf_cookie
def inbox(request: MemberPageRequest, slug: str, ticket_id: UUID | None = None) -> HttpResponse:
    """The console. It loads its own data; the page only says where and for whom."""
    ticket = str(ticket_id) if ticket_id else None
    limits = {"upload": {**UPLOAD, "max_bytes": settings.MEDIA_MAX_BYTES}, "max_chars": MAX_CHARS}
    boot = {**boot_of(request), **limits, "ticket": ticket}
    return render(request, "tickets/inbox.html", {"boot": boot})


@require_safe
def media(request: MemberPageRequest, slug: str, media_id: UUID) -> HttpResponseBase:
    """A private file, for members who may see its message. Sandboxed, never sniffed, never cached
    by anybody in between."""
    found = get_media(request.member, media_id)
    if found.state != MediaState.READY:
        raise Http404
    response = _hand_over(request, found)
    is_inline = found.mime in INLINE and "download" not in request.GET
    response["Content-Type"] = found.mime if is_inline else "application/octet-stream"
    name = content_disposition_header(not is_inline, found.name or str(found.id))
    response["Content-Disposition"] = name or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _hand_over(request: MemberPageRequest, found: Media) -> HttpResponseBase:
    if settings.MEDIA_ACCEL_PREFIX:
        response = HttpResponse()
        response["X-Accel-Redirect"] = f"{settings.MEDIA_ACCEL_PREFIX}{found.path}"
        return response
    path = full_path(found.path)
    if not path.is_file():
        raise Http404
    asked = re.fullmatch(r"bytes=(\d{1,15})-(\d{0,15})", request.headers.get("Range", ""))
    if asked is None:
        whole = FileResponse(path.open("rb"))
        whole["Accept-Ranges"] = "bytes"
        return whole
    return _part(path, int(asked[1]), int(asked[2]) if asked[2] else None)


def _part(path: Path, first: int, last: int | None) -> HttpResponseBase:
    """Bytes `first` to `last`, both included: players seek, and Safari insists on it."""
    size = path.stat().st_size
    last = min(last if last is not None else size - 1, size - 1)
    if first > last:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    file = path.open("rb")
    file.seek(first)
    part = StreamingHttpResponse(_read(file, last - first + 1), status=206)
    part["Content-Range"] = f"bytes {first}-{last}/{size}"
    part["Content-Length"] = str(last - first + 1)
    part["Accept-Ranges"] = "bytes"
    return part


def _read(file: BinaryIO, length: int) -> Iterator[bytes]:
    with file:
        while length > 0 and (chunk := file.read(min(CHUNK_BYTES, length))):
            length -= len(chunk)
            yield chunk
