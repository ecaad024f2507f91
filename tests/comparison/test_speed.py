import os
import subprocess
import sys

import pytest

from tests.comparison.written import write_study
from tests.helpers import REPOSITORY


@pytest.mark.slow
def test_a_hundred_runs_take_less_than_five_seconds_of_one_core(tmp_path):
    means = {"cosface": 0.97, "softmax": 0.96, "triplet": 0.93, "batch_hard": 0.9}
    for number in range(5):
        settings = {"optimizer.lr": 0.001 * (number + 1)}
        write_study(tmp_path / "runs" / str(number), means, seeds=5, settings=settings)
    assert len(list(tmp_path.rglob("metrics.json"))) == 100
    before = os.times()
    command = [sys.executable, str(REPOSITORY / "compare.py"), "runs=runs", "output_dir=out"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    after = os.times()
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "out" / "report.html").is_file()
    # Of the processor, so that whatever else this machine does counts for nothing.
    assert after.children_user + after.children_system - before.children_user - before.children_system < 5
