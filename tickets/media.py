"""Files from members: what they really are, how large they may be, where they lie."""

from __future__ import annotations

from typing import Any

import puremagic
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from connections.files import full_path, new_path
from tenants import scope
from tenants.errors import DomainError
from tickets.choices import Kind, MediaState
from tickets.models import Media

MAX_PIXELS = 50_000_000
IMAGES = {"image/jpeg", "image/png", "image/webp"}
VIDEOS = {"video/mp4", "video/3gpp"}
AUDIOS = {"audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/amr", "audio/webm"}
# The same container, by the name browsers and phones send it under.
ALIASES = {"application/ogg": "audio/ogg", "audio/x-m4a": "audio/mp4", "audio/mp3": "audio/mpeg"}
NAME_LENGTH = 200


class FileTooLarge(DomainError):
    code = "file_too_large"
    status = 413
    message = _("The file is too large.")


class FileEmpty(DomainError):
    code = "file_empty"
    status = 400
    message = _("The file is empty.")


class FileRefused(DomainError):
    code = "file_refused"
    status = 415
    message = _("This file cannot be sent like this.")


def keep_upload(file: UploadedFile[Any], *, kind: str | None) -> tuple[Media, str]:
    """Store an upload privately: its row and the kind of message it makes.

    What a file is, its first bytes say; the name and type the browser sent are only labels.
    """
    if not file.size:
        raise FileEmpty
    if file.size > settings.MEDIA_MAX_BYTES:
        raise FileTooLarge(limit_bytes=settings.MEDIA_MAX_BYTES)
    mime = sniff(file)
    message_kind = kind_of(mime, kind)
    width, height = _size_of_picture(file) if message_kind == Kind.IMAGE else (None, None)
    path = new_path(scope.current().id)
    full = full_path(path)
    full.parent.mkdir(parents=True, exist_ok=True)
    with full.open("wb") as target:
        for chunk in file.chunks():
            target.write(chunk)
    media = Media.objects.create(
        state=MediaState.READY,
        path=path,
        mime=mime,
        name=clean_name(file.name or ""),
        size=file.size,
        width=width,
        height=height,
    )
    return media, message_kind


def sniff(file: UploadedFile[Any]) -> str:
    """The MIME type the content has; unknown content is plain bytes."""
    file.seek(0)  # its fingerprint has read it to the end
    head = file.read(4096)
    file.seek(0)
    claimed = (file.content_type or "").split(";")[0].strip().lower()
    try:
        found = {match.mime_type for match in puremagic.magic_string(head) if match.mime_type}
    except puremagic.PureError:
        found = set()
    found = {ALIASES.get(mime, mime) for mime in found}
    claimed = ALIASES.get(claimed, claimed)
    if claimed in found or (claimed.startswith("text/") and b"\x00" not in head and not found):
        return claimed
    # One container holds voice and film alike (WebM, MP4, Ogg): believe which of both it is.
    family = claimed.split("/")[-1]
    if any(mime.split("/")[-1] == family for mime in found):
        return claimed
    return sorted(found)[0] if len(found) == 1 else "application/octet-stream"


def kind_of(mime: str, wanted: str | None) -> str:
    if wanted == Kind.VOICE:
        if mime not in AUDIOS:
            raise FileRefused
        return Kind.VOICE
    if wanted == Kind.DOCUMENT:
        return Kind.DOCUMENT
    if mime in IMAGES:
        return Kind.IMAGE
    if mime in VIDEOS:
        return Kind.VIDEO
    return Kind.AUDIO if mime in AUDIOS else Kind.DOCUMENT


def clean_name(name: str) -> str:
    """A file name as a label: no path, no control or direction-changing characters."""
    plain = "".join(c for c in name.replace("\\", "/").split("/")[-1] if c.isprintable())
    return plain[-NAME_LENGTH:]


def _size_of_picture(file: UploadedFile[Any]) -> tuple[int, int]:
    try:
        with Image.open(file) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise FileTooLarge(limit_pixels=MAX_PIXELS)
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as broken:
        raise FileRefused from broken
    finally:
        file.seek(0)
    return width, height
