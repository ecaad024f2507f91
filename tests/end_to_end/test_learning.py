"""Every loss learns: on rendered faces, in some thirty seconds of training on two cores, through the command line."""

import json
import subprocess
import sys

import pytest

from tests.helpers import REPOSITORY, options

EPOCHS = 4
"""24,000 images, which the default network sees in about thirty seconds on two cores."""
WANTED = 0.90
"""AUC over all pairs of 100 identities that were not trained on; the untrained network has 0.55."""
WITH = {"pml": ("loss.name=MultiSimilarityLoss", "loss.miner=MultiSimilarityMiner")}
"""What a loss can't do without."""


def trained(tmp_path, loss, *overrides):
    command = [
        *(sys.executable, str(REPOSITORY / "train.py"), f"loss={loss}", *WITH.get(loss, ()), *overrides),
        *(f"epochs={EPOCHS}", "logger=none", f"output_dir={tmp_path / 'run'}"),
    ]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1800)
    assert ended.returncode == 0, ended.stderr
    return json.loads((tmp_path / "run" / "metrics.json").read_text())


@pytest.mark.slow
@pytest.mark.parametrize("loss", options("loss"))
def test_a_loss_learns_in_half_a_minute(tmp_path, loss):
    metrics = trained(tmp_path, loss)
    assert metrics["train/collapsed"]["value"] == 0
    assert metrics["test/verification/auc"]["value"] >= WANTED
