"""Everything our bridge uses of wa-js is in the installed bundle. Run it whenever wa-js changes."""

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings

from connections import wire
from connections.drivers.browser.bundle import BRIDGE
from connections.drivers.browser.settings import REQUIRED

SOURCE = BRIDGE.read_text()
BUNDLE = Path(settings.WA_JS_PATH).read_text()
FUNCTIONS = sorted(set(re.findall(r"WPP\.([a-z]+\.[A-Za-z]+)\(", SOURCE)))
EVENTS = sorted(set(re.findall(r"'((?:conn|chat|call)\.[a-z_]+)'", SOURCE)))
SAYS = sorted(set(re.findall(r"'(mark[A-Z][A-Za-z]+)'", SOURCE)))


def test_the_bundle_is_the_one_we_expect():
    assert hashlib.sha256(BUNDLE.encode()).hexdigest() == settings.WA_JS_SHA256


def test_what_the_bridge_uses_was_found():
    assert len(FUNCTIONS) > 25
    assert len(EVENTS) > 12
    assert len(SAYS) == 3


@pytest.mark.asyncio(loop_scope="module")
async def test_every_function_is_there(town):
    line = town.line()
    await line.open()
    await line.hears(wire.QrShown)
    page = line.driver.link.web.page
    wanted = [*FUNCTIONS, *(f"chat.{name}" for name in SAYS)]
    kinds = await page.evaluate(
        "(names) => names.map((name) => typeof name.split('.').reduce((one, part) => one[part], WPP))", wanted
    )
    assert [name for name, kind in zip(wanted, kinds, strict=True) if kind != "function"] == []


def test_every_event_is_told():
    told = set(re.findall(r'emit(?:Async)?\("((?:conn|chat|call)\.[a-z_]+)"', BUNDLE))
    assert [event for event in EVENTS if event not in told] == []


@pytest.mark.parametrize("module", REQUIRED)
def test_every_module_we_require_is_one_that_wa_js_looks_for(module):
    assert re.search(rf"[\"'{{,.]{module}\b", BUNDLE)
