"""`make bench`: what a bench prints becomes a page, and its verdict the exit status."""

import json

import pytest

from deploy.local import bench
from deploy.local.console import Trouble

SAID = {
    "bench": "fanout",
    "commit": "abc",
    "machine": {"cpu": "two cores"},
    "figures": {"p95_ms": 44.2, "consoles": 500},
    "goals": {"p95_ms": ["<=", 60]},
    "met": True,
}


def test_the_last_line_is_the_result(folder):
    result = bench.parse("fanout", f"warming up\n{json.dumps(SAID)}\n", folder / "log")
    assert result.figures == {"p95_ms": 44.2, "consoles": 500}
    assert result.met


@pytest.mark.parametrize("output", ["", "no json", "{}", "[1]", '{"figures": 3}'])
def test_a_bench_without_a_result_is_trouble(folder, output):
    with pytest.raises(Trouble, match="printed no result"):
        bench.parse("fanout", output, folder / "log")


def test_the_page_shows_figures_goals_and_verdicts(folder):
    missed = {**SAID, "met": False}
    page = bench.page([bench.parse("fanout", json.dumps(missed), folder / "log")])
    assert "## fanout: **goals missed**" in page
    assert "| p95_ms | 44.2 | <= 60 |" in page
    assert "| consoles | 500 |  |" in page


def test_a_bench_is_a_file_that_can_be_run(folder, monkeypatch):
    (folder / "bench").mkdir()
    (folder / "bench" / "fanout.py").write_text('if __name__ == "__main__":\n    print("{}")\n')
    (folder / "bench" / "world.py").write_text("ROWS = 1\n")
    monkeypatch.setattr(bench, "ROOT", folder)
    assert bench.benches() == ["fanout"]
