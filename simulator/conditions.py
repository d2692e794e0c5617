"""What befalls a linked device until it is lifted: a ban, no network, an old version, held ticks.

In memory only: a server that starts anew has forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.errors import invalid
from simulator.values import Fields
from simulator.views import Json

NONE = "none"
OFFLINE = "offline"
# The network says why, closes, and does not let the device in again while it lasts.
TURNED_AWAY = (OFFLINE, "banned", "business_banned", "deprecated", "proxy_block")
# The device only hears of these.
TOLD = ("needs_update", "storage_failure")
CONDITIONS = (NONE, *TURNED_AWAY, *TOLD)
ACK_MODES = ("normal", "hold", "reverse")


@dataclass(slots=True)
class Conditions:
    """How things are for one device."""

    condition: str = NONE
    acks: str = ACK_MODES[0]
    is_restricted: bool = False

    @property
    def turns_away(self) -> bool:
        """Whether the device is kept out."""
        return self.condition in TURNED_AWAY

    def change(self, fields: Fields) -> list[Json]:
        """Set what a caller of the control API names. Returns the frames that tell the device."""
        frames: list[Json] = []
        if fields.has("condition"):
            self.condition = fields.choice("condition", CONDITIONS)
            frames.append(self.frame())
        if fields.has("acks"):
            self.acks = fields.choice("acks", ACK_MODES)
            frames.append({"type": "condition", "condition": "acks", "mode": self.acks})
        if fields.has("restricted"):
            self.is_restricted = fields.flag("restricted")
        if not (frames or fields.has("restricted")):
            raise invalid("Diga “condition”, “acks” ou “restricted”.")
        return frames

    def frame(self) -> Json:
        """What the device is told of its condition."""
        return {"type": "condition", "condition": self.condition}

    def frames_at_start(self) -> list[Json]:
        """What a device that comes (back) in has to know."""
        told = [self.frame()] if self.condition in TOLD else []
        if self.acks != ACK_MODES[0]:
            told.append({"type": "condition", "condition": "acks", "mode": self.acks})
        return told

    def as_row(self) -> dict[str, Any]:
        """For the control API."""
        return {"condition": self.condition, "acks": self.acks, "restricted": self.is_restricted}
