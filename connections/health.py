"""Whether a link that says it is up is up: pure decisions over what was observed.

A number can be "connected" and yet bring nothing. So a link is asked something only a living one answers,
and its silence is measured against the traffic it usually has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connections.choices import State

PROBES_UNTIL_DEGRADED = 2
PROBES_UNTIL_RECYCLED = 4
RECYCLES_PER_HOUR = 4
# So much would have come by now, were it as usual: that nothing came by chance is one in 160,000.
SILENT_AT_EXPECTED = 12.0
SILENT_AT_LEAST = timedelta(minutes=15)
SILENCE_RECYCLED_EVERY = timedelta(hours=6)

PROBE_FAILED = "probe_failed"
SILENT = "silent"
MEMORY = "memory"


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """How long a state may take, and what it ends in."""

    seconds: float
    ends_in: str
    reason: str


# Times that WhatsApp leaves a person, or that a living page needs at most.
DEADLINES: Mapping[str, Deadline] = {
    State.STARTING: Deadline(seconds=90, ends_in=State.RECONNECTING, reason="start_timed_out"),
    State.SCAN_QR: Deadline(seconds=300, ends_in=State.FAILED, reason="qr_exhausted"),
    State.PAIRING_CODE: Deadline(seconds=600, ends_in=State.FAILED, reason="pairing_code_expired"),
    State.PASSKEY_REQUIRED: Deadline(seconds=600, ends_in=State.FAILED, reason="passkey_timed_out"),
    State.SYNCING: Deadline(seconds=180, ends_in=State.RECONNECTING, reason="sync_timed_out"),
}


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What a watch saw. `unwell`: what the link itself complains of, as a code; `memory_bytes` beyond
    `memory_limit` (0: none) is too much."""

    failed_probes: int = 0
    is_silent: bool = False
    unwell: str = ""
    memory_bytes: int = 0
    memory_limit: int = 0


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`degraded_by`: what people are told, empty for well. `recycle_for`: why the link is to be built anew
    now; empty: it is not."""

    degraded_by: str = ""
    recycle_for: str = ""


def verdict(found: Findings, recycled: Sequence[tuple[datetime, str]], now: datetime) -> Verdict:
    """What to say and do. `recycled`: when and why the link was built anew before. It is not again and again:
    what a new link does not cure is for people to look at."""
    is_too_large = bool(found.memory_limit) and found.memory_bytes > found.memory_limit
    degraded_by = found.unwell
    if found.is_silent:
        degraded_by = SILENT
    if found.failed_probes >= PROBES_UNTIL_DEGRADED:
        degraded_by = PROBE_FAILED
    why = ""
    if found.failed_probes >= PROBES_UNTIL_RECYCLED:
        why = PROBE_FAILED
    elif is_too_large:
        why = MEMORY
    elif found.is_silent and not _was_recycled(recycled, SILENT, now - SILENCE_RECYCLED_EVERY):
        why = SILENT
    lately = sum(at > now - timedelta(hours=1) for at, _why in recycled)
    return Verdict(degraded_by=degraded_by, recycle_for=why if lately < RECYCLES_PER_HOUR else "")


def _was_recycled(recycled: Sequence[tuple[datetime, str]], why: str, since: datetime) -> bool:
    return any(at > since and reason == why for at, reason in recycled)


def is_silent(
    usual: Mapping[tuple[int, int], float], last_received_at: datetime | None, now: datetime
) -> bool:
    """Whether nothing has come for longer than chance explains.

    `usual`: messages an hour by (weekday, hour), both UTC. One that never received anything is not silent.
    """
    if last_received_at is None or now - last_received_at < SILENT_AT_LEAST:
        return False
    expected, moment = 0.0, last_received_at
    while moment < now and expected < SILENT_AT_EXPECTED:
        end = min(now, moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))
        share = (end - moment) / timedelta(hours=1)
        expected += usual.get((moment.weekday(), moment.hour), 0.0) * share
        moment = end
    return expected >= SILENT_AT_EXPECTED
