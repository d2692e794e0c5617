"""Right again after the line was lost: the console catches up by itself, and nothing is sent twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from deploy.local.stack import Stack
from tests.browser.conftest import Person
from tests.product import COMPANY_NUMBER, Phones, Program, link, session_cookie, until

JOAO = "+5511955550000"
CARLA = "+5511955550001"


@pytest.fixture
def bruno(stack: Stack, phones: Phones, somebody: Callable[..., Person]) -> Person:
    """Bruno of the demo company, in his inbox, with the company's number linked."""
    password = stack.environment["DEMO_PASSWORD"]
    owner = Program(stack.url, "ana@aurora.example", password, "aurora")
    if owner.call("GET", "connections/")["results"][0]["state"] != "connected":
        phones.add(COMPANY_NUMBER, "Loja Aurora")
        phones.add(JOAO, "João Alves")
        cookie = session_cookie(stack.url, "ana@aurora.example", password)
        link(stack.url, cookie, "aurora", owner, phones, COMPANY_NUMBER)
    person = somebody()
    person.sign_in("bruno@aurora.example", password)
    return person


def test_the_console_catches_up_after_web_redis_and_sessions_were_killed(
    stack: Stack, phones: Phones, bruno: Person
) -> None:
    page = bruno.page
    phones.write(JOAO, "primeira")
    expect(row(page)).to_contain_text("primeira")
    row(page).click()
    page.get_by_role("button", name="Assumir atendimento").click()
    expect(composer(page)).to_be_visible()

    # The server is away: the customer writes, and so does Bruno.
    stack.kill("web")
    expect(page.get_by_text("Sem conexão").first).to_be_visible()
    phones.write(JOAO, "enquanto o servidor dormia")
    composer(page).fill("resposta escrita sem servidor")
    composer(page).press("Enter")
    bubble = page.locator(".bubble", has_text="resposta escrita sem servidor").last
    expect(bubble).to_be_visible()
    stack.restart("web")
    expect(page.get_by_role("log")).to_contain_text("enquanto o servidor dormia", timeout=40_000)
    expect(page.get_by_text("Sem conexão")).to_have_count(0)
    retry = page.get_by_role("button", name="Tentar de novo")
    if retry.count():
        retry.last.click()
    until(lambda: sent_to(phones).count("resposta escrita sem servidor") == 1, what="the answer")

    # Redis is away for a moment: live frames were missed, the console loads again.
    stack.kill("redis")
    stack.restart("redis")
    phones.write(JOAO, "depois do Redis")
    expect(page.get_by_role("log")).to_contain_text("depois do Redis", timeout=40_000)

    # The session host dies: another life of it takes over and delivers what waited.
    stack.kill("sessions")
    composer(page).fill("sem ninguém para enviar")
    composer(page).press("Enter")
    expect(page.locator(".bubble", has_text="sem ninguém para enviar").last).to_be_visible()
    stack.restart("sessions")
    until(
        lambda: sent_to(phones).count("sem ninguém para enviar") == 1,
        seconds=40,
        what="the answer after a takeover",
    )
    assert len(sent_to(phones)) == len(set(sent_to(phones)))


def test_what_is_written_before_the_thread_could_be_read_is_seen_and_sent(
    phones: Phones, bruno: Person
) -> None:
    page = bruno.page
    phones.add(CARLA, "Carla Dias")
    phones.write(CARLA, "Vocês abrem hoje?")
    page.route("**/messages/?*", lambda route: route.abort())
    row(page, "Carla Dias").click()
    page.get_by_role("button", name="Assumir atendimento").click()
    expect(page.get_by_text("Não deu para abrir o atendimento")).to_be_visible()

    composer(page).fill("Abrimos às nove.")
    composer(page).press("Enter")
    expect(page.locator(".bubble", has_text="Abrimos às nove.")).to_be_visible()
    until(lambda: sent_to(phones, CARLA) == ["Abrimos às nove."], what="the answer")

    page.unroute("**/messages/?*")
    page.get_by_role("button", name="Tentar de novo").click()
    thread = page.get_by_role("log")
    expect(thread).to_contain_text("Vocês abrem hoje?")
    expect(thread.locator(".bubble", has_text="Abrimos às nove.")).to_have_count(1)


def row(page: Page, name: str = "João Alves") -> Any:
    return page.locator(".list-column a", has_text=name).first


def composer(page: Page) -> Any:
    return page.get_by_role("textbox", name=re.compile("Mensagem para"))


def sent_to(phones: Phones, number: str = JOAO) -> list[str]:
    return [m["text"] for m in phones.messages(number) if not m["from_me"]]
