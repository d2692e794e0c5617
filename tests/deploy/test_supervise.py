"""Watching a stack: what is echoed, and how patiently the dead are brought back."""

import signal

import pytest

from deploy.local.supervise import DELAYS_SECONDS, STEADY_SECONDS, Echo, Revival, status_text


def test_warnings_and_errors_are_echoed_and_the_rest_is_not(folder, capsys):
    log = folder / "worker.log"
    log.write_text("ERROR of an earlier run\n")
    echo = Echo("worker", log)
    with log.open("a") as out:
        out.write("info: all is well\n[WARNING] slow\nValueError: no\nhalf a line with an error")
    echo.show_news()
    shown = capsys.readouterr().out
    assert "slow" in shown
    assert "ValueError: no" in shown
    assert "all is well" not in shown
    assert "earlier" not in shown
    assert "half" not in shown


def test_a_half_line_is_shown_when_it_is_whole(folder, capsys):
    log = folder / "web.log"
    echo = Echo("web", log)
    log.write_text("ERROR in ha")
    echo.show_news()
    log.write_text("ERROR in halves\n")
    echo.show_news()
    assert "ERROR in halves" in capsys.readouterr().out


def test_a_flood_is_cut_short(folder, capsys):
    log = folder / "web.log"
    echo = Echo("web", log)
    log.write_text("ERROR again\n" * 100)
    echo.show_news()
    shown = capsys.readouterr().out
    assert shown.count("ERROR") < 20
    assert "88 more" in shown


def test_a_log_that_was_started_afresh_is_read_from_its_beginning(folder, capsys):
    log = folder / "web.log"
    log.write_text("x" * 1000)
    echo = Echo("web", log)
    log.write_text("ERROR after the change\n")
    echo.show_news()
    assert "ERROR after the change" in capsys.readouterr().out


def test_each_death_costs_more_patience_until_it_is_spent():
    revival = Revival()
    revival.started(0)
    delays = [revival.died(now=1) for _ in range(len(DELAYS_SECONDS) + 1)]
    assert delays == [*DELAYS_SECONDS, None]


def test_a_steady_life_brings_the_patience_back():
    revival = Revival()
    revival.started(0)
    revival.died(now=1)
    revival.started(2)
    assert revival.died(now=3 + STEADY_SECONDS) == DELAYS_SECONDS[0]


@pytest.mark.parametrize(
    ("status", "text"),
    [(0, "status 0"), (3, "status 3"), (-signal.SIGKILL, "signal SIGKILL"), (-99, "signal 99")],
)
def test_an_end_is_named_as_people_know_it(status, text):
    assert status_text(status) == text
