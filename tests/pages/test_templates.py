"""Templates and catalogues as a whole: nothing inline, nothing missing, nothing untranslated."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from django.conf import settings
from django.template.loader import get_template, render_to_string
from django.utils import translation

from connections.choices import State
from connections.templatetags.connection_words import (
    REASONS,
    phone_number,
    reason_words,
    state_tone,
    state_word,
)
from deploy.local import messages

ROOT = Path(settings.BASE_DIR)
FOLDER = ROOT / "templates"
TEMPLATES = sorted(path for ending in ("html", "txt") for path in FOLDER.rglob(f"*.{ending}"))
# The API's documentation is a guest with a policy of its own (config/csp.py).
GUESTS = "drf_spectacular"
INLINE = re.compile(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:")
ICON = re.compile(r'parts/icon\.html" with name="([\w-]+)"|\sicon="([\w-]+)"')


def name_of(path):
    return str(path.relative_to(FOLDER))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_compiles_stays_small_and_has_nothing_inline(path):
    get_template(name_of(path))
    text = path.read_text()
    assert len(text.splitlines()) <= 150
    assert GUESTS in path.parts or not INLINE.search(text), "the content-security policy would refuse it"


def test_every_icon_that_is_asked_for_is_there():
    asked = {name for path in TEMPLATES for found in ICON.findall(path.read_text()) for name in found if name}
    assert asked
    assert {name for name in asked if not (FOLDER / "icons" / f"{name}.svg").is_file()} == set()


@pytest.mark.parametrize("language", ["pt_BR", "es"])
def test_every_text_is_translated(language):
    with (ROOT / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    missing = []
    for _file, _line, text, _comments, context in extract_from_dir(
        ROOT, messages.METHODS, keywords=messages.KEYWORDS, directory_filter=messages._has_texts
    ):
        message = catalogue.get(text, context)
        if message is None or not message.string or not all(message.string) or message.fuzzy:
            missing.append(text)
    assert missing == []


@pytest.mark.parametrize(
    ("language", "words"),
    [("pt-br", "num só balcão"), ("en", "at one counter"), ("es", "en un solo mostrador")],
)
def test_the_front_page_speaks_the_language_of_the_reader(client, language, words):
    page = client.get("/", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert words in page.text
    assert f'lang="{language}"' in page.text


def test_a_wrong_address_gets_a_page_that_leads_back(client):
    page = client.get("/no/such/page/", headers={"Accept-Language": "en"})
    assert page.status_code == 404
    assert "Nothing here" in page.text
    assert 'href="/"' in page.text


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_the_last_pages_need_no_context_and_no_build(name):
    page = render_to_string(name)
    assert "/static/errors.css" in page
    assert "/static/dist/" not in page
    assert (ROOT / "static" / "errors.css").is_file()


def test_every_reason_in_the_code_has_words():
    sources = [path.read_text() for path in (ROOT / "connections").rglob("*.py")]
    codes = {code for text in sources for code in re.findall(r'\breason="(\w+)"', text)}
    assert "connection_lost" in codes
    assert codes - set(REASONS) == set()


def test_a_reason_that_is_new_to_us_is_shown_as_it_is():
    assert reason_words("solar_storm") == "solar_storm"


@pytest.mark.parametrize("state", State.values)
def test_every_state_has_a_word_and_a_tone(state):
    with translation.override("en"):
        assert state_word(state) == State(state).label
    assert state_tone(state) in {"good", "busy", "warn", "bad", "rest"}


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("+5511987654321", "+55 (11) 98765-4321"),
        ("+551132654321", "+55 (11) 3265-4321"),
        ("+351912345678", "+351912345678"),
        (None, ""),
    ],
)
def test_a_number_is_written_as_people_write_it(stored, shown):
    assert phone_number(stored) == shown
