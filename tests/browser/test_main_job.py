"""The whole way: a company signs up, links a number, a customer writes, two agents see it, one answers."""

from __future__ import annotations

import io
import re
import struct
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person, link_in
from tests.product import Phones, until

COMPANY = "+5511933330000"
MARIA = "+5511944440000"
PASSWORD = "girassol amarelo 22"


def test_a_customers_message_is_answered_end_to_end(
    somebody: Callable[..., Person], phones: Phones, mail_to: Callable[[str], str], tmp_path: Path
) -> None:
    dora, leo = somebody(), somebody()
    found_company(dora, mail_to)
    join_team(dora, leo, mail_to)
    link_number(dora, phones)

    phones.add(MARIA, "Maria Souza")
    phones.write(MARIA, "Oi! Vocês têm pão de queijo?", to=COMPANY)
    for person in (dora, leo):
        person.page.goto(person.url + "/t/padaria-sol/inbox/")
        expect(row(person.page, "Maria Souza")).to_contain_text("pão de queijo")

    both_click_take(dora.page, leo.page)
    winner, other = (leo, dora) if is_serving(leo.page) else (dora, leo)
    told = other.page.get_by_text(re.compile("Já foi assumido por|Em atendimento com|Agora está com"))
    expect(told.first).to_be_visible()

    write(winner.page, "Temos sim, Maria! Saindo agora do forno.")
    said = winner.page.locator(".bubble", has_text="Saindo agora do forno").last
    expect(said).to_be_visible()
    until(lambda: texts(phones)[-1:] == ["Temos sim, Maria! Saindo agora do forno."], what="the answer")
    expect(said.get_by_label("Entregue").or_(said.get_by_title("Entregue")).first).to_be_attached()
    read_on_phone(phones)
    expect(said.get_by_label("Lida").or_(said.get_by_title("Lida")).first).to_be_attached()

    customer_types(phones, winner.page)
    files_and_voice(phones, winner.page, tmp_path)

    transfer_to_queue(dora, winner, other)
    close_and_history(dora)


def found_company(dora: Person, mail_to: Callable[[str], str]) -> None:
    dora.goto("/")
    dora.page.get_by_role("link", name=re.compile("Criar|Começar|conta", re.I)).first.click()
    dora.page.fill("input[name=name]", "Dora Campos")
    dora.page.fill("input[name=company]", "Padaria Sol")
    dora.page.fill("input[name=email]", "dora@sol.example")
    dora.page.fill("input[name=password1]", PASSWORD)
    dora.page.get_by_role("button", name="Criar minha conta").click()
    dora.page.goto(link_in(mail_to("dora@sol.example")))
    dora.page.locator("main form button, form button").first.click()
    if "/accounts/login" in dora.page.url:
        dora.sign_in("dora@sol.example", PASSWORD)
    dora.page.wait_for_url("**/t/padaria-sol/inbox/**")


def join_team(dora: Person, leo: Person, mail_to: Callable[[str], str]) -> None:
    dora.goto("/t/padaria-sol/team/")
    # The first sector comes from a reaction: a moment after the sign-up.
    until(lambda: dora.page.reload() and dora.page.locator("input[name=sectors]").count(), what="the sector")
    dora.page.fill("input[name=email]", "leo@sol.example")
    dora.page.locator("input[name=sectors]").first.check()
    dora.page.get_by_role("button", name=re.compile("Convidar|convite", re.I)).first.click()
    expect(dora.page.get_by_text("leo@sol.example").first).to_be_visible()

    leo.page.goto(link_in(mail_to("leo@sol.example")))
    leo.page.get_by_role("link", name=re.compile("Criar", re.I)).click()
    leo.page.fill("input[name=name]", "Léo Prado")
    leo.page.fill("input[name=password1]", PASSWORD)
    leo.page.get_by_role("button", name="Criar minha conta").click()
    if "confirm-email" in leo.page.url:
        until(lambda: "confirm-email/" in mail_to("leo@sol.example"), what="the confirmation")
        leo.page.goto(link_in(mail_to("leo@sol.example")))
        leo.page.locator("main form button, form button").first.click()
    leo.page.get_by_role("button", name=re.compile("Aceitar", re.I)).click()
    leo.page.wait_for_url("**/t/padaria-sol/inbox/**")


def link_number(dora: Person, phones: Phones) -> None:
    """The QR code on the page is read as a phone's camera would, and scanned."""
    phones.add(COMPANY, "Padaria Sol")
    dora.goto("/t/padaria-sol/connections/")
    dora.page.get_by_role("link", name="Nova conexão").click()
    dora.page.get_by_role("link", name=re.compile(r"Ler um código QR\s+Rede simulada")).click()
    dora.page.fill("form input[name=name]", "Balcão da padaria")
    dora.page.get_by_label(re.compile("Li isto")).check()
    dora.page.get_by_role("button", name="Criar e mostrar o código").click()
    picture = dora.page.locator("article img").first
    expect(picture).to_be_visible()
    code = until(lambda: scan(picture.screenshot()), what="a readable QR code")
    phones.scan(COMPANY, code)
    expect(dora.page.get_by_text(re.compile("Conectada|conectado")).first).to_be_visible()


def scan(png: bytes) -> str | None:
    codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)).convert("L"))
    return codes[0].text if codes else None


def both_click_take(first: Page, second: Page) -> None:
    """Both open the ticket; both press the button without waiting for each other."""
    for page in (first, second):
        row(page, "Maria Souza").click()
        expect(take_button(page)).to_be_visible()
    for page in (first, second):
        take_button(page).evaluate("button => setTimeout(() => button.click(), 50)")
    until(lambda: is_serving(first) or is_serving(second), what="somebody serving")


def transfer_to_queue(dora: Person, winner: Person, other: Person) -> None:
    """Back to the sector's queue by transfer: both see it waiting again; Dora takes it."""
    winner.page.get_by_role("button", name="Transferir").click()
    dialog = winner.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_text("Atendimento", exact=True).first.click()
    dialog.get_by_text("Fila do setor").click()
    dialog.get_by_role("button", name="Transferir").click()
    expect(winner.page.get_by_text("transferiu para Atendimento").first).to_be_visible()
    for person in (winner, other):
        person.page.goto(person.url + "/t/padaria-sol/inbox/")
        expect(row(person.page, "Maria Souza")).to_be_visible()
    row(dora.page, "Maria Souza").click()
    take_button(dora.page).click()
    expect(composer(dora.page)).to_be_visible()


def close_and_history(dora: Person) -> None:
    dora.page.get_by_role("button", name="Encerrar").first.click()
    expect(dora.page.get_by_text("Atendimento de Maria Souza encerrado").first).to_be_visible()
    dora.page.get_by_role("button", name=re.compile("Encerrados")).first.click()
    row(dora.page, "Maria Souza").click()
    expect(dora.page.get_by_text("Dora Campos encerrou o atendimento").first).to_be_visible()
    expect(dora.page.get_by_role("button", name="Reabrir").first).to_be_visible()


def customer_types(phones: Phones, page: Page) -> None:
    phones.http.post(f"phones/{MARIA}/typing", json={"to": COMPANY, "activity": "typing"})
    expect(page.get_by_text("Maria está digitando…").first).to_be_visible()


def files_and_voice(phones: Phones, page: Page, tmp_path: Path) -> None:
    """A picture goes out, a voice note comes in and plays."""
    picture = tmp_path / "vitrine.png"
    Image.new("RGB", (320, 200), "#c98d2b").save(picture)
    page.locator("input[type=file]").set_input_files(str(picture))
    page.get_by_role("button", name="Enviar").click()
    expect(page.get_by_role("log").locator("img").last).to_be_visible()
    until(lambda: [m for m in received(phones) if m["kind"] == "image"], what="the picture on the phone")

    answer = phones.http.post(
        f"phones/{MARIA}/media",
        content=voice_note(),
        headers={"Content-Type": "audio/wav", "X-File-Name": "voz.wav"},
    )
    assert answer.status_code < 300, answer.text
    sent = phones.http.post(
        f"phones/{MARIA}/messages",
        json={"to": COMPANY, "kind": "voice", "text": "", "media_id": answer.json()["id"]},
    )
    assert sent.status_code < 300, sent.text
    player = page.get_by_role("group", name="Mensagem de voz")
    expect(player).to_be_visible()
    player.get_by_role("button", name="Tocar").click()


def voice_note() -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"".join(struct.pack("<h", (i * 37) % 4000) for i in range(8000)))
    return target.getvalue()


def row(page: Page, name: str) -> Any:
    return page.locator(".list-column a", has_text=name).first


def take_button(page: Page) -> Any:
    return page.get_by_role("button", name="Assumir atendimento")


def composer(page: Page) -> Any:
    return page.get_by_role("textbox", name=re.compile("Mensagem para"))


def is_serving(page: Page) -> bool:
    return bool(composer(page).count())


def write(page: Page, text: str) -> None:
    composer(page).fill(text)
    composer(page).press("Enter")


def texts(phones: Phones) -> list[str]:
    return [message["text"] for message in received(phones)]


def received(phones: Phones) -> list[dict[str, Any]]:
    return [m for m in phones.messages(MARIA, other=COMPANY) if not m["from_me"]]


def read_on_phone(phones: Phones) -> None:
    answer = phones.http.post(f"phones/{MARIA}/read", json={"to": COMPANY})
    assert answer.status_code < 300, answer.text
