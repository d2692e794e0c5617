"""What does not go through is told in words, on a small screen too."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from deploy.local.stack import Stack
from tests.browser.conftest import Person
from tests.product import Phones, Program, link, session_cookie

CLINIC = "+5511990002000"
LIA = "+5511966660000"
# Larger than any limit, made in the page: nothing of it is sent.
CHOOSE_LARGE_FILE = """input => {
  const chosen = new DataTransfer();
  chosen.items.add(new File([new Uint8Array(65 * 1024 * 1024)], "filme.mp4", {type: "video/mp4"}));
  input.files = chosen.files;
  input.dispatchEvent(new Event("change", {bubbles: true}));
}"""


@pytest.fixture
def rui(stack: Stack, phones: Phones, somebody: Callable[..., Person]) -> Person:
    """Rui of the demo clinic with a telephone in his hand, its number linked."""
    email, password = "rui@horizonte.example", stack.environment["DEMO_PASSWORD"]
    phones.add(CLINIC, "Clínica Horizonte")
    phones.add(LIA, "Lia Torres")
    cookie = session_cookie(stack.url, email, password)
    link(stack.url, cookie, "horizonte", Program(stack.url, email, password, "horizonte"), phones, CLINIC)
    person = somebody(viewport={"width": 360, "height": 740}, color_scheme="dark")
    person.sign_in(email, password)
    return person


def test_what_does_not_go_through_is_told_in_words(phones: Phones, rui: Person) -> None:
    page = rui.page
    phones.write(LIA, "Tem horário amanhã?", to=CLINIC)
    page.locator(".list-column a", has_text="Lia Torres").click()
    page.get_by_role("button", name="Assumir atendimento").click()
    expect(composer(page)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), "the page itself scrolls"

    page.locator("input[type=file]").evaluate(CHOOSE_LARGE_FILE)
    expect(page.get_by_role("status").get_by_text("“filme.mp4” tem 65 MB. O limite")).to_be_visible()
    expect(page.get_by_role("list", name="Arquivos para enviar")).to_have_count(0)

    composer(page).fill("a" * 4097)
    expect(page.get_by_text("Passou 1 caractere do limite.")).to_be_visible()
    expect(page.get_by_role("button", name="Enviar")).to_be_disabled()

    refuse_next(phones, "not_on_whatsapp")
    composer(page).fill("Temos às 15h.")
    page.get_by_role("button", name="Enviar").click()
    expect(page.get_by_text("Não enviada. Este número não está no WhatsApp.")).to_be_visible()
    refuse_next(phones, "solar_storm")
    composer(page).fill("Pode ser?")
    page.get_by_role("button", name="Enviar").click()
    expect(page.get_by_text("Não enviada. O WhatsApp não aceitou a mensagem.")).to_be_visible()
    expect(page.get_by_text(re.compile("gateway says|solar_storm|not_on_whatsapp"))).to_have_count(0)


def refuse_next(phones: Phones, code: str) -> None:
    refusal = {"code": code, "message": "The gateway says no.", "permanent": True}
    for device in phones.http.get(f"phones/{CLINIC}/devices").json()["results"]:
        answer = phones.http.post(f"devices/{device['id']}/faults", json={"refuse_next_send": refusal})
        assert answer.status_code < 300, answer.text


def composer(page: Page) -> Any:
    return page.get_by_role("textbox", name=re.compile("Mensagem para"))
