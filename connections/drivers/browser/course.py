"""What the states of WhatsApp Web mean for the link: told to the session, or something to be done.

Pure: it is shown what the page says of itself and what time it is, and answers with what follows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from connections import wire
from connections.choices import State

SYNC_SECONDS = 180.0
# A phone's network comes and goes; after this the link is begun anew.
OFFLINE_SECONDS = 300.0
# Another window took the link, and keeps it though we asked for it back.
CONFLICT_SECONDS = 30.0
FIRST_QR_SECONDS = 60.0
NEXT_QR_SECONDS = 20.0
PASSKEY_SECONDS = 120.0
PAIRING_CODE_SECONDS = 195.0
BLOCKED = {
    "TOS_BLOCK": "tos_block",
    "SMB_TOS_BLOCK": "tos_block",
    "PROXYBLOCK": "proxy_block",
}
BANNED_EVENTS = {"account_temporarily_banned": "temporarily_banned"}
PASSKEY_EVENTS = frozenset(["passkey_required"])
BROKEN_EVENTS = frozenset(["storage_initialization_error", "web_fail_storage_initialization"])
UNSURE_SOCKETS = frozenset(["OPENING", "TIMEOUT", "UNLAUNCHED", "PAIRING"])
# Log-outs that are not somebody's click on the phone.
LOG_OUT_REASONS = {
    "account_locked": "account_locked",
    "unknown_companion": "unlinked_on_phone",
    "client_version_outdated": "needs_update",
    "storage_quota_exceeded": "storage_full",
}


class Order(Enum):
    """What the driver has to do."""

    PAIR = "ask for a pairing code"
    REFRESH_QR = "ask for a new QR code"
    RESTORE = "the profile has lost its link: bring an archive back"
    TAKE_OVER = "take the link back from another window"
    RELOAD = "load the page anew"
    CATCH_UP = "ask for what was missed"


Step = wire.Told | Order


@dataclass
class Course:
    """One link's way from the first page to its end.

    `was_linked`: a phone has let us in before; `by_code`: link by a pairing code.
    """

    was_linked: bool
    by_code: bool
    attempts: int
    is_linked: bool = False
    is_ready: bool = False
    attempt: int = 0
    phone: str = ""
    _qr: str = ""
    _code: str = ""
    _idle: Any = 0
    _is_pairing: bool = False
    _has_taken_over: bool = False
    _has_reloaded: bool = False
    _since: dict[str, float] = field(default_factory=dict)

    def page_begins(self) -> None:
        """A new page knows nothing yet; that a phone has let us in stays true."""
        self.is_ready = False
        self._is_pairing = False
        self._qr = ""
        self._since.clear()

    def restored(self) -> None:
        self.is_linked = False

    def see(self, seen: dict[str, Any], now: float) -> list[Step]:
        """The page's state of now."""
        for ending in (self._log_out(seen), self._block(seen), self._outdated(seen)):
            if ending is not None:
                return [ending]
        if "CONFLICT" in (seen["mode"], seen["socket"]):
            return self._conflict(now)
        self._since.pop("conflict", None)
        return self._linked(seen, now) if seen["authenticated"] else self._unlinked(seen)

    def follows(self, name: str, data: dict[str, Any], now: float) -> list[Step] | None:
        """What follows from an event of the bridge; None where it is not about the link itself."""
        match name:
            case "state":
                return self.see(data, now)
            case "backend":
                return self.hear(data["name"], data["seconds"])
            case "link_code":
                return [*self.show_code(data["code"])]
            case "link_code_expired":
                return [wire.Ended(state=State.FAILED, reason="pairing_expired")]
            case "link_code_error":
                return [wire.Ended(state=State.FAILED, reason="pairing_refused", detail=data["message"])]
        return None

    def show_code(self, code: str) -> list[wire.PairingCodeShown]:
        """A code to type, once, however often it is told."""
        if not code or code == self._code:
            return []
        self._code = code
        return [wire.PairingCodeShown(code=code, expires_in=PAIRING_CODE_SECONDS)]

    def hear(self, event: str, seconds: float | None = None) -> list[Step]:
        """Something WhatsApp's own event bus said."""
        if event in PASSKEY_EVENTS:
            return [wire.PasskeyNeeded(expires_in=seconds or PASSKEY_SECONDS)]
        if event in BANNED_EVENTS:
            return [wire.Ended(state=State.BANNED, reason=BANNED_EVENTS[event])]
        return [Order.RELOAD] if event in BROKEN_EVENTS else []

    def tick(self, now: float) -> list[Step]:
        """What follows from nothing having happened."""
        if self._is_past("sync", SYNC_SECONDS, now):
            return [Order.RELOAD]
        if self._is_past("offline", OFFLINE_SECONDS, now):
            return [wire.Ended(state=State.RECONNECTING, reason="offline_too_long")]
        if self._is_past("conflict", CONFLICT_SECONDS, now):
            return [wire.Ended(state=State.FAILED, reason="replaced")]
        return []

    # --- endings ------------------------------------------------------------------------------

    def _log_out(self, seen: dict[str, Any]) -> wire.Ended | None:
        is_told = seen["logged_out"] and (self.is_linked or self.was_linked)
        is_unpaired = self.is_linked and not seen["authenticated"]
        return logged_out(seen["logout_reason"]) if is_told or is_unpaired else None

    def _block(self, seen: dict[str, Any]) -> wire.Ended | None:
        reason = BLOCKED.get(seen["mode"]) or BLOCKED.get(seen["socket"])
        return wire.Ended(state=State.BANNED, reason=reason) if reason else None

    def _outdated(self, seen: dict[str, Any]) -> Step | None:
        """A page that is too old: loading it again brings the newest, unless it is pinned."""
        if not seen["needs_update"] and "DEPRECATED_VERSION" not in (seen["mode"], seen["socket"]):
            return None
        if self._has_reloaded:
            return wire.Ended(state=State.FAILED, reason="needs_update", detail=seen["version"])
        self._has_reloaded = True
        return Order.RELOAD

    def _conflict(self, now: float) -> list[Step]:
        if "conflict" in self._since:
            return []
        if self._has_taken_over:
            return [wire.Ended(state=State.FAILED, reason="replaced")]
        self._has_taken_over = True
        self._since["conflict"] = now
        if not self.is_ready:
            return [Order.TAKE_OVER]
        self._since["offline"] = now
        return [wire.Unwell(reason="replaced"), Order.TAKE_OVER]

    # --- before and after a phone lets us in --------------------------------------------------

    def _unlinked(self, seen: dict[str, Any]) -> list[Step]:
        steps: list[Step] = []
        if seen["mode"] != "QR":
            return []
        if self.was_linked:
            # A code to scan means that WhatsApp does not know us: the profile's keys are gone.
            return [Order.RESTORE] if seen["qr"] else []
        if self.by_code:
            if self._is_pairing:
                return []
            self._is_pairing = True
            return [Order.PAIR]
        if seen["idle"] and seen["idle"] != self._idle:
            self._idle = seen["idle"]
            steps.append(Order.REFRESH_QR)
        return steps + self._show(seen["qr"])

    def _show(self, code: str) -> list[Step]:
        if not code or code == self._qr:
            return []
        self._qr = code
        self.attempt += 1
        if self.attempt > self.attempts:
            return [wire.Ended(state=State.FAILED, reason="qr_exhausted")]
        lasts = FIRST_QR_SECONDS if self.attempt == 1 else NEXT_QR_SECONDS
        return [
            wire.QrShown(code=code, expires_in=lasts, attempt=self.attempt, attempts=self.attempts),
        ]

    def _linked(self, seen: dict[str, Any], now: float) -> list[Step]:
        steps: list[Step] = []
        if not self.is_linked:
            self.is_linked = True
            if not self.was_linked:
                steps.append(wire.Linked(credentials=b""))
            self.was_linked = True
        if not is_connected(seen):
            return steps + self._waits(now)
        was_away = self._since.pop("offline", None) is not None
        self._since.pop("sync", None)
        if self.is_ready:
            return [*steps, wire.Unwell(reason=""), Order.CATCH_UP] if was_away else steps
        self.is_ready = True
        self.phone = phone_of(seen["me"])
        return [*steps, wire.Ready(phone=self.phone, profile_name=seen["name"][:80]), Order.CATCH_UP]

    def _waits(self, now: float) -> list[Step]:
        """Linked, but not there: still synchronising, or away."""
        if not self.is_ready:
            self._since.setdefault("sync", now)
            return []
        if "offline" in self._since:
            return []
        self._since["offline"] = now
        return [wire.Unwell(reason="offline")]

    def _is_past(self, what: str, seconds: float, now: float) -> bool:
        since = self._since.get(what)
        if since is None or now - since < seconds:
            return False
        self._since[what] = now
        return True


def is_connected(seen: dict[str, Any]) -> bool:
    """wa-js's own "main_ready" fires on the QR page as well, and is never taken back."""
    is_there = seen["authenticated"] and seen["mode"] == "MAIN" and seen["online"]
    return bool(is_there and seen["me"] and seen["socket"] not in UNSURE_SOCKETS)


def logged_out(reason: str) -> wire.Ended:
    code = LOG_OUT_REASONS.get(reason, "unlinked_on_phone")
    return wire.Ended(state=State.LOGGED_OUT, reason=code, detail=reason[:100])


def phone_of(wid: str) -> str:
    """ "+5511…" of "5511…@c.us" or "5511…:3@c.us"; empty where it hides the number."""
    user, _, server = wid.partition("@")
    digits = user.partition(":")[0]
    return f"+{digits}" if digits.isdecimal() and server != "lid" else ""
