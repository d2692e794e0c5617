"""Meta's errors by number: what each means to us, and whether trying again is pointless."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connections.choices import State
from connections.drivers.base import DriverError

PERMANENT, FOR_NOW = True, False
MEANING: dict[int, tuple[str, bool]] = {
    0: ("token_rejected", PERMANENT),
    1: ("gateway_error", FOR_NOW),
    2: ("gateway_error", FOR_NOW),
    3: ("permission_denied", PERMANENT),
    4: ("rate_limited", FOR_NOW),
    10: ("permission_denied", PERMANENT),
    190: ("token_rejected", PERMANENT),
    368: ("banned", PERMANENT),
    80007: ("rate_limited", FOR_NOW),
    130429: ("rate_limited", FOR_NOW),
    130472: ("not_deliverable", PERMANENT),
    131000: ("gateway_error", FOR_NOW),
    131005: ("permission_denied", PERMANENT),
    131016: ("gateway_error", FOR_NOW),
    131026: ("not_deliverable", PERMANENT),
    131030: ("not_allowed", PERMANENT),
    131031: ("banned", PERMANENT),
    131042: ("payment_needed", PERMANENT),
    131045: ("not_registered", PERMANENT),
    131047: ("window_closed", PERMANENT),
    131048: ("rate_limited", FOR_NOW),
    131049: ("not_deliverable", PERMANENT),
    131050: ("not_deliverable", PERMANENT),
    131052: ("media_gone", PERMANENT),
    131053: ("media_refused", PERMANENT),
    131056: ("rate_limited", FOR_NOW),
    131057: ("gateway_error", FOR_NOW),
    133004: ("gateway_error", FOR_NOW),
    133010: ("not_registered", PERMANENT),
}
TEMPLATES = range(132000, 133000)
# The link itself is over; a message that met with it waits for the next.
ENDS = {
    "token_rejected": State.FAILED,
    "not_registered": State.FAILED,
    "banned": State.BANNED,
}


def meaning_of(number: Any) -> tuple[str, bool]:
    """(our code, whether trying again is pointless) of Meta's number."""
    if isinstance(number, int) and number in MEANING:
        return MEANING[number]
    if isinstance(number, int) and number in TEMPLATES:
        return "template_refused", PERMANENT
    if isinstance(number, int) and 200 <= number < 300:
        return "permission_denied", PERMANENT
    return "refused", PERMANENT


def refusal(status: int, body: Any, may_repeat: bool) -> DriverError:
    """What an answer other than success means. With an error in Meta's own words nothing was done; with
    none, whoever stands in between was speaking, and nobody knows."""
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, Mapping) and isinstance(error.get("code"), int):
        code, permanent = meaning_of(error["code"])
        return DriverError(code, words_of(error), permanent=permanent)
    if status == 401:
        return DriverError("token_rejected", str(status), permanent=True)
    if status == 429:
        return DriverError("rate_limited", str(status), permanent=False)
    if status >= 500:
        return DriverError("gateway_error", str(status), permanent=False, is_unknown=not may_repeat)
    return DriverError("refused", str(status), permanent=True)


def words_of(error: Mapping[str, Any]) -> str:
    """Meta's number and words, for those who look closer."""
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, Mapping) else None
    return f"{error.get('code')} {details or error.get('message') or error.get('title') or ''}"[:300]
