"""What benches share: percentiles, goals, and the one line."""

import json
import math

import pytest

from bench.harness import Measured, line, percentile


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([5], 50, 5),
        ([1, 2, 3, 4], 50, 2),
        ([3, 1, 2], 100, 3),
        (list(range(1, 101)), 95, 95),
        (list(range(1, 21)), 99, 20),
        ([7, 8], 0, 7),
    ],
)
def test_a_percentile_is_a_value_that_was_measured(values, share, expected):
    assert percentile(values, share) == expected


def test_nothing_measured_is_not_a_number():
    assert math.isnan(percentile([], 95))


def test_a_goal_is_met_up_to_its_limit():
    measured = Measured()
    measured.note("p95_ms", 50)
    measured.at_most("p95_ms", 50)

    assert measured.is_met()


@pytest.mark.parametrize("number", [50.1, math.nan, math.inf])
def test_a_goal_is_missed_beyond_it_and_by_what_is_no_number(number):
    measured = Measured()
    measured.note("p95_ms", number)
    measured.at_most("p95_ms", 50)

    assert not measured.is_met()


def test_a_goal_for_a_figure_that_is_missing_is_missed():
    measured = Measured()
    measured.at_most("p95_ms", 50)

    assert not measured.is_met()


@pytest.mark.parametrize(
    ("number", "shown"), [(0.012345, 0.0123), (1.2345, 1.23), (12.345, 12.3), (1234.5, 1234), (0, 0)]
)
def test_figures_have_three_digits(number, shown):
    measured = Measured()
    measured.note("ms", number)

    assert measured.figures["ms"] == shown


def test_the_line_says_bench_commit_machine_figures_goals_and_verdict():
    measured = Measured()
    measured.note_spread("wait", [1.0, 2.0, 3.0])
    measured.note("odd", math.nan)
    measured.at_most("wait_p95_ms", 10)
    told = json.loads(line("some", measured))

    assert told.keys() == {"bench", "commit", "machine", "figures", "goals", "met"}
    assert told["figures"] == {"wait_p50_ms": 2, "wait_p95_ms": 3, "wait_p99_ms": 3}
    assert told["goals"] == {"wait_p95_ms": ["<=", 10]}
    assert told["met"] is True
