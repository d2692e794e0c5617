"""Translations with Babel, without GNU gettext: `extract` the texts, `compile` to .mo files."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from deploy.local.console import Trouble, speak, step
from deploy.local.digests import Stamp
from deploy.local.paths import ROOT, shown
from deploy.local.setup import COMPILED, digest_of_catalogues

LANGUAGES = ("pt_BR", "en", "es")
# The front end has its own texts; the others show none to people.
WITHOUT_TEXTS = {"node_modules", "var", "static", "frontend", "tests", "bench", "deploy", "migrations"}
METHODS = [
    ("**/templates/**.*", "deploy.local.messages:extract_template"),
    ("templates/**.*", "deploy.local.messages:extract_template"),
    ("**.py", "python"),
]
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
STRING = r"u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
CALL = re.compile(rf"\b(?:_|n?p?gettext)\(\s*{STRING}(?:\s*,\s*(?:{STRING}|count))*\s*\)")


def extract_template(file: IO[bytes], keywords: Any, tags: Any, options: Any) -> Iterator[Any]:
    """Babel's door for Django templates: Django makes gettext calls of them, Babel reads those."""
    source = templatize(file.read().decode("utf-8"))
    # What stands between the calls is filling, and need not be Python. Lines keep their numbers.
    calls = "\n".join("; ".join(CALL.findall(line)) for line in source.splitlines())
    yield from extract_python(io.BytesIO(calls.encode()), keywords, tags, options)


def extract() -> None:
    template = Catalog()
    for name, line, text, comments, context in extract_from_dir(
        ROOT, METHODS, keywords=KEYWORDS, comment_tags=("Translators:",), directory_filter=_has_texts
    ):
        template.add(text, None, [(name, line)], auto_comments=comments, context=context)
    for language in LANGUAGES:
        _update(ROOT / "locale" / language / "LC_MESSAGES" / "django.po", language, template)


def _has_texts(folder: Any) -> bool:
    name = Path(folder).name
    return name not in WITHOUT_TEXTS and not name.startswith((".", "_"))


def _update(path: Path, language: str, template: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue = Catalog(
        locale=language,
        project="Balcão",
        header_comment=f"# Texts of Balcão in {language}; `make messages` adds and removes them.",
        fuzzy=False,
    )
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
    # A guess at a similar text is worse than none: it looks translated.
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    written = io.BytesIO()
    write_po(written, catalogue, sort_output=True, ignore_obsolete=True, include_lineno=False)
    path.write_bytes(written.getvalue())


def compile_all() -> None:
    for path in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.parts[-3], abort_invalid=True)
        _demand_same_places(path, catalogue)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue)
    Stamp(COMPILED).write(digest_of_catalogues())


def _demand_same_places(path: Path, catalogue: Catalog) -> None:
    """A translation that lost or misspelt a %(name)s would fail on the page that shows it."""
    for message in catalogue:
        for error in message.check(catalogue):
            where = f"{shown(path)}, line {message.lineno}"
            raise Trouble(f"error: {where}: {error}", f"Text: {message.id}")


def main() -> int:
    if sys.argv[1:] != ["compile"]:
        with step("Extracting texts"):
            extract()
    with step("Compiling translations"):
        compile_all()
    return 0


if __name__ == "__main__":
    sys.exit(speak(main))
