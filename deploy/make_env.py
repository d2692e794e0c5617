"""Makes .env for docker compose, with fresh secrets: `python3 deploy/make_env.py [https://address]`."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from deploy.local.environment import everything_new  # noqa: E402 - found by the line above


def filled(example: str, site_url: str = "") -> str:
    """The example with every secret filled in, and the address where one is given."""
    values = {**everything_new(), "POSTGRES_PASSWORD": secrets.token_hex(24)}
    if site_url:
        values |= {"SITE_URL": site_url, "ALLOWED_HOSTS": str(urlsplit(site_url).hostname)}
    lines = []
    for line in example.splitlines():
        name = line.partition("=")[0]
        lines.append(f"{name}={values[name]}" if name in values else line)
    return "\n".join(lines) + "\n"


def main() -> int:
    target = ROOT / ".env"
    text = filled((ROOT / ".env.example").read_text(encoding="utf-8"), *sys.argv[1:2])
    try:
        file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        sys.stderr.write(".env is there already; its secrets open your data. Move it away first.\n")
        return 1
    with os.fdopen(file, "w", encoding="utf-8") as out:
        out.write(text)
    sys.stdout.write("Written: .env. Look through it, then: docker compose up --build --wait\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
