"""The page of phones in a real browser: one person, several phones, no script but its own."""

import io
import os
import re
import shutil
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import async_playwright, expect
from pretend_phones import MARIA, SHOP, a_town, chat

from deploy.local.ports import free_port
from simulator.app import PAGES

PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


def picture():
    file = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(file, "PNG")
    return file.getvalue()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def launched():
    found = shutil.which("chromium-headless-shell") or os.environ.get("CHROMIUM_PATH")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def chromium(launched):
    """One browser for all tests, with nothing left open by the last one."""
    yield launched
    for context in launched.contexts:
        await context.close()


@asynccontextmanager
async def a_page(chromium, port, path="", *, width=1200, **options):
    """The page; every complaint of the browser about it fails the test."""
    complaints = []
    context = await chromium.new_context(viewport={"width": width, "height": 800}, locale="pt-BR", **options)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    await page.goto(f"http://127.0.0.1:{port}/{path}")
    yield page
    await context.close()
    assert complaints == []


# The network and its devices live on the loop of the browser here.
@pytest_asyncio.fixture(loop_scope="module")
async def net(state):
    async with a_town(state) as net:
        yield net


@pytest_asyncio.fixture(loop_scope="module")
async def shop(net):
    return await net.link(SHOP)


@pytest_asyncio.fixture(loop_scope="module")
async def page(chromium, net):
    async with a_page(chromium, net.port) as page:
        yield page


async def open_chat(page, phone, other):
    await page.evaluate("(hash) => { location.hash = hash; }", f"{phone}/{other}")
    await expect(page.get_by_role("textbox", name="Mensagem")).to_be_visible()


async def act(page, text, action):
    """Choose something in the menu of a message."""
    message = page.locator(".message", has_text=text).last
    await message.hover()
    await message.get_by_role("button", name="Opções da mensagem").click()
    await page.get_by_role("menuitem", name=action).click()


async def write(page, text):
    await page.get_by_role("textbox", name="Mensagem").fill(text)
    await page.get_by_role("button", name="Enviar", exact=True).click()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_newcomer_creates_a_phone_and_links_a_device(chromium, run_network):
    async with run_network() as net, a_page(chromium, net.port) as page:
        await page.get_by_role("main").get_by_role("button", name="Criar telefone").last.click()
        await page.get_by_label("Nome de perfil").fill("Padaria Central")
        number = await page.get_by_role("textbox", name="Número").input_value()
        assert re.fullmatch(r"\+55 \d\d 9\d{4}-\d{4}", number)
        await page.get_by_role("dialog").get_by_role("button", name="Criar telefone").click()
        await page.get_by_role("button", name="Ler QR code").click()
        device = await net.greet()
        code = (await device.next("qr"))["code"]
        await page.get_by_label("Texto do QR code").fill(code)
        await page.get_by_role("button", name="Conectar", exact=True).click()
        ready = await device.next("ready")
        assert ready["phone"] == "+" + re.sub(r"\D", "", number)
        await expect(page.get_by_text("Ativo agora")).to_be_visible()
        await page.get_by_role("button", name="Desconectar").click()
        await page.get_by_role("dialog").get_by_role("button", name="Desconectar").last.click()
        assert (await device.next())["type"] == "logged_out"
        await expect(page.get_by_text("Nenhum dispositivo atende")).to_be_visible()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_wrong_code_is_explained(chromium, net):
    context = await chromium.new_context(locale="pt-BR")
    page = await context.new_page()
    await page.goto(f"http://127.0.0.1:{net.port}/")
    await page.get_by_role("button", name=re.compile("^Maria")).click()
    await page.get_by_role("button", name="Ler QR code").click()
    await page.get_by_label("Texto do QR code").fill("2@nada")
    await page.get_by_role("button", name="Conectar", exact=True).click()
    await expect(page.get_by_role("alert").filter(has_text="não é de um dispositivo")).to_be_visible()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_device_is_linked_by_its_letters_and_the_owners_passkey(chromium, net):
    await net.post("/api/linking", {"passkey": True})
    async with a_page(chromium, net.port, f"#{SHOP}") as page:
        await page.get_by_role("button", name="Ler QR code").click()
        device = await net.greet()
        await device.next("qr")
        letters = (await device.request("pairing_code", phone=SHOP))["result"]["code"]
        await page.get_by_label("Ou digite o código de 8 letras").fill(letters.lower())
        await page.get_by_role("button", name="Conectar com o código").click()
        assert (await device.next("passkey_required"))["expires_in"] > 0
        await page.get_by_role("button", name="Confirmar com a chave de acesso").click()
        assert (await device.next("ready"))["phone"] == SHOP
        await expect(page.get_by_text("Ativo agora")).to_be_visible()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_group_is_read_and_written_to_as_any_chat(chromium, net, shop):
    group = await net.post("/api/groups", {"subject": "Condomínio", "participants": [MARIA, SHOP]})
    async with a_page(chromium, net.port) as page:
        await net.write(SHOP, group["id"], "Reunião às 19h")
        await open_chat(page, MARIA, group["id"])
        await expect(page.locator(".message.in", has_text="Reunião às 19h")).to_be_visible()
        await write(page, "Estarei lá")
        message = (await shop.event("message"))["message"]
        while message["from_me"]:
            message = (await shop.event("message"))["message"]
        assert (message["chat"], message["text"]) == (group["id"], "Estarei lá")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_picture_of_the_code_is_read_where_the_browser_can(chromium, net):
    context = await chromium.new_context(locale="pt-BR")
    await context.add_init_script(
        """globalThis.BarcodeDetector = class {
          static async getSupportedFormats() { return ["qr_code"]; }
          async detect() { return [{ rawValue: globalThis.codeInPicture }]; }
        };"""
    )
    page = await context.new_page()
    await page.goto(f"http://127.0.0.1:{net.port}/#{SHOP}")
    await page.get_by_role("button", name="Ler QR code").click()
    device = await net.greet()
    code = (await device.next("qr"))["code"]
    await page.evaluate("(code) => { globalThis.codeInPicture = code; }", code)
    file = {"name": "qr.png", "mimeType": "image/png", "buffer": picture()}
    await page.locator("dialog input[type=file]").set_input_files(file)
    assert (await device.next("ready"))["phone"] == SHOP
    await context.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_customer_writes_and_sees_the_ticks_and_the_answer(net, shop, page):
    await open_chat(page, MARIA, SHOP)
    await write(page, "Vocês abrem hoje?")
    bubble = page.locator(".message.out", has_text="Vocês abrem hoje?")
    await expect(bubble.get_by_role("img", name="Entregue")).to_be_visible()
    message = (await shop.event("message"))["message"]
    assert (message["text"], message["chat"]) == ("Vocês abrem hoje?", chat(MARIA))
    await shop.request("read", chat=chat(MARIA), ids=[message["id"]])
    await expect(bubble.get_by_role("img", name="Lida")).to_be_visible()
    await shop.request("typing", chat=chat(MARIA), activity="typing")
    await expect(page.locator(".bar-title").get_by_text("digitando…")).to_be_visible()
    await shop.send(MARIA, "Até as 18h", quoted_id=message["id"])
    answer = page.locator(".message.in", has_text="Até as 18h")
    await expect(answer.locator(".quote")).to_contain_text("Vocês abrem hoje?")
    await expect(page.locator(".bar-title").get_by_text("digitando…")).to_be_hidden()
    assert (await shop.ack_level(3))["ids"] == ["3EB0AA"]


@pytest.mark.asyncio(loop_scope="module")
async def test_typing_is_told_while_the_person_writes(net, shop, page):
    await open_chat(page, MARIA, SHOP)
    await page.get_by_role("textbox", name="Mensagem").press_sequentially("Oi")
    assert (await shop.next("typing"))["activity"] == "typing"
    await page.keyboard.press("Enter")
    assert (await shop.next("typing"))["activity"] == "idle"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_message_can_be_answered_edited_reacted_to_and_deleted(net, shop, page):
    await net.write(SHOP, MARIA, "Quer entrega?")
    await open_chat(page, MARIA, SHOP)
    await act(page, "Quer entrega?", "Responder")
    await write(page, "Sim, por favro")
    reply = (await shop.event("message"))["message"]
    while reply["from_me"]:
        reply = (await shop.event("message"))["message"]
    assert reply["quoted_id"]
    await act(page, "por favro", "Editar")
    await expect(page.get_by_role("textbox", name="Mensagem")).to_have_value("Sim, por favro")
    await page.get_by_role("textbox", name="Mensagem").fill("Sim, por favor")
    await page.keyboard.press("Enter")
    assert (await shop.event("edited"))["text"] == "Sim, por favor"
    await expect(page.get_by_text("editada")).to_be_visible()
    await act(page, "por favor", "Reagir com 👍")
    assert (await shop.event("reaction"))["emoji"] == "👍"
    await page.get_by_role("button", name="Tirar a sua reação").click()
    assert (await shop.event("reaction"))["emoji"] == ""
    await act(page, "por favor", "Apagar para todos")
    await page.get_by_role("button", name="Apagar", exact=True).click()
    assert (await shop.event("revoked"))["target_id"] == reply["id"]
    await expect(page.get_by_text("Você apagou esta mensagem")).to_be_visible()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_picture_is_sent_with_its_size_and_caption(net, shop, page):
    await open_chat(page, MARIA, SHOP)
    await page.get_by_role("button", name="Anexar").click()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("menuitem", name="Foto ou vídeo").click()
    file = {"name": "Açaí.png", "mimeType": "image/png", "buffer": picture()}
    await (await chooser.value).set_files(file)
    await write(page, "Este aqui")
    message = (await shop.event("message"))["message"]
    assert (message["kind"], message["text"]) == ("image", "Este aqui")
    media = message["media"]
    assert (media["name"], media["width"], media["height"]) == ("Açaí.png", 3, 2)
    shown = page.locator(".message.out img")
    await expect(shown).to_be_visible()
    assert await shown.evaluate("async (image) => { await image.decode(); return true; }")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_location_is_sent(net, shop, page):
    await open_chat(page, MARIA, SHOP)
    await page.get_by_role("button", name="Anexar").click()
    await page.get_by_role("menuitem", name="Localização").click()
    await page.get_by_label("Nome do lugar").fill("Minha casa")
    await page.get_by_role("textbox", name="Latitude").fill("-23,55")
    await page.get_by_role("button", name="Enviar", exact=True).last.click()
    place = (await shop.event("message"))["message"]["location"]
    assert (place["name"], place["latitude"]) == ("Minha casa", -23.55)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_voice_note_is_recorded_and_sent(chromium, net, shop):
    async with a_page(chromium, net.port, f"#{MARIA}/{SHOP}", permissions=["microphone"]) as page:
        await page.get_by_role("button", name="Gravar mensagem de voz").click()
        assert (await shop.next("typing"))["activity"] == "recording"
        await page.get_by_role("button", name="Enviar a gravação").click()
        message = (await shop.event("message"))["message"]
        assert message["kind"] == "voice"
        assert message["media"]["mime"].startswith("audio/")
        assert message["media"]["size"] > 0


@pytest.mark.asyncio(loop_scope="module")
async def test_a_phone_goes_offline_and_comes_back(net, shop, page):
    await open_chat(page, MARIA, SHOP)
    await page.get_by_role("button", name="Mais opções do telefone").click()
    await page.get_by_role("menuitem", name="Ficar sem conexão").click()
    await expect(page.get_by_text("não envia mensagens")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Mensagem")).to_be_hidden()
    await shop.send(MARIA, "Está aí?")
    await page.get_by_role("button", name="Conectar", exact=True).click()
    await expect(page.locator(".message.in", has_text="Está aí?")).to_be_visible()
    assert (await shop.ack_level(3))["ids"] == ["3EB0AA"]


@pytest.mark.asyncio(loop_scope="module")
async def test_whatever_is_written_stays_text(net, shop, page):
    evil = "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"
    await net.patch(f"/api/phones/{SHOP}", {"name": "<b>Loja</b>"})
    await net.write(SHOP, MARIA, evil)
    await net.write(SHOP, MARIA, "veja javascript:alert(1) e https://example.com/a?b=1.")
    await open_chat(page, MARIA, SHOP)
    await expect(page.locator(".message.in").first).to_contain_text(evil)
    assert await page.locator(".message a").evaluate_all("(links) => links.map((l) => l.href)") == [
        "https://example.com/a?b=1"
    ]
    assert await page.locator(".messages img, .messages b, .messages script").count() == 0
    assert "hacked" not in await page.title()


@pytest.mark.asyncio(loop_scope="module")
async def test_long_chats_load_older_messages_on_demand(net, page):
    for number in range(120):
        await net.write(MARIA, SHOP, f"Linha {number}.")
    await open_chat(page, SHOP, MARIA)
    await expect(page.locator(".message", has_text="Linha 119.")).to_be_in_viewport()
    await expect(page.locator(".message").get_by_text("Linha 5.", exact=True)).to_have_count(0)
    await page.get_by_role("button", name="Mensagens anteriores").click()
    await expect(page.locator(".message").get_by_text("Linha 5.", exact=True)).to_have_count(1)
    await expect(page.get_by_role("button", name="Mensagens anteriores")).to_be_hidden()


@pytest.mark.asyncio(loop_scope="module")
async def test_the_page_catches_up_after_the_server_was_away(chromium, run_network):
    port = free_port()  # one that nobody gets while the server is away
    async with run_network(port=port) as net:
        await net.phone(SHOP, "Loja Acme")
        await net.phone(MARIA, "Maria")
        await net.write(MARIA, SHOP, "Antes")
        context = await chromium.new_context(locale="pt-BR")
        page = await context.new_page()
        await page.goto(f"http://127.0.0.1:{port}/#{SHOP}/{MARIA}")
        await expect(page.locator(".message", has_text="Antes")).to_be_visible()
    await expect(page.get_by_text("Sem contato com o servidor")).to_be_visible()
    async with run_network(port=port) as net:
        await net.write(MARIA, SHOP, "Depois")
        await expect(page.locator(".message", has_text="Depois")).to_be_visible()
        await expect(page.get_by_text("Sem contato com o servidor")).to_be_hidden()
        await context.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_small_screen_shows_one_column_at_a_time(chromium, net):
    await net.write(MARIA, SHOP, "palavra" * 60)
    async with a_page(chromium, net.port, width=360) as page:
        await page.get_by_role("button", name=re.compile("^Maria")).click()
        chats = page.get_by_role("region", name="Conversas")
        await chats.get_by_role("button", name=re.compile("Loja Acme")).click()
        await expect(page.get_by_role("textbox", name="Mensagem")).to_be_visible()
        await expect(page.get_by_role("heading", name="Telefones")).to_be_hidden()
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        assert await page.evaluate("document.querySelector('.wall').scrollWidth") <= 360
        await page.get_by_role("button", name="Voltar às conversas").click()
        await page.get_by_role("button", name="Voltar aos telefones").click()
        await expect(page.get_by_role("heading", name="Telefones")).to_be_visible()


def test_the_page_has_no_inline_script_and_nothing_foreign():
    html = (PAGES / "phones" / "index.html").read_text()
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?://|//\w", html)
    for module in (PAGES / "phones").glob("*.js"):
        code = module.read_text()
        forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function"
        assert not re.search(forbidden, code), module.name
        assert not re.search(r"from \"(?!\./)", code), module.name
    assert "url(" not in (PAGES / "phones" / "phones.css").read_text()
