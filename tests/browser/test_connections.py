"""Running a company's numbers: order, pausing, removal; and linking one, also by somebody far away."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from deploy.local.stack import Stack
from tests.browser.conftest import Person
from tests.product import Phones, Program, until

FAR_AWAY = "+5511922220001"


@pytest.fixture
def rui(stack: Stack, somebody: Callable[..., Person]) -> Person:
    """The owner of the second demo company, with nothing but its first number, not linked."""
    person = somebody()
    person.sign_in("rui@horizonte.example", stack.environment["DEMO_PASSWORD"])
    return person


@pytest.fixture
def program(stack: Stack) -> Program:
    return Program(stack.url, "rui@horizonte.example", stack.environment["DEMO_PASSWORD"], "horizonte")


def test_cards_are_put_in_order_paused_started_found_and_removed(rui: Person, program: Program) -> None:
    page, sector = rui.page, program.call("GET", "sectors/")["results"][0]["id"]
    for name in ("Clínica Norte", "Clínica Sul"):
        program.call("POST", "connections/", json={"name": name, "driver": "simulator", "sector_id": sector})
    rui.goto("/t/horizonte/connections/")
    expect(card(page, "Clínica Sul")).to_be_visible()
    count = len(stored(program))
    expect(page.get_by_text(re.compile(rf"{count} números · \d conectados?"))).to_be_visible()

    grip = card(page, "Clínica Sul").get_by_role("button", name="Mover Clínica Sul")
    grip.focus()
    page.keyboard.press("Home")
    expect(page.get_by_text(f"Clínica Sul: posição 1 de {count}")).to_be_attached()
    expect(grip).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text(f"Clínica Sul: posição 2 de {count}")).to_be_attached()
    first = names(page)[0]
    drag(page, "Clínica Sul", onto=first)
    until(lambda: stored(program)[0] == "Clínica Sul", what="the order by dragging")
    page.reload()
    expect(card(page, first)).to_be_visible()
    assert names(page)[:2] == ["Clínica Sul", first]

    page.get_by_role("searchbox").fill("clinica norte")
    expect(card(page, "Clínica Sul")).to_have_count(0)
    north = card(page, "Clínica Norte")
    north.get_by_role("button", name="Conectar", exact=True).click()
    expect(north.get_by_text("Aguardando leitura do código")).to_be_visible()
    north.get_by_role("button", name="Pausar").click()
    expect(north.get_by_text("Pausada", exact=True)).to_be_visible()

    def remove() -> Locator:
        north.get_by_role("button", name=re.compile("Mais ações")).click()
        north.get_by_role("button", name="Remover").click()
        return page.get_by_role("dialog")

    dialog = remove()
    sure = dialog.get_by_role("button", name="Remover")
    dialog.get_by_role("textbox").fill("Clinica Norte")
    expect(sure).to_be_disabled()
    dialog.get_by_role("textbox").fill("Clínica Norte")
    sure.click()
    expect(north).to_have_count(0)
    assert "Clínica Norte" not in stored(program)


def test_a_number_is_linked_by_somebody_far_away_without_an_account(
    rui: Person, somebody: Callable[..., Person], phones: Phones
) -> None:
    page = rui.page
    rui.goto("/t/horizonte/connections/new/")
    page.get_by_role("link", name=re.compile(r"Ler um código QR\s+Rede simulada")).click()
    page.fill("input[name=name]", "Filial")
    page.get_by_role("button", name="Criar e mostrar o código").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nova conexão")  # nobody agreed yet
    page.get_by_label(re.compile("Li isto")).check()
    page.get_by_role("button", name="Criar e mostrar o código").click()
    expect(page.locator("article img")).to_be_visible()
    page.get_by_role("button", name="Criar um link").click()
    address = page.get_by_label(re.compile("O link")).input_value()

    phones.add(FAR_AWAY, "Filial")
    holder = somebody(viewport={"width": 360, "height": 740})
    answer = holder.page.goto(address)
    assert answer is not None
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "no-store" in answer.headers["cache-control"]
    expect(holder.page.get_by_text("Clínica Horizonte").first).to_be_visible()
    expect(holder.page.locator("img")).to_have_count(0)
    holder.page.get_by_role("button", name=re.compile("Concordo")).click()
    picture = holder.page.locator("#link img")
    expect(picture).to_be_visible()
    assert no_sideways_scrolling(holder.page)
    phones.scan(FAR_AWAY, until(lambda: scan(picture.screenshot()), what="a readable QR code"))

    expect(holder.page.get_by_text("O número está vinculado")).to_be_visible()
    expect(page.get_by_text("Tudo certo, conectado!")).to_be_visible()
    gone = holder.page.reload()
    assert gone is not None and gone.status == 410


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name, exact=True)


def names(page: Page) -> list[str]:
    return page.locator("article h2").all_inner_texts()


def stored(program: Program) -> list[str]:
    return [row["name"] for row in program.call("GET", "connections/")["results"]]


def drag(page: Page, name: str, *, onto: str) -> None:
    grip, target = card(page, name).locator(".grip").bounding_box(), card(page, onto).bounding_box()
    assert grip and target
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(target["x"] + target["width"] / 2, target["y"] + target["height"] / 2, steps=5)
    page.mouse.up()


def scan(png: bytes) -> str | None:
    codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)).convert("L"))
    return codes[0].text if codes else None


def no_sideways_scrolling(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_codes_to_type_passkeys_pictures_and_alerts_are_told_live(
    rui: Person, stack: Stack, program: Program
) -> None:
    """What the pretend network never asks for is told here in a session's stead."""
    page, sector = rui.page, program.call("GET", "sectors/")["results"][0]["id"]
    new = {"name": "Do código", "driver": "simulator", "sector_id": sector}
    made = program.call("POST", "connections/", json=new)["id"]
    rui.goto(f"/t/horizonte/connections/{made}/linking/")
    tell(stack, made, "actions._change_state(one, 'pairing_code', reason='')")
    expect(page.get_by_text("Aguardando código").first).to_be_visible()

    def shows_code() -> bool:
        whisper(stack, made, "connection.pairing_code", "code='ABCD1234', expires_at=in_a_minute")
        return page.get_by_text("ABCD-1234").count() > 0

    until(shows_code, what="the code to type")
    tell(stack, made, "actions._change_state(one, 'passkey_required', reason='')")
    expect(page.get_by_text("O WhatsApp pede uma chave de acesso")).to_be_visible()

    tell(
        stack, made, "one.linked_at = now; one.save(); actions._change_state(one, 'reconnecting', reason='')"
    )
    rui.goto("/t/horizonte/inbox/")
    expect(page.get_by_role("link", name="Conexões")).to_be_visible()
    page.wait_for_function("!document.querySelector('[aria-busy=true]')")
    late = "now - timedelta(minutes=9)"
    tell(
        stack,
        made,
        f"type(one).objects.filter(id=one.id).update(down_since={late}); actions.raise_alert(one)",
    )
    expect(page.get_by_text("Do código está sem conexão com o WhatsApp.")).to_be_visible()


TELL = """
from datetime import timedelta
from django.utils import timezone
from connections import actions
from connections.models import Connection
from events import audience, channel
from tenants.doors import enter
from tenants.models import Tenant
from tenants.rendering import timestamp
now = timezone.now()
in_a_minute = timestamp(now + timedelta(minutes=1))
tenant = Tenant.objects.get(slug="horizonte")
def tell():
    held = dict(lease_owner="pretend", lease_expires_at=now + timedelta(hours=1))
    Connection.objects.filter(id="{id}").update(**held)
    one = actions._locked(Connection(id="{id}"))
    {what}
enter(tenant, tell)
"""


def tell(stack: Stack, connection_id: str, what: str) -> None:
    stack.manage("shell", "-c", TELL.replace("{id}", connection_id).replace("{what}", what))


def whisper(stack: Stack, connection_id: str, kind: str, data: str) -> None:
    group = "audience.connection(tenant.id, one.id)"
    what = f"channel.whisper(tenant.id, {group}, '{kind}', dict(connection_id=str(one.id), {data}))"
    tell(stack, connection_id, what)
