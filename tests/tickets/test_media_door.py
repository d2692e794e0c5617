"""The door of private files: who may see one, and how it is handed over."""

import pytest
from django.test import override_settings
from world import Caller, answer, browser

from connections.files import full_path
from tickets.actions import transfer_ticket
from tickets.models import Media

CONTENT = bytes(range(256)) * 4


def body(answered):
    return b"".join(answered.streaming_content) if answered.streaming else answered.content


@pytest.fixture
def picture(maria, open_ticket):
    return maria.sends_file(name="house.jpg", mime="image/jpeg", arrives=CONTENT).media


def door(media, query=""):
    return f"/t/acme/media/{media.id}/{query}"


def test_a_member_who_sees_the_message_gets_its_file(bruno, picture):
    answered = browser(bruno).get(door(picture))

    assert answered.status_code == 200
    assert body(answered) == CONTENT


def test_a_stranger_gets_404(rui, picture):
    assert browser(rui).get(door(picture)).status_code == 404
    assert browser(rui).get(door(picture).replace("acme", "rival")).status_code == 404


def test_an_agent_who_does_not_see_the_ticket_gets_404(carla, picture):
    assert browser(carla).get(door(picture)).status_code == 404


def test_a_wrong_method_gets_405(bruno, picture):
    for verb in ("POST", "PUT", "DELETE"):
        assert browser(bruno).call(verb, door(picture)).status_code == 405


def test_nobody_gets_to_sign_in_first(picture):
    answered = Caller().get(door(picture))

    assert answered.status_code == 302
    assert answered.headers["Location"].startswith("/accounts/login/")


def test_losing_the_ticket_loses_its_files(bruno, carla, support, picture, open_ticket):
    transfer_ticket(open_ticket, sector=support, to=carla, by=bruno)

    assert browser(bruno).get(door(picture)).status_code == 404
    assert browser(carla).get(door(picture)).status_code == 200


def test_a_deleted_messages_file_is_gone(ana, maria, open_ticket):
    message = maria.sends_file(name="oops.jpg", mime="image/jpeg", arrives=CONTENT)
    maria.deletes(message)

    assert browser(ana).get(door(message.media)).status_code == 404


@pytest.mark.parametrize("arrives", [None, b"x"])
def test_a_file_that_is_not_there_is_404(arrives, ana, maria):
    """Still loading; or lost from the disk."""
    media = maria.sends_file(name="late.jpg", mime="image/jpeg", arrives=arrives).media
    if arrives:
        full_path(media.path).unlink()

    assert browser(ana).get(door(media)).status_code == 404


def test_a_file_without_a_message_belongs_to_nobody(ana, picture):
    orphan = Media.objects.create(state="ready", path=picture.path, mime="image/jpeg")

    assert browser(ana).get(door(orphan)).status_code == 404


# --- how it is handed over --------------------------------------------------------------------


def test_the_browser_is_told_to_be_careful_with_it(bruno, picture):
    headers = browser(bruno).get(door(picture)).headers

    assert headers["Content-Type"] == "image/jpeg"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cache-Control"] == "private, max-age=3600"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Content-Disposition"].startswith("inline")


def test_a_picture_may_be_downloaded_under_its_name(bruno, picture):
    headers = browser(bruno).get(door(picture, "?download")).headers

    assert headers["Content-Disposition"] == 'attachment; filename="house.jpg"'
    assert headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "mime",
    [
        "text/html",
        "image/svg+xml",
        "application/pdf",
        "text/xml",
        "application/xhtml+xml",
        "",
        "text/javascript",
    ],
)
def test_what_could_carry_a_script_is_only_ever_downloaded(mime, ana, maria):
    media = maria.sends_file(name="page.html", mime=mime, arrives=b"<script>", kind="document").media
    headers = browser(ana).get(door(media)).headers

    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize("name", ['a"; filename="b.exe', "a\r\nSet-Cookie: x=1", "ção.jpg", "日本.jpg"])
def test_a_name_cannot_break_out_of_its_header(name, ana, maria):
    media = maria.sends_file(name=name, mime="image/jpeg", arrives=b"x").media
    answered = browser(ana).get(door(media, "?download"))

    assert answered.status_code == 200
    assert "\n" not in answered.headers["Content-Disposition"]
    assert "Set-Cookie" not in answered.headers
    assert answered.headers["Content-Disposition"].startswith("attachment; filename")


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        ("bytes=0-9", 206, 0, 9),
        ("bytes=100-", 206, 100, 1023),
        ("bytes=0-99999", 206, 0, 1023),
        ("bytes=1023-1023", 206, 1023, 1023),
        ("bytes=1024-", 416, None, None),
        ("bytes=5-2", 416, None, None),
        ("bytes=0-1,5-9", 200, 0, 1023),
        ("bytes=-5", 200, 0, 1023),
        ("bytes=" + "9" * 5000 + "-", 200, 0, 1023),
        ("lines=1-2", 200, 0, 1023),
        ("nonsense", 200, 0, 1023),
    ],
)
def test_players_may_ask_for_a_part(asked, status, first, last, bruno, picture):
    answered = browser(bruno).get(door(picture), Range=asked)

    assert answered.status_code == status
    if status == 416:
        assert answered.headers["Content-Range"] == "bytes */1024"
        return
    assert body(answered) == CONTENT[first : last + 1]
    assert answered.headers["Accept-Ranges"] == "bytes"
    if status == 206:
        assert answered.headers["Content-Range"] == f"bytes {first}-{last}/1024"
        assert answered.headers["Content-Length"] == str(last - first + 1)


def test_a_part_is_as_well_guarded_as_the_whole(carla, bruno, picture):
    assert browser(carla).get(door(picture), Range="bytes=0-9").status_code == 404
    part = browser(bruno).get(door(picture), Range="bytes=0-9")
    assert part.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in part.headers["Content-Security-Policy"]


def test_asking_for_the_head_gives_no_body(bruno, picture):
    answered = browser(bruno).call("HEAD", door(picture))

    assert answered.status_code == 200
    assert body(answered) == b""


def test_nginx_may_hand_it_out_once_the_door_has_said_yes(bruno, carla, picture):
    with override_settings(MEDIA_ACCEL_PREFIX="/private/"):
        answered = browser(bruno).get(door(picture))
        refused = browser(carla).get(door(picture))

    assert answered.headers["X-Accel-Redirect"] == f"/private/{picture.path}"
    assert answered.headers["X-Content-Type-Options"] == "nosniff"
    assert refused.status_code == 404
    assert "X-Accel-Redirect" not in refused.headers


def test_our_own_files_go_through_the_same_door(bruno, carla, open_ticket):
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = answer(open_ticket, "", by=bruno, file=SimpleUploadedFile("price.txt", b"10 reais", "text/plain"))

    assert body(browser(bruno).get(door(sent.media))) == b"10 reais"
    assert browser(carla).get(door(sent.media)).status_code == 404
