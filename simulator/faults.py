"""Faults on demand: what goes wrong next for a linked device. In memory only; each happens once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.errors import Refused, invalid
from simulator.values import Fields

LONGEST_HANG_SECONDS = 3600.0
KNOWN = (
    "drop",
    "replace",
    "refuse_next_send",
    "hang_next_send",
    "answer_next_send_late",
    "duplicate_next_send",
    "lose_next_response",
)


@dataclass(slots=True)
class Faults:
    """What is to go wrong next for one device."""

    refusal: Refused | None = None
    hang_seconds: float | None = None
    late_seconds: float | None = None
    is_duplicating: bool = False
    is_losing_response: bool = False

    def take_refusal(self) -> Refused | None:
        """The error that the next send shall get, once."""
        refusal, self.refusal = self.refusal, None
        return refusal

    def take_hang(self) -> float | None:
        """How many seconds the next send shall hang, once."""
        seconds, self.hang_seconds = self.hang_seconds, None
        return seconds

    def take_delay(self) -> float | None:
        """How many seconds after it was done the next send shall be answered, once."""
        seconds, self.late_seconds = self.late_seconds, None
        return seconds

    def take_duplicate(self) -> bool:
        """Whether the next send shall arrive twice, once."""
        is_twice, self.is_duplicating = self.is_duplicating, False
        return is_twice

    def take_loss(self) -> bool:
        """Whether the next response shall be lost, once."""
        is_lost, self.is_losing_response = self.is_losing_response, False
        return is_lost

    def plan(self, fields: Fields) -> None:
        """Add what a caller of the control API asks for."""
        refusal = fields.child("refuse_next_send")
        if refusal:
            self.refusal = Refused(
                refusal.text("code", limit=100),
                refusal.text("message", limit=1000, default=""),
                permanent=refusal.flag("permanent"),
            )
        if fields.has("hang_next_send"):
            self.hang_seconds = fields.number("hang_next_send", low=0, high=LONGEST_HANG_SECONDS)
        if fields.has("answer_next_send_late"):
            self.late_seconds = fields.number("answer_next_send_late", low=0, high=LONGEST_HANG_SECONDS)
        if fields.has("duplicate_next_send"):
            self.is_duplicating = fields.flag("duplicate_next_send")
        if fields.has("lose_next_response"):
            self.is_losing_response = fields.flag("lose_next_response")

    def as_row(self) -> dict[str, Any]:
        """What is still to come, for the control API."""
        return {
            "refuse_next_send": self.refusal.as_error() if self.refusal else None,
            "hang_next_send": self.hang_seconds,
            "answer_next_send_late": self.late_seconds,
            "duplicate_next_send": self.is_duplicating,
            "lose_next_response": self.is_losing_response,
        }


class FaultPlans:
    """The faults of every device that has some."""

    def __init__(self) -> None:
        self._plans: dict[str, Faults] = {}

    def of(self, device_id: str) -> Faults:
        """The plan of a device, empty at first."""
        return self._plans.setdefault(device_id, Faults())

    def forget(self, device_id: str) -> None:
        """The device is no more."""
        self._plans.pop(device_id, None)


def check_known(fields: Fields) -> None:
    """At least one fault that exists."""
    if not any(fields.has(name) for name in KNOWN):
        raise invalid("Diga qual falha deve acontecer.")
