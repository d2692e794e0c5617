"""How long to wait before trying again."""

import pytest

from connections.backoff import CEILING_SECONDS, backoff_seconds


@pytest.mark.parametrize(
    ("attempt", "full"),
    [
        (0, 1),
        (1, 2),
        (2, 4),
        (5, 32),
        (8, 256),
        (9, CEILING_SECONDS),
        (20, CEILING_SECONDS),
        (10_000, CEILING_SECONDS),
    ],
)
def test_the_pause_doubles_up_to_a_ceiling(attempt, full):
    assert backoff_seconds(attempt, luck=0.0) == full / 2
    assert full * 0.95 < backoff_seconds(attempt, luck=0.999) <= full


def test_sessions_dropped_together_do_not_come_back_in_one_instant():
    pauses = {backoff_seconds(3, luck / 10) for luck in range(10)}

    assert len(pauses) == 10
