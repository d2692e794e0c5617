"""check_whatsapp_web: whether the driver `browser` can work from here, as JSON (docs/live-whatsapp.md)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections.drivers.base import DriverError
from connections.drivers.browser.canary import Canary
from connections.drivers.browser.settings import Settings


class Command(BaseCommand):
    help = (
        "Opens WhatsApp Web (WA_WEB_URL) in a throw-away profile, puts wa-js in, waits for a QR code, and"
        " prints what it found as one JSON object. Links nothing. Exit status 0 only when all of it worked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--settings-of-driver",
            default="{}",
            metavar="JSON",
            help='what a connection would be set to, for example {"binary": "chromium"}',
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = asyncio.run(Canary(_parse(options["settings_of_driver"])).fly())
        self.stdout.write(json.dumps(report, indent=2, ensure_ascii=False))
        if not report["ok"]:
            raise CommandError(f"{report['error']['code']}: {report['error']['detail']}")


def _parse(text: str) -> Settings:
    try:
        given = json.loads(text)
        if not isinstance(given, dict):
            raise CommandError("--settings-of-driver is a JSON object")
        return Settings.parse(given)
    except (ValueError, DriverError) as bad:
        raise CommandError(f"--settings-of-driver: {bad}") from bad
