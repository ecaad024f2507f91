"""The command that gives the published figures of dlib's network on LFW from its saved embeddings."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from tests import prewarmed


@pytest.fixture(scope="module")
def metrics(tmp_path_factory):
    place = Path(os.environ.get("RESEMBLANCE_DATA", "")) / "lfw"
    for name in ("lfw_dlib_128d.npz", "lfw_protocol.zip"):
        if "RESEMBLANCE_DATA" not in os.environ or not (place / name).is_file():
            pytest.skip(f"lfw/{name} is not under RESEMBLANCE_DATA")
    folder = tmp_path_factory.mktemp("lfw")
    with zipfile.ZipFile(place / "lfw_protocol.zip") as lists:
        lists.extract("pairs.txt", folder)
    # All pairs of 13,233 images have a test of their own; here it is the list's and the search's turn.
    words = [f"embeddings={place / 'lfw_dlib_128d.npz'}", "similarity=negative_squared_l2", "pairs=pairs.txt"]
    words += ["protocol=pairs", "~protocol.verification", "~protocol.hardest", "~protocol.one_shot"]
    ended = prewarmed.run("evaluate.py", *words, "logger=none", "output_dir=run", cwd=folder, timeout=600)
    assert ended.returncode == 0, ended.stderr
    assert "LFW View 2" in ended.stdout
    return json.loads((folder / "run" / "metrics.json").read_text())


@pytest.mark.parametrize(
    ("key", "published", "digits"),
    [
        ("pairs/auc", 0.998456, 6),
        ("pairs/tar_at_far_1e_2", 0.98733, 5),
        ("pairs/tar_at_far_1e_3", 0.93833, 5),
        ("pairs/ten_fold_accuracy", 0.9877, 4),
        ("identification/rank_1", 0.891368, 6),
    ],
)
def test_it_is_the_published_figure_to_the_last_digit(metrics, key, published, digits):
    figure = metrics[f"test/{key}"]
    assert round(figure["value"], digits) == published
    assert figure["low"] < figure["value"] < figure["high"]
    assert figure["method"]


def test_the_standard_error_over_folds_is_published_too(metrics):
    assert "standard error 0.0015 over 10 folds" in metrics["test/pairs/ten_fold_accuracy"]["note"]
