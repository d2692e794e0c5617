"""Whether a link that says it is up is up: decisions as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from connections.choices import FINAL_STATES, State
from connections.health import DEADLINES, RECYCLES_PER_HOUR, Findings, Verdict, is_silent, verdict

NOW = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)  # a Wednesday
MB = 1024 * 1024


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Findings(), Verdict()),
        (Findings(failed_probes=1), Verdict()),
        (Findings(failed_probes=2), Verdict(degraded_by="probe_failed")),
        (Findings(failed_probes=4), Verdict(degraded_by="probe_failed", recycle_for="probe_failed")),
        (Findings(unwell="offline"), Verdict(degraded_by="offline")),
        (Findings(unwell="offline", failed_probes=2), Verdict(degraded_by="probe_failed")),
        (Findings(is_silent=True), Verdict(degraded_by="silent", recycle_for="silent")),
        (Findings(memory_bytes=200 * MB, memory_limit=100 * MB), Verdict(recycle_for="memory")),
        (Findings(memory_bytes=99 * MB, memory_limit=100 * MB), Verdict()),
        (Findings(memory_bytes=200 * MB, memory_limit=0), Verdict()),
    ],
)
def test_what_is_seen_decides_what_is_told_and_done(found, told):
    assert verdict(found, [], NOW) == told


def test_silence_is_not_cured_again_and_again():
    """A new link did not help; people are told, and the link is left alone."""
    earlier = [(NOW - timedelta(hours=5), "silent")]

    assert verdict(Findings(is_silent=True), earlier, NOW) == Verdict(degraded_by="silent")
    assert (
        verdict(Findings(is_silent=True), [(NOW - timedelta(hours=7), "silent")], NOW).recycle_for == "silent"
    )


def test_a_link_is_built_anew_only_so_often_an_hour():
    lately = [(NOW - timedelta(minutes=m), "probe_failed") for m in range(RECYCLES_PER_HOUR)]
    broken = Findings(failed_probes=9)

    assert verdict(broken, lately, NOW) == Verdict(degraded_by="probe_failed")
    assert verdict(broken, lately[1:], NOW).recycle_for == "probe_failed"


BUSY = {(2, hour): 60.0 for hour in range(24)}  # every hour of a Wednesday


@pytest.mark.parametrize(
    ("usual", "quiet_for", "expected"),
    [
        (BUSY, timedelta(minutes=14), False),
        (BUSY, timedelta(minutes=15), True),
        ({(2, hour): 10.0 for hour in range(24)}, timedelta(minutes=60), False),
        ({(2, hour): 10.0 for hour in range(24)}, timedelta(minutes=73), True),
        ({}, timedelta(days=9), False),
        ({(2, 3): 500.0}, timedelta(hours=2), False),
    ],
)
def test_silence_is_measured_against_what_usually_comes_at_that_hour(usual, quiet_for, expected):
    assert is_silent(usual, NOW - quiet_for, NOW) is expected


def test_a_quiet_night_is_no_silence():
    """Nothing since yesterday evening, and it is early: hours that are always empty prove nothing."""
    days_only = {(day, hour): 30.0 for day in range(7) for hour in range(11, 21)}
    morning = datetime(2026, 11, 25, 11, 20, tzinfo=UTC)
    evening = datetime(2026, 11, 24, 20, 59, tzinfo=UTC)

    assert not is_silent(days_only, evening, morning)
    assert is_silent(days_only, evening, morning + timedelta(minutes=10))


def test_one_that_never_received_anything_is_not_silent():
    assert not is_silent(BUSY, None, NOW)


def test_whatever_waits_for_a_person_or_a_page_has_a_deadline():
    waiting = set(State) - set(FINAL_STATES) - {State.CREATED, State.CONNECTED, State.RECONNECTING}

    assert set(DEADLINES) == waiting
    assert {deadline.ends_in for deadline in DEADLINES.values()} <= {State.FAILED, State.RECONNECTING}
