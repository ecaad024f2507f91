"""What an evaluation reads is never written over, nor mixed up with what it writes."""

import shutil
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from resemblance.errors import ConfigurationError, OutputError
from resemblance.evaluating.places import check_output_dir
from resemblance.evaluating.run import evaluate
from tests.helpers import composed


def contents(folder):
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def killed(trained, tmp_path):
    """A training that was killed before its figures were written."""
    path = tmp_path / "killed"
    shutil.copytree(trained.directory, path)
    (path / "metrics.json").unlink()
    return path


@pytest.mark.parametrize(
    ("source", "place", "relation"),
    [
        ("", "", "is"),
        ("", "../killed", "is"),
        ("", "checkpoints", "lies in"),
        ("", "figures", "lies in"),
        ("", "..", "holds"),
        ("checkpoints/best.ckpt", "", "holds"),
        ("checkpoints/best.ckpt", "checkpoints", "holds"),
    ],
)
def test_an_evaluation_leaves_the_run_that_it_evaluates_alone(killed, source, place, relation):
    before = contents(killed)
    overrides = (f"checkpoint={killed / source}", "logger=none")
    with pytest.raises(ConfigurationError, match=rf"output_dir=.* {relation} checkpoint="):
        evaluate(composed(*overrides, command="evaluate"), killed / place, overrides, Console(file=StringIO()))
    assert contents(killed) == before


def test_an_evaluation_leaves_another_killed_training_alone(killed, tmp_path):
    names = [f"P{k // 2}_{k:04d}" for k in range(8)]
    np.savez(tmp_path / "v.npz", names=np.array(names), emb=np.random.default_rng(0).normal(size=(8, 4)))
    before = contents(killed)
    overrides = (f"embeddings={tmp_path / 'v.npz'}", "logger=none")
    with pytest.raises(OutputError, match="holds an unfinished training"):
        evaluate(composed(*overrides, command="evaluate"), killed, overrides, Console(file=StringIO()))
    assert contents(killed) == before


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("pairs", {"pairs": "in/file"}),
        ("metadata", {"metadata": "in/file"}),
        ("templates", {"templates": "in/file"}),
        ("embeddings", {"embeddings": "in/file"}),
        ("model.path", {"model": {"path": "in/file"}}),
        ("model.weights", {"model": {"weights": "in/file"}}),
        ("data.root", {"data": {"root": "in"}}),
    ],
)
def test_a_place_that_holds_or_lies_in_an_input_is_refused(tmp_path, monkeypatch, name, config):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "in")
    check_output_dir(tmp_path / "out", config)
    check_output_dir(tmp_path / "in2", config)
    for place in ("in", "link", "."):
        with pytest.raises(ConfigurationError, match=rf"{name}='in"):
            check_output_dir(tmp_path / place, config)
    if name == "data.root":
        with pytest.raises(ConfigurationError, match="lies in data.root='in', which the evaluation reads"):
            check_output_dir(tmp_path / "in" / "deep" / "run", config)
