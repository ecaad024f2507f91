"""The figures that the project promises, in full: minutes each, so under the ``slow`` mark."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.helpers import REPOSITORY

pytestmark = pytest.mark.slow
LFW = Path(os.environ.get("RESEMBLANCE_DATA", "")) / "lfw" / "lfw_112.zip"


def figures(tmp_path, *arguments):
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, str(REPOSITORY / "train.py"), "output_dir=run", *arguments],
        cwd=tmp_path,
        env={**os.environ, "RESEMBLANCE_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    seconds = time.monotonic() - began
    shown = {key: round(metrics[key]["value"], 4) for key in metrics if key.startswith("test/")}
    print(f"\n{' '.join(arguments) or 'default'}: {seconds:.0f} s, {shown}")  # noqa: T201  # for `pytest -s`
    return metrics


def test_the_default_run_tells_faces_apart_that_it_has_never_seen(tmp_path):
    metrics = figures(tmp_path)
    assert metrics["test/verification/auc"]["value"] >= 0.97
    assert metrics["test/identification/rank_1"]["value"] >= 0.60
    assert 0.2 <= metrics["test/verification/tar_at_far_1e_3"]["value"] <= 0.9
    assert metrics["baseline/verification/auc"]["value"] < 0.7
    assert metrics["test/identification/rank_1"]["counts"]["gallery"] == 100


@pytest.mark.skipif(not LFW.is_file(), reason="RESEMBLANCE_DATA names no folder with lfw/lfw_112.zip")
def test_real_faces_are_told_apart_after_minutes(tmp_path):
    metrics = figures(tmp_path, "data=lfw")
    assert metrics["test/pairs/auc"]["value"] >= 0.95
    assert metrics["test/pairs/auc"]["counts"]["genuine"] == 500
    for key in ("pairs/accuracy", "pairs/eer", "pairs/tar_at_far_1e_2", "verification/tar_at_far_1e_3"):
        assert f"test/{key}" in metrics
    assert metrics["test/identification/rank_1"]["counts"]["gallery"] == 1711
