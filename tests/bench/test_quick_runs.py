"""Each bench works: its quick run measures the real product and says so in one line.

The figures are nobody's verdict here (the machine is shared), so a missed goal is no failure; a message
that never arrived is.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MET, MISSED = 0, 1
# Of each bench: a figure it must have, and one that must be nothing on any machine.
BENCHES = {
    "roundtrip": ("phone_to_screen_p95_ms", "lost"),
    "fanout": ("message_p95_ms", "message_missed"),
    "browser": ("all_ready_seconds", "codes_asked_for_after_kill"),
    "inbox": ("owner_inbox_http_p95_ms", "reads_whose_queries_grow"),
}


@pytest.mark.parametrize("name", BENCHES)
def test_a_quick_run_measures_and_ends_with_one_json_line(name):
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", "--quick"],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=150,
    )
    assert done.stdout and done.returncode in (MET, MISSED), done.stderr[-3000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])

    figure, nothing = BENCHES[name]
    assert told["bench"] == name
    assert told["met"] is (done.returncode == MET)
    assert told["figures"][figure] > 0
    assert told["figures"][nothing] == 0, f"{told['figures']}\n{done.stderr[-5000:]}"
    assert told["goals"].keys() <= told["figures"].keys()
