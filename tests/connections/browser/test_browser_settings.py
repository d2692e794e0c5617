"""What may be set for one connection: names and numbers, never a path or address; the check by hand."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from connections.drivers.base import DriverError
from connections.drivers.browser import chromium
from connections.drivers.browser.canary import Canary
from connections.drivers.browser.settings import REQUIRED, Settings


def test_without_anything_it_is_as_the_installation_says(settings):
    settings.WA_GATE, settings.WA_MIN_MODULES, settings.WA_QUIET_SECONDS = ["WAWebCmd"], 7, 2.0
    chosen = Settings.parse({})
    assert (chosen.gate, chosen.min_modules, chosen.quiet_seconds) == (("WAWebCmd",), 7, 2.0)
    assert chosen.required == REQUIRED
    assert str(chosen.bundle_path) == str(settings.WA_JS_PATH)
    assert chosen.web_page_path is None


def test_a_connection_may_differ(settings):
    settings.BROWSER_FILES_ROOT = settings.BASE_DIR / "browser"
    chosen = Settings.parse(
        {
            "binary": "chromium",
            "gate": ["WAWebConnModel"],
            "bundle": "wa-js-4.7.0.js",
            "bundle_sha256": "a" * 64,
        }
    )
    assert chosen.bundle_path == settings.BASE_DIR / "browser" / "wa-js-4.7.0.js"
    assert (chosen.gate, chosen.expected_sha256) == (("WAWebConnModel",), "a" * 64)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"binary": "/bin/sh"}, "binary"),
        ({"user_agent": "x\r\nHost: evil"}, "user_agent"),
        ({"user_agent": 7}, "user_agent"),
        ({"gate": "WAWebCmd"}, "gate"),
        ({"gate": ["'); alert(1); ('"]}, "gate"),
        ({"min_modules": -1}, "min_modules"),
        ({"quiet_seconds": True}, "quiet_seconds"),
        ({"quiet_seconds": 1000}, "quiet_seconds"),
        ({"bundle": "../../etc/passwd", "bundle_sha256": "a" * 64}, "bundle"),
        ({"bundle": "wa.js"}, "bundle_sha256"),
        ({"bundle": "wa.js", "bundle_sha256": "short"}, "bundle_sha256"),
        ({"web_page": "https://evil.example/"}, "web_page"),
        ({"qr_attempts": 0}, "qr_attempts"),
    ],
)
def test_nonsense_is_refused_by_name(given, named):
    with pytest.raises(DriverError) as refused:
        Settings.parse(given)
    assert (refused.value.code, refused.value.permanent) == ("bad_settings", True)
    assert named in str(refused.value)


def test_a_binary_that_is_not_installed_is_said_so(settings, monkeypatch):
    settings.CHROMIUM_PATH = ""
    monkeypatch.setattr(chromium.shutil, "which", lambda _: None)
    with pytest.raises(DriverError) as refused:
        chromium.binary_for(Settings.parse({}))
    assert refused.value.code == "no_browser"


def test_headless_shell_is_taken_first(settings, monkeypatch):
    settings.CHROMIUM_PATH = ""
    monkeypatch.setattr(chromium.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert chromium.binary_for(Settings.parse({})) == "/usr/bin/chromium-headless-shell"
    assert chromium.binary_for(Settings.parse({"binary": "chromium"})) == "/usr/bin/chromium"
    settings.CHROMIUM_PATH = "/opt/chromium"
    assert chromium.binary_for(Settings.parse({})) == "/opt/chromium"


# --- check_whatsapp_web -------------------------------------------------------------------------


@pytest.mark.asyncio(loop_scope="module")
async def test_the_check_by_hand_tells_what_it_found(town):

    report = await Canary(Settings.parse({})).fly()

    assert report["ok"], report
    assert set(report["steps"]) == {"launch", "load", "inject", "qr"}
    assert (report["gate_missing"], report["required_missing"]) == ([], [])
    assert report["wa_js_version"].startswith("4.")
    assert report["web_version"].startswith("2.3000.")
    assert report["memory_mb"] > 30
    assert "2@" not in json.dumps(report), "a code is a credential"


def test_the_check_fails_with_a_reason(settings):
    settings.WA_WEB_URL = "http://127.0.0.1:9/"
    settings.CHROMIUM_PATH = ""
    out = io.StringIO()
    with pytest.raises(CommandError, match="web_unreachable"):
        call_command("check_whatsapp_web", stdout=out)
    assert json.loads(out.getvalue())["ok"] is False


@pytest.mark.parametrize("given", ["{", "[]", '{"binary": "x"}'])
def test_the_check_refuses_nonsense(given):
    with pytest.raises(CommandError, match="settings-of-driver"):
        call_command("check_whatsapp_web", settings_of_driver=given)
