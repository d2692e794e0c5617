"""`make test`'s runner: two at a time, results in order, an end at the first failure."""

import sys
import time

import pytest

from deploy.local import checks
from deploy.local.checks import Check, Runner
from deploy.local.console import Trouble


@pytest.fixture(autouse=True)
def logs_in_folder(folder, monkeypatch):
    monkeypatch.setattr(checks, "LOGS", folder)


def check(title: str, code: str) -> Check:
    return Check(title, [sys.executable, "-c", code])


def test_results_come_in_the_order_given(capsys):
    runner = Runner()
    runner.run([check("slow", "import time; time.sleep(0.5)"), check("quick", "pass")])
    runner.run([check("later", "pass")])
    shown = capsys.readouterr().out
    assert shown.index("✓ slow") < shown.index("✓ quick") < shown.index("✓ later")


MEET = """
import pathlib, sys, time
mine, other = (pathlib.Path(name) for name in sys.argv[1:])
mine.touch()
until = time.monotonic() + 30
while not other.exists():
    assert time.monotonic() < until, "the other one did not run"
    time.sleep(0.02)
"""


def test_two_run_at_a_time(folder):
    names = [str(folder / "one"), str(folder / "other")]
    python = [sys.executable, "-c", MEET]
    Runner().run([Check("one", [*python, *names]), Check("other", [*python, *reversed(names)])])


def test_a_long_one_starts_first_and_is_shown_where_it_stands(capsys, folder):
    begun = str(folder / "begun")
    Runner().run(
        [
            check("first", f"import os; assert os.path.exists({begun!r})"),
            Check("long", [sys.executable, "-c", f"open({begun!r}, 'w')"], is_long=True),
        ],
        lanes=1,
    )
    shown = capsys.readouterr().out
    assert shown.index("✓ first") < shown.index("✓ long")


def test_a_failure_shows_its_output_and_ends_the_others(capsys, folder):
    began = time.monotonic()
    with pytest.raises(Trouble, match="bad failed"):
        Runner().run(
            [
                check("long", "import time; time.sleep(60)"),
                check("bad", "print('because'); raise SystemExit(3)"),
                check("never", f"open({str(folder / 'never')!r}, 'w')"),
            ]
        )
    shown = capsys.readouterr().out
    assert "because" in shown
    assert "✗ bad" in shown
    assert not (folder / "never").exists()
    assert time.monotonic() - began < 20
