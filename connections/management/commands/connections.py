"""`manage.py connections …`: numbers and the workers that host them, for whoever runs the installation."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections import actions, upkeep, workers
from connections.models import Connection
from connections.serializers import connection_row
from tenants.doors import enter
from tenants.errors import DomainError
from tenants.models import Tenant
from tenants.rendering import dumps, timestamp

Row = dict[str, Any]
ONE: dict[str, Callable[[Connection], Connection]] = {
    "start": actions.start_connection,
    "stop": actions.stop_connection,
    "restart": actions.start_connection,
    "log-out": actions.log_out_connection,
}
SHOWN = ("tenant", "id", "name", "phone", "driver", "state", "reason", "worker", "epoch")
WORKERS = ("name", "is_present", "hosted", "capacity", "memory_bytes", "is_draining", "seen_at")


class Command(BaseCommand):
    help = "List, start, stop, restart, log out and restore connections; list, drain and undrain workers."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for verb, text in (("list", "all connections"), ("restore-all", "start what was linked and is down")):
            one = verbs.add_parser(verb, help=text)
            one.add_argument("--tenant", default="", help="slug; without it: every tenant")
            _add_json(one)
            if verb == "restore-all":
                one.add_argument("--with-stopped", action="store_true", help="also what people stopped")
        for verb in ONE:
            one = verbs.add_parser(verb, help=f"{verb} one connection")
            one.add_argument("--tenant", required=True, help="slug")
            one.add_argument("connection", help="name or id")
            _add_json(one)
        _add_json(verbs.add_parser("workers", help="the workers that host sessions"))
        for verb in ("drain", "undrain"):
            one = verbs.add_parser(verb, help=f"{verb} a worker")
            one.add_argument("worker", help="its name, as `workers` tells it")
            _add_json(one)

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        as_json = options["json"]
        if verb in ("workers", "drain", "undrain"):
            self._say(self._workers(verb, options), WORKERS, as_json=as_json)
            return
        rows: list[Row] = []
        for tenant in _tenants(options["tenant"]):
            try:
                rows += enter(tenant, _do, tenant, verb, options)
            except DomainError as refused:
                raise CommandError(f"{refused.code}: {refused}") from refused
        self._say(rows, SHOWN, as_json=as_json)

    def _workers(self, verb: str, options: Row) -> list[Row]:
        if verb != "workers" and not workers.drain(options["worker"], is_draining=verb == "drain"):
            raise CommandError(f"There is no worker called {options['worker']!r}.")
        rows = workers.with_presence()
        found = [{name: getattr(worker, name) for name in WORKERS} for worker in rows]
        return [{**row, "seen_at": timestamp(row["seen_at"])} for row in found]

    def _say(self, rows: list[Row], columns: tuple[str, ...], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(dumps(rows).decode())
            return
        told = [columns, *([_text(row[column]) for column in columns] for row in rows)]
        widths = [max(len(line[i]) for line in told) for i in range(len(columns))]
        for line in told:
            cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())


def _add_json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON list instead of a table")


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _tenants(slug: str) -> list[Tenant]:
    found = list(Tenant.objects.filter(slug=slug) if slug else Tenant.objects.order_by("slug"))
    if not found:
        raise CommandError(f"There is no tenant called {slug!r}.")
    return found


def _do(tenant: Tenant, verb: str, options: Row) -> list[Row]:
    if verb == "list":
        done = list(Connection.objects.kept().select_related("sector").order_by("position", "name"))
    elif verb == "restore-all":
        done = upkeep.restore_connections(with_stopped=options["with_stopped"])
    else:
        done = [ONE[verb](_called(options["connection"]))]
    return [_row(tenant, connection) for connection in done]


def _called(wanted: str) -> Connection:
    for connection in Connection.objects.kept():
        if wanted in (connection.name, str(connection.id)):
            found: Connection = connection
            return found
    raise CommandError(f"There is no connection called {wanted!r} in this tenant.")


def _row(tenant: Tenant, connection: Connection) -> Row:
    told = {**connection_row(connection), "tenant": tenant.slug}
    return {**told, "worker": connection.lease_owner, "epoch": connection.lease_epoch}
