"""Codes for people: every state, reason and failure has a sentence, the same on every kind of page."""

import re
from pathlib import Path

import pytest
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.utils import translation

from accounts.adapter import AccountAdapter
from connections.choices import State
from connections.templatetags.connection_words import REASONS

ROOT = Path(settings.BASE_DIR)
LANGUAGES = {"pt-br": "pt", "en": "en", "es": "es"}
# Said of a command of ours that no agent can have caused: the general sentence is for them.
OURS = {"unconfirmed", "driver_not_offered", "bad_settings"}


def words(language, prefix):
    """The sentences of the front end's catalogue by their code."""
    text = (ROOT / "frontend" / "locales" / f"{LANGUAGES[language]}.ts").read_text()
    return dict(re.findall(rf'^  "{prefix}\.(\w+)":\s+"([^"\n]+)",$', text, re.MULTILINE))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_state_has_one_word_on_pages_and_cards(language):
    with translation.override(language):
        assert words(language, "state") == {state.value: str(state.label) for state in State}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reason_has_one_sentence_on_pages_and_cards(language):
    with translation.override(language):
        assert words(language, "reason") == {code: str(REASONS[code]) for code in REASONS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_failure_a_driver_names_has_a_sentence(language):
    drivers = [*(ROOT / "connections" / "drivers").glob("*.py"), ROOT / "connections" / "files.py"]
    text = "\n".join(path.read_text() for path in drivers)
    codes = set(re.findall(r'(?:DriverError\(\s*|UNREACHABLE = )"(\w+)"', text))

    assert {"no_answer", "media_refused", "gateway_unreachable"} <= codes
    assert codes - OURS - set(words(language, "failure")) == set()


# Never shown: they end up in a log, or in the report of a check by hand.
UNSEEN = {"lease_lost", "no_screenshot", "picture_gone", "no_qr"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_a_driver_says_in_code_is_said_in_words(language):
    """As the reason of a state, or as the failure of a message."""
    paths = (ROOT / "connections" / "drivers").rglob("*.py")
    codes = {code for path in paths for code in re.findall(r'DriverError\(\s*"(\w+)"', path.read_text())}

    assert {"no_answer", "no_browser", "window_closed"} & codes
    assert codes - UNSEEN - set(words(language, "failure")) - set(words(language, "reason")) - OURS == set()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("pt-br", "E-mail ou senha incorretos. Confira os dois e tente de novo."),
        ("en", "Wrong e-mail or password. Check both and try again."),
        ("es", "Correo o contraseña incorrectos. Revisa los dos e inténtalo de nuevo."),
    ],
)
def test_a_wrong_password_is_told_in_plain_words(client, db, language, sentence):
    page = client.post(
        "/accounts/login/",
        {"login": "nobody@acme.example", "password": "not the password"},
        headers={"Accept-Language": language},
    )

    assert page.status_code == 200
    assert sentence in page.text


def test_what_allauth_tells_people_who_sign_in_is_in_our_words():
    """Names, telephone numbers and typed codes sign nobody in here: their sentences stay as they are."""
    ours = AccountAdapter.error_messages
    theirs = {code: text for code, text in DefaultAccountAdapter.error_messages.items() if ours[code] is text}
    unused = {"incorrect_code", "invalid_login", "invalid_or_expired_key", "select_only_one"}

    assert {code for code in theirs if not code.startswith(("phone", "unknown_phone", "username"))} == unused
