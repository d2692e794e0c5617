"""The container's health check: looks at what the entrypoint started. Status 0 is well."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

ROLE = Path("/tmp/balcao-role")
BEAT_SCHEDULE = Path("/tmp")
# Celery's clock writes its schedule to disk every three minutes, and when it starts.
BEAT_SILENCE_SECONDS = 600


def web_is_well() -> bool:
    """Liveness, asked under the public name: other names are refused."""
    name = urlsplit(os.environ.get("SITE_URL", "http://127.0.0.1:8000")).netloc
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=5)
    connection.request("GET", "/healthz", headers={"Host": name})
    return connection.getresponse().status == 200


def sockets_are_well() -> bool:
    with socket.create_connection(("127.0.0.1", 8001), timeout=5):
        return True


def worker_is_well(name: str) -> bool:
    """Asked through the broker, as its work comes: a worker that hangs does not answer."""
    node = f"{name}@{socket.gethostname()}"
    command = ["celery", "-A", "config", "inspect", "ping", "--destination", node, "--timeout", "5"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def beat_is_well() -> bool:
    written = [path.stat().st_mtime for path in BEAT_SCHEDULE.glob("beat-schedule*")]
    return bool(written) and time.time() - max(written) < BEAT_SILENCE_SECONDS


def main() -> int:
    if not ROLE.exists():
        return 0  # a command of its own: there is nothing to ask
    role = ROLE.read_text().strip()
    if role == "web":
        return not web_is_well()
    if role == "sockets":
        return not sockets_are_well()
    if role == "beat":
        return not beat_is_well()
    return not worker_is_well(role)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:
        sys.exit(f"not well: {error}")
