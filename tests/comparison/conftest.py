import io
from pathlib import Path

import pytest
from rich.console import Console

from resemblance.training import train
from tests.comparison.written import write_study
from tests.helpers import composed

FEW = ("~protocol.open_set", "~protocol.retrieval", "~protocol.one_shot", "~protocol.calibration")
SMOKE = ("trainer=smoke", "logger=none", "backbone.widths=[8]", *FEW)


@pytest.fixture(scope="session")
def real_study(tmp_path_factory) -> Path:
    """Rehearsals of two losses with two seeds, trained as users train them."""
    folder = tmp_path_factory.mktemp("study")
    for loss in ("cosface", "triplet"):
        for seed in (1, 2):
            overrides = (*SMOKE, f"loss={loss}", f"seed={seed}")
            train(composed(*overrides), folder / loss / str(seed), overrides, Console(file=io.StringIO()))
    return folder


@pytest.fixture(scope="session")
def made_up_study(tmp_path_factory) -> Path:
    """Four losses with five seeds, of which one is far behind and two are alike."""
    folder = tmp_path_factory.mktemp("made_up") / "losses"
    means = {"cosface": 0.97, "softmax": 0.969, "triplet": 0.93, "batch_hard": 0.8}
    return write_study(folder, means, spread=0.004)
