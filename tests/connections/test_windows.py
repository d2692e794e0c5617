"""Until when a number may answer freely."""

from datetime import UTC, datetime, timedelta

import pytest

from connections.windows import is_open, open_until, window_of

WROTE = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("driver", "last", "hours", "is_it"),
    [
        ("cloud", WROTE, 0, True),
        ("cloud", WROTE, 23.99, True),
        ("cloud", WROTE, 24, False),
        ("cloud", WROTE, 100, False),
        ("cloud", None, 0, False),
        ("evolution", WROTE, 100, True),
        ("browser", None, 0, True),
    ],
)
def test_the_window_closes_a_day_after_the_customers_last_message(driver, last, hours, is_it):
    assert is_open(driver, last, now=WROTE + timedelta(hours=hours)) is is_it


def test_the_window_is_told_where_there_is_one():
    assert open_until(WROTE) == WROTE + timedelta(hours=24)
    assert window_of("cloud", WROTE)["open_until"].startswith("2026-01-02T12:00:00")
    assert window_of("cloud", None) == {"open_until": None}
    assert window_of("evolution", WROTE) is None
