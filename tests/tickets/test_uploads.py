"""Files that members send: what they are decides, not what they are called."""

import io
import struct
import zlib

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from world import browser

from connections.files import full_path
from tickets.media import FileEmpty, FileRefused, FileTooLarge, clean_name, keep_upload
from tickets.models import Media


def picture(kind, size=(3, 2)):
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


def bomb():
    """A PNG that says it is 60,000 × 60,000 pixels."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\x00" * 100))
        + chunk(b"IEND", b"")
    )


OGG = b"OggS\x00\x02" + b"\x00" * 22 + b"\x01\x13OpusHead\x01\x01" + b"\x00" * 60
WEBM = (
    b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm"
    + b"\x00" * 60
)
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 60
HTML = b"<!DOCTYPE html><html><body><script>alert(document.cookie)</script></body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
EXE = b"MZ\x90\x00" + b"\x00" * 200
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF"

SHOWN = {
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "video/mp4",
    "video/3gpp",
    "audio/ogg",
    "audio/webm",
}
DOWNLOADED = "a type no browser shows by itself"


def upload(content, name="file.bin", claimed="application/octet-stream"):
    return SimpleUploadedFile(name, content, claimed)


@pytest.mark.parametrize(
    ("content", "name", "claimed", "kind", "mime"),
    [
        (picture("JPEG"), "photo.jpg", "image/jpeg", "image", "image/jpeg"),
        (picture("PNG"), "shot.png", "image/png", "image", "image/png"),
        (picture("WEBP"), "shot.webp", "image/webp", "image", "image/webp"),
        (picture("JPEG"), "really.png", "image/png", "image", "image/jpeg"),
        (picture("PNG"), "virus.exe", "application/x-msdownload", "image", "image/png"),
        (picture("JPEG"), "no-name-no-type", "", "image", "image/jpeg"),
        (MP4, "film.mp4", "video/mp4", "video", "video/mp4"),
        (OGG, "voice.ogg", "audio/ogg", "audio", "audio/ogg"),
        (OGG, "voice.oga", "audio/ogg; codecs=opus", "audio", "audio/ogg"),
        (WEBM, "voice.webm", "audio/webm", "audio", "audio/webm"),
        (PDF, "invoice.pdf", "application/pdf", "document", "application/pdf"),
        (b"just words", "note.txt", "text/plain", "document", "text/plain"),
        (HTML, "innocent.jpg", "image/jpeg", "document", DOWNLOADED),
        (HTML, "page.html", "text/html", "document", DOWNLOADED),
        (SVG, "drawing.svg", "image/svg+xml", "document", DOWNLOADED),
        (SVG, "innocent.png", "image/png", "document", DOWNLOADED),
        (EXE, "photo.jpg", "image/jpeg", "document", DOWNLOADED),
        (EXE, "voice.ogg", "audio/ogg", "document", DOWNLOADED),
        (b"\x00\x01\x02\x03" * 9, "text.txt", "text/plain", "document", DOWNLOADED),
    ],
)
def test_the_first_bytes_say_what_a_file_is(content, name, claimed, kind, mime, acme):
    media, made = keep_upload(upload(content, name, claimed), kind=None)

    assert made == kind
    if mime is DOWNLOADED:
        assert media.mime not in SHOWN
    else:
        assert media.mime == mime


def test_what_is_stored_is_what_was_sent(acme):
    content = picture("PNG", (7, 5))
    media, _kind = keep_upload(upload(content, "shot.png"), kind=None)

    assert full_path(media.path).read_bytes() == content
    assert (media.size, media.width, media.height, media.state) == (len(content), 7, 5, "ready")


def test_the_same_through_the_api(bruno, open_ticket):
    """A picture stays a picture on its way through the view, the fingerprint and the store."""
    file = io.BytesIO(picture("PNG", (7, 5)))
    file.name = "shot.png"
    bubble = browser(bruno).post(f"tickets/{open_ticket.id}/messages/", {"file": file}).json()

    assert (bubble["kind"], bubble["media"]["mime"]) == ("image", "image/png")
    assert (bubble["media"]["width"], bubble["media"]["height"]) == (7, 5)


def test_a_picture_may_be_sent_as_a_plain_file(acme):
    media, kind = keep_upload(upload(picture("PNG")), kind="document")

    assert (kind, media.mime) == ("document", "image/png")


@pytest.mark.parametrize(
    ("content", "claimed"), [(OGG, "audio/ogg"), (WEBM, "audio/webm"), (MP4, "audio/mp4")]
)
def test_recordings_make_voice_notes(content, claimed, acme):
    media, kind = keep_upload(upload(content, "voice", claimed), kind="voice")

    assert (kind, media.mime) == ("voice", claimed)


@pytest.mark.parametrize("content", [picture("PNG"), HTML, EXE, PDF])
def test_nothing_else_makes_a_voice_note(content, acme):
    with pytest.raises(FileRefused):
        keep_upload(upload(content, "voice.ogg", "audio/ogg"), kind="voice")


def test_an_unknown_kind_is_refused(bruno, open_ticket):
    answered = browser(bruno).post(
        f"tickets/{open_ticket.id}/messages/", {"file": io.BytesIO(b"hello"), "kind": "sticker"}
    )

    assert (answered.status_code, list(answered.json()["fields"])) == (400, ["kind"])


# --- too much ---------------------------------------------------------------------------------


def test_an_empty_file_is_refused(acme):
    with pytest.raises(FileEmpty):
        keep_upload(upload(b""), kind=None)


def test_a_file_that_is_too_large_is_refused(acme, settings):
    settings.MEDIA_MAX_BYTES = 100
    with pytest.raises(FileTooLarge) as refused:
        keep_upload(upload(b"x" * 101), kind=None)

    assert refused.value.fields == {"limit_bytes": 100}
    assert refused.value.status == 413


def test_the_api_says_so_too(bruno, open_ticket, settings):
    settings.MEDIA_MAX_BYTES = 100
    file = io.BytesIO(b"x" * 101)
    file.name = "big.bin"
    answered = browser(bruno).post(f"tickets/{open_ticket.id}/messages/", {"file": file})

    assert (answered.status_code, answered.json()["code"]) == (413, "file_too_large")


def test_a_picture_of_too_many_pixels_is_refused_unopened(acme):
    with pytest.raises((FileTooLarge, FileRefused)):
        keep_upload(upload(bomb(), "bomb.png", "image/png"), kind=None)


def test_a_broken_picture_is_refused(acme):
    with pytest.raises(FileRefused):
        keep_upload(upload(picture("PNG")[:60], "torn.png", "image/png"), kind=None)


def test_a_refused_file_leaves_nothing(acme, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with pytest.raises(FileRefused):
        keep_upload(upload(picture("PNG")[:60]), kind=None)

    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not Media.objects.exists()


# --- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\report.doc", "report.doc"),
        ("nota fiscal ção.pdf", "nota fiscal ção.pdf"),
        ("evil\u202efdp.exe", "evilfdp.exe"),
        ("line\r\nbreak.txt", "linebreak.txt"),
        ("nul\x00byte.txt", "nulbyte.txt"),
        ("", ""),
        ("x" * 5000 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_name_is_a_label_and_never_a_path(given, kept):
    assert clean_name(given) == kept


def test_nobody_can_guess_where_a_file_lies(acme):
    paths = [keep_upload(upload(b"hello", "same.txt"), kind=None)[0].path for _ in range(2)]

    assert paths[0] != paths[1]
    for path in paths:
        assert path.startswith(f"{acme.id}/")
        assert "same" not in path
        assert len(path.rsplit("/", 1)[-1]) >= 32


def test_a_stored_path_cannot_leave_the_media_root():
    for path in ("../secret", "/etc/passwd", "a/../../secret"):
        with pytest.raises(ValueError, match="outside"):
            full_path(path)
    assert full_path("a/b").is_relative_to(settings.MEDIA_ROOT)
