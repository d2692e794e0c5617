"""`manage.py describe_events`: docs/events.md, made from the catalogue."""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from events.catalog import KINDS, Fact

HEAD = """# Events

Made from `events/catalog.py` by `manage.py describe_events`; a test compares the two.

Every event is a row written in the transaction of the change it tells of. After the commit it goes to
consoles (a live frame `{"kind", "at", "data"}`), starts the reactions listed here, and, where it is
public, may be subscribed to by programs. Snapshots have the shapes of the REST API and a `version`:
replace by id, ignore older ones.
"""


class Command(BaseCommand):
    help = "Write docs/events.md; with --check only compare."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        target = Path(settings.BASE_DIR) / "docs" / "events.md"
        page = describe()
        if options["check"]:
            if not target.exists() or target.read_text() != page:
                raise CommandError("docs/events.md is out of date: run manage.py describe_events")
            return
        target.write_text(page)
        self.stdout.write(f"{len(KINDS)} events described in {target.name}")


def describe() -> str:
    return HEAD + "".join(_section(kind, fact) for kind, fact in sorted(KINDS.items()))


def _section(kind: str, fact: type[Fact]) -> str:
    lines = [f"\n## `{kind}`\n", _words(fact), ""]
    fields = dataclasses.fields(fact)
    lines += [f"- `{field.name}`: `{_type(field)}`" for field in fields]
    lines.append(f"- public: {'yes' if fact.public else 'no'}")
    lines.append(f"- heard live: {'yes' if fact.frames is not Fact.frames else 'no'}")
    started = (*settings.REACTIONS.get(kind, ()), *settings.NUDGES.get(kind, ()))
    lines.append("- starts: " + (", ".join(f"`{task}`" for task in started) or "nothing"))
    return "\n".join(lines) + "\n"


def _words(fact: type[Fact]) -> str:
    return " ".join((inspect.getdoc(fact) or "").split("\n\n")[0].split())


def _type(field: dataclasses.Field[Any]) -> str:
    return str(field.type).replace("Snapshot", "snapshot")
