"""Files: uploaded by devices and phones, sent, and opened by those who hold them."""

import pytest
from pretend_phones import JOAO, MARIA, SHOP

from simulator import media
from simulator.media import clean_mime, clean_name

PICTURE = b"\x89PNG\r\n\x1a\n" + b"picture" * 1000
PAGE = {"Sec-Fetch-Site": "same-origin"}


def bearer(device):
    return {"Authorization": f"Bearer {device.token}"}


async def upload(net, device, data=PICTURE, mime="image/png", name="foto.png"):
    headers = bearer(device) | {"Content-Type": mime, "X-File-Name": name}
    return await net.http.post("/media", content=data, headers=headers)


@pytest.mark.asyncio
async def test_a_devices_file_reaches_the_customer(net, shop):
    answer = await upload(net, shop, name="Or%C3%A7amento%20final.png")
    assert answer.status_code == 201
    row = answer.json()
    assert row == {
        "id": row["id"],
        "mime": "image/png",
        "size": len(PICTURE),
        "name": "Orçamento final.png",
    }
    sent = {"id": row["id"], "width": 640, "height": 480}
    assert (await shop.send(MARIA, "Veja", id="I1", kind="image", media=sent))["ok"]
    (message,) = await net.messages(MARIA, SHOP)
    assert message["media"] == row | {"seconds": None, "width": 640, "height": 480}
    answer = await net.http.get(f"/media/{row['id']}", headers=PAGE)
    assert answer.content == PICTURE
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.asyncio
async def test_a_customers_voice_note_reaches_the_device_and_can_be_played(net, shop):
    headers = {"Content-Type": "audio/ogg; codecs=opus", "X-File-Name": "voz.ogg"}
    answer = await net.http.post(f"/api/phones/{MARIA}/media", content=b"OggS", headers=headers)
    media_id = answer.json()["id"]
    await net.write(MARIA, SHOP, "", kind="voice", media_id=media_id, seconds=2.5)
    got = (await shop.event("message"))["message"]
    assert (got["kind"], got["media"]["seconds"]) == ("voice", 2.5)
    assert got["media"]["mime"] == "audio/ogg; codecs=opus"
    assert (await net.http.get(f"/media/{media_id}", headers=bearer(shop))).content == b"OggS"


@pytest.mark.asyncio
async def test_playing_a_voice_note_raises_its_level_to_four(net, shop):
    row = (await upload(net, shop, b"OggS", "audio/ogg", "voz.ogg")).json()
    await shop.send(MARIA, "", id="V1", kind="voice", media={"id": row["id"], "seconds": 3})
    await net.post(f"/api/phones/{MARIA}/played", {"to": SHOP, "id": "V1"})
    assert (await shop.ack_level(4))["ids"] == ["V1"]
    await shop.send(MARIA, "Texto", id="T1")
    await net.post(f"/api/phones/{MARIA}/played", {"to": SHOP, "id": "T1"}, status=409)
    await net.post(f"/api/phones/{MARIA}/played", {"to": SHOP, "id": "no"}, status=404)


@pytest.mark.asyncio
async def test_a_form_upload_works_too(net):
    files = {"file": ("ficha.pdf", b"%PDF-1.7", "application/pdf")}
    answer = await net.http.post(f"/api/phones/{MARIA}/media", files=files)
    assert (answer.status_code, answer.json()["name"]) == (201, "ficha.pdf")
    answer = await net.http.post(f"/api/phones/{MARIA}/media", files={"other": b"x"})
    assert answer.status_code == 400


@pytest.mark.asyncio
async def test_strangers_get_no_file(net, shop):
    media_id = (await upload(net, shop)).json()["id"]
    stranger = await net.link(JOAO)
    path = f"/media/{media_id}"
    assert (await net.http.get(path)).status_code == 401
    wrong = {"Authorization": "Bearer wrong"} | PAGE
    assert (await net.http.get(path, headers=wrong)).status_code == 401
    assert (await net.http.get(path, headers=bearer(stranger))).status_code == 404
    cross_site = {"Sec-Fetch-Site": "cross-site", "Referer": "http://evil.example/"}
    assert (await net.http.get(path, headers=cross_site)).status_code == 401
    own = {"Referer": f"http://127.0.0.1:{net.port}/"}
    assert (await net.http.get(path, headers=own)).status_code == 200


@pytest.mark.asyncio
async def test_a_file_of_another_phone_cannot_be_sent(net, shop):
    media_id = (await upload(net, shop)).json()["id"]
    stranger = await net.link(JOAO)
    answer = await stranger.send(MARIA, "", id="S1", kind="image", media={"id": media_id})
    assert answer["error"]["code"] == "media_not_found"


@pytest.mark.asyncio
async def test_an_upload_needs_a_linked_device(net, shop):
    assert (await net.http.post("/media", content=b"x")).status_code == 401
    await net.http.delete(f"/api/phones/{SHOP}/devices/{await net.device_id(SHOP)}")
    assert (await upload(net, shop)).status_code == 401


@pytest.mark.asyncio
async def test_an_empty_or_too_large_file_is_refused_and_leaves_nothing(net, shop, state, monkeypatch):
    assert (await upload(net, shop, b"")).status_code == 400
    monkeypatch.setattr(media, "SIZE_LIMIT", 1000)
    assert (await upload(net, shop)).status_code == 413

    async def without_length():
        yield PICTURE

    assert (await upload(net, shop, without_length())).status_code == 413
    assert list((state.parent / "media").iterdir()) == []


@pytest.mark.asyncio
async def test_a_lost_file_is_not_found(net, shop, state):
    media_id = (await upload(net, shop)).json()["id"]
    (state.parent / "media" / media_id).unlink()
    assert (await net.http.get(f"/media/{media_id}", headers=PAGE)).status_code == 404
    assert (await net.http.get("/media/..%2Fstate.json", headers=PAGE)).status_code == 404


@pytest.mark.asyncio
async def test_a_page_or_program_is_never_shown_in_place(net, shop):
    row = (await upload(net, shop, b"<script>", "text/html", "pagina.html")).json()
    answer = await net.http.get(f"/media/{row['id']}", headers=PAGE)
    assert answer.headers["content-disposition"].startswith("attachment")


@pytest.mark.asyncio
async def test_files_outlive_a_restart(run_network):
    async with run_network() as net:
        await net.phone(SHOP, "Loja Acme")
        shop = await net.link(SHOP)
        media_id = (await upload(net, shop)).json()["id"]
    async with run_network() as net:
        answer = await net.http.get(f"/media/{media_id}", headers=bearer(shop))
        assert answer.content == PICTURE


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\fotos\\praia.jpg", "praia.jpg"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie: x"),
        ("foto\u202egpj.exe", "fotogpj.exe"),
        ("", "arquivo"),
        ("x" * 500, "x" * 200),
    ],
)
def test_names_lose_what_misleads(given, kept):
    assert clean_name(given) == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Image/PNG", "image/png"),
        ("audio/ogg; codecs=opus", "audio/ogg; codecs=opus"),
        ("", "application/octet-stream"),
        ("text/html\r\nX: y", "application/octet-stream"),
        ("a/" + "b" * 200, "application/octet-stream"),
    ],
)
def test_media_types_are_plain_or_unknown(given, kept):
    assert clean_mime(given) == kept
