"""One whole run as a function call: what it writes, that it can be repeated, and that a broken one looks broken."""

import csv
import json
import os
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console

from resemblance import checkpoints, parts
from resemblance.comparison.reading import read_run
from resemblance.config import to_plain
from resemblance.data.roots import VARIABLE
from resemblance.errors import ConfigurationError, DataError, OutputError, TrainingError
from resemblance.models import FaceNetwork, FaceTrainingModule
from resemblance.tracking.reading import read_embeddings, read_metrics, read_results
from resemblance.tracking.run_directory import RunDirectory
from resemblance.training import train
from tests.end_to_end.smoke import SMOKE, run
from tests.helpers import composed, options

FILES = {
    "config.yaml",
    "metrics.json",
    "results.json",
    "history.csv",
    "embeddings.safetensors",
    "images.csv",
    "checkpoints/best.ckpt",
    "checkpoints/last.ckpt",
    "hardest_pairs.csv",
    "replicates.safetensors",
    "run.json",
    "figures/roc.png",
    "figures/det.png",
    "figures/scores.png",
    "figures/calibration.png",
    "figures/cmc.png",
    "figures/open_set.png",
    "figures/hardest_false_matches.png",
    "figures/hardest_false_non_matches.png",
    "figures/samples.png",
}


def test_the_run_directory_holds_what_the_design_names(finished):
    path, _, text = finished
    written = {str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()}
    assert written == FILES
    for file in FILES:
        assert (path / file).stat().st_size > 0
        assert file.rpartition("/")[2] in text


@pytest.mark.usefixtures("without_figures")
def test_unreadable_images_of_every_set_are_listed(tmp_path):
    draw = np.random.default_rng(0)
    torn = set()
    for person in range(30):
        (tmp_path / f"faces/{person}").mkdir(parents=True)
        for image in range(3):
            path = tmp_path / f"faces/{person}/{image}.png"
            Image.fromarray(draw.integers(0, 255, (20, 20, 3), dtype=np.uint8)).save(path)
            if image == person % 3:
                path.write_bytes(path.read_bytes()[:50])
                torn.add(f"{person}/{image}.png")
    shares = ("data.test_share=0.3", "data.validation_share=0.3", "data.image_size=16")
    run(tmp_path / "run", "data=folder", f"data.root={tmp_path / 'faces'}", *shares)
    with (tmp_path / "run" / "failures.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["image_id"] for row in rows} == torn
    assert {row["set"] for row in rows} == {"train", "validation", "test"}
    assert all(row["reason"] for row in rows)


def test_metrics_have_value_counts_and_label_under_the_designs_keys(finished):
    path, outcome, _ = finished
    metrics = json.loads((path / "metrics.json").read_text())
    for key in ("verification/auc", "verification/eer", "verification/tar_at_far_1e_3", "identification/rank_1"):
        for split in ("val", "test", "baseline"):
            assert {"value", "low", "high", "counts", "label"} <= set(metrics[f"{split}/{key}"])
            assert metrics[f"{split}/{key}"]["counts"]["subjects"] == 16
    assert metrics["test/verification/auc"]["value"] == outcome.trained.test.scalars["verification/auc"].value
    assert metrics["test/verification/auc"]["counts"] == {"subjects": 16, "genuine": 48, "impostor": 1080}
    assert read_results(path).scalars == read_metrics(path)


def test_the_table_shows_untrained_and_trained_with_counts(finished):
    _, outcome, text = finished
    for label in ("AUC", "EER", "TAR@FAR=1e-2", "TAR@FAR=1e-3", "rank-1", "rank-5", "1,080 impostor", "untrained"):
        assert label in text
    assert f"{outcome.baseline.test.scalars['verification/auc'].value:.4f}" in text
    assert f"{outcome.trained.test.scalars['verification/auc'].value:.4f}" in text


def test_every_figure_can_be_computed_again_from_the_saved_embeddings(finished):
    path, outcome, _ = finished
    saved = read_embeddings(path)
    config = to_plain(composed(*SMOKE))
    calibration = outcome.trained.test.tables["verification/calibration"]
    thresholds = {target: threshold for target, threshold, *_ in calibration.rows}
    protocols = parts.build_protocols(config, thresholds=thresholds)
    again = parts.run_protocols(protocols, saved.embeddings, saved.similarity())
    assert again == outcome.trained.test


@pytest.mark.usefixtures("without_figures")
def test_the_history_has_a_row_an_epoch(tmp_path):
    run(tmp_path / "run", "epochs=3")
    with (tmp_path / "run" / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3
    for row in rows:
        assert float(row["train/loss"]) > 0
        assert 0 <= float(row["val/verification/auc"]) <= 1


@pytest.mark.usefixtures("without_figures")
@pytest.mark.parametrize("loss", ["cosface", "triplet"])
def test_the_same_seed_gives_the_same_weights_and_another_seed_others(tmp_path, loss):
    weights = []
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        torch.rand(7)  # whatever happened before must not matter
        run(tmp_path / name, f"seed={seed}", f"loss={loss}", "augmentation=photographs")
        weights.append(checkpoints.read(tmp_path / name / "checkpoints" / "last.ckpt")["state_dict"])
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])
    assert any(not torch.equal(weights[0][key], weights[2][key]) for key in weights[0])


@pytest.mark.usefixtures("without_figures")
def test_every_loss_begins_from_the_same_network(tmp_path):
    first = [
        run(tmp_path / loss, f"loss={loss}", "trainer.limit_batches=1")[0].baseline.embeddings.vectors
        for loss in ("cosface", "triplet", "contrastive")
    ]
    assert torch.equal(first[0], first[1])
    assert torch.equal(first[0], first[2])


def test_a_finished_run_is_not_written_over(finished):
    path, _, _ = finished
    before = (path / "metrics.json").read_bytes()
    with pytest.raises(OutputError, match="already holds a finished run"):
        run(path)
    assert (path / "metrics.json").read_bytes() == before


def test_a_run_that_breaks_does_not_look_finished(tmp_path):
    with pytest.raises(TrainingError, match=r"The loss became (nan|inf) at step \d+; lower optimizer.lr"):
        run(tmp_path / "run", "optimizer=sgd", "optimizer.lr=1e30", "trainer.limit_batches=6")
    assert not RunDirectory(tmp_path / "run").finished
    assert not (tmp_path / "run" / "results.json").exists()


def test_a_command_that_is_refused_takes_nothing_from_a_training_that_was_interrupted(tmp_path):
    path = tmp_path / "run"
    (path / "checkpoints").mkdir(parents=True)
    kept = [path / "config.yaml", path / "history.csv", path / "checkpoints" / "last.ckpt"]
    for file in kept:
        file.write_text("epochs: 9\n")
    with pytest.raises(DataError, match="There is no folder 'nowhere'"):
        run(path, "data=lfw", "data.root=nowhere")
    assert [file.read_text() for file in kept] == ["epochs: 9\n"] * 3


@pytest.mark.parametrize(
    ("where", "error", "told"),
    [
        ("training_step", TrainingError, r"batch\.identities \(4\), set batch\.chunk_size \(null\)"),
        (None, ConfigurationError, r"256 images do not fit .*; lower evaluation\.batch_size"),
    ],
)
def test_a_gpu_that_is_too_small_is_told_by_what_needs_less(tmp_path, monkeypatch, where, error, told):
    def refuse(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(*((FaceTrainingModule, where) if where else (FaceNetwork, "embed_all")), refuse)
    with pytest.raises(error, match=told):
        run(tmp_path / "run")


@pytest.mark.usefixtures("without_figures")
@pytest.mark.parametrize("rule", ["shuffled", "identities"])
@pytest.mark.parametrize("loss", ["angular", "contrastive", "cosine_triplet"])
def test_losses_train_with_either_sampler(tmp_path, rule, loss):
    outcome, _ = run(tmp_path / "run", f"loss={loss}", f"sampler={rule}")
    assert outcome.trained.test.scalars


@pytest.mark.usefixtures("without_figures")
def test_batches_in_which_there_is_nothing_to_compare_are_told_once(tmp_path):
    _, text = run(tmp_path / "run", "loss=triplet", "sampler=shuffled", "batch.identities=1", "epochs=2")
    assert text.count("held anything to compare for loss=triplet") == 1


COLLAPSING = (
    "loss=triplet",
    "loss.mining=hard",
    "neck=linear",
    "scheduler=constant",
    "optimizer.lr=0.05",
    "trainer.limit_batches=null",
)


@pytest.mark.usefixtures("without_figures")
def test_a_collapse_is_told_once_and_recorded(tmp_path):
    _, text = run(tmp_path / "run", *COLLAPSING, "epochs=20")
    assert text.count("The embedding has collapsed") == 1
    assert "triplet_robust" in text
    found = json.loads((tmp_path / "run" / "metrics.json").read_text())["train/collapsed"]
    assert found["value"] == 1
    assert found["note"].startswith(f"began at step {found['counts']['first_step']}")


def test_a_healthy_training_has_not_collapsed(finished):
    path, _, text = finished
    assert "collapsed" not in text
    assert json.loads((path / "metrics.json").read_text())["train/collapsed"]["value"] == 0


@pytest.mark.usefixtures("without_figures")
def test_a_batch_in_chunks_trains_to_the_same_network(tmp_path):
    # Batch normalisation would see other batches; everything else is the same gradient.
    wholes = []
    for name, chunk_size in (("whole", "null"), ("chunks", "3")):
        config = composed(
            "trainer=smoke", "logger=none", "backbone=timm", "backbone.name=test_convnext", "neck=linear",
            "augmentation=none", f"batch.chunk_size={chunk_size}", "optimizer.lr=1e-3",
        )  # fmt: skip
        outcome = train(config, tmp_path / name, console=Console(file=StringIO()))
        wholes.append(outcome.trained.embeddings.vectors)
    torch.testing.assert_close(*wholes, rtol=1e-3, atol=1e-4)


@pytest.mark.usefixtures("without_figures")
@pytest.mark.parametrize("experiment", options("experiment"))
def test_every_experiment_can_be_rehearsed(tmp_path, experiment):
    data = composed(f"experiment={experiment}").choices.data
    if data == "lfw" and not (os.environ.get(VARIABLE) and (Path(os.environ[VARIABLE]) / data).is_dir()):
        pytest.skip(f"{VARIABLE} names no folder with {data}/")
    outcome, _ = run(tmp_path / "run", f"experiment={experiment}")
    assert outcome.trained.test.scalars
    assert read_run(tmp_path / "run").scalars, "the configuration is the one that run.json is of"
    text = (tmp_path / "run" / "config.yaml").read_text()
    assert "images: null" not in text, "which images of LFW were found is known"


def test_a_batch_that_the_data_can_not_fill_is_refused_before_training(tmp_path):
    with pytest.raises(DataError, match=r"batch of 64 identities .* training set of 16; lower batch.identities"):
        run(tmp_path / "run", "batch.identities=64")
