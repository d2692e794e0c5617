"""What is put into the page: wa-js as it is published, its privacy defaults switched off, and our bridge."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from connections.drivers.base import DriverError
from connections.drivers.browser.settings import Settings

BRIDGE = Path(__file__).with_name("bridge.js")
BRAND = "Balcão"
# wa-js reports log-ins and errors to its authors' Google Analytics, and every address in a text of ours to
# three servers of third parties, unless it is told not to before it starts.
PRIVACY: dict[str, Any] = {
    "disableGoogleAnalytics": True,
    "googleAnalyticsId": None,
    "googleAnalyticsUserProperty": {},
    "linkPreviewApiServers": [],
    "poweredBy": "-",
    "deviceName": BRAND,
    "sendStatusToDevice": False,
    "syncAllStatus": False,
}
LIMITS = {"brand": BRAND, "ringSize": 20_000, "eventBytes": 256 * 1024, "textLength": 65_536}


def script_for(chosen: Settings) -> str:
    """wa-js behind its settings. Raises DriverError when the bundle is not the expected one."""
    return _script(chosen.bundle_path, chosen.expected_sha256)


@lru_cache(maxsize=4)
def _script(path: Path, sha256: str) -> str:
    try:
        bundle = path.read_bytes()
    except OSError as gone:
        raise DriverError("wa_js_missing", str(path.name), permanent=True) from gone
    found = hashlib.sha256(bundle).hexdigest()
    if found != sha256:
        raise DriverError("wa_js_changed", f"{path.name} has the sha256 {found}", permanent=True)
    config = f"window.WPPConfig = {json.dumps(PRIVACY)};"
    return "\n".join([config, bundle.decode(), ";"])


def bridge_script() -> str:
    """Installs `window.__desk` on a page on which wa-js runs."""
    return f"{BRIDGE.read_text()}({json.dumps(LIMITS)})"
