"""Translations: texts are found in templates, and a broken translation stops the build."""

import io

import pytest
from babel.messages.pofile import read_po

from deploy.local import messages
from deploy.local.console import Trouble

TEMPLATE = """{% load i18n %}
<title>{% translate "Inbox" %}</title> <a title='{% translate "It is" %}'>{{ _("Word") }}</a>
  {% blocktranslate count n=rows trimmed %}
    {{ n }} message
  {% plural %}
    {{ n }} messages
  {% endblocktranslate %}
\t<p class="don't">{% translate "Open" context "verb" %} {% trans 'Single' %}</p>
"""


def test_texts_of_a_template_are_found_with_lines_plurals_and_contexts():
    found = list(messages.extract_template(io.BytesIO(TEMPLATE.encode()), messages.KEYWORDS, (), {}))
    assert [(line, name, text) for line, name, text, _ in found] == [
        (2, "gettext", "Inbox"),
        (2, "gettext", "It is"),
        (2, "_", "Word"),
        (3, "ngettext", ("%(n)s message", "%(n)s messages", None)),
        (8, "pgettext", ("verb", "Open")),
        (8, "gettext", "Single"),
    ]


def catalogue(translation: str):
    return read_po(
        io.BytesIO(f'#, python-format\nmsgid "Ticket %(number)s"\nmsgstr "{translation}"\n'.encode()),
        locale="es",
    )


def test_a_translation_with_another_place_stops_the_build(folder):
    with pytest.raises(Trouble, match="numbre"):
        messages._demand_same_places(folder / "django.po", catalogue("Caso %(numbre)s"))


def test_a_right_or_missing_translation_passes(folder):
    messages._demand_same_places(folder / "django.po", catalogue("Caso %(number)s"))
    messages._demand_same_places(folder / "django.po", catalogue(""))
